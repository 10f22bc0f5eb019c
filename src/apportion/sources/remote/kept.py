"""Objects that were fetched, kept by content, so that an unchanged one isn't fetched again.

    content/ab/abcd…          the bytes of an object, named by their sha256
    objects/1234….json        which version of an object has which content

A file appears under its name only when it is whole and on disk. The folder can
be deleted at any time: what is missing is fetched again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

from apportion.sources.remote.store import Object


class Kept:
    """What was fetched into one folder, object by object."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def private(self) -> Iterator[Path]:
        """A folder for one load, on the same disk; it goes away with what is left in it."""
        folder = self.folder / "private" / uuid4().hex
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def find(self, url: str, found: Object) -> Path | None:
        """The content of this very version of an object, if it was fetched before."""
        known = self._record(url)
        if known is None or {**known, "sha256": ""} != _describe(url, found, ""):
            return None
        content = self._content(known["sha256"])
        whole = content.is_file() and content.stat().st_size == found.size
        return content if whole and found.version else None

    def keep(self, url: str, found: Object, fetched: Path) -> Path:
        """Keep a whole content, then note whose it is; what the object was before is let go.

        Should another object have had that former content too, it is fetched anew.
        """
        with fetched.open("r+b") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
            os.fsync(written.fileno())
        content = self._content(digest)
        content.parent.mkdir(parents=True, exist_ok=True)
        fetched.replace(content)
        former = self._record(url)
        self._note(url, _describe(url, found, digest))
        if former and former["sha256"] != digest:
            with suppress(OSError):
                self._content(former["sha256"]).unlink()
        return content

    def _content(self, digest: str) -> Path:
        return self.folder / "content" / digest[:2] / digest

    def _place(self, url: str) -> Path:
        return self.folder / "objects" / f"{hashlib.sha256(url.encode()).hexdigest()}.json"

    def _record(self, url: str) -> dict[str, str] | None:
        try:
            known = json.loads(self._place(url).read_text(encoding="utf-8"))
        except (OSError, ValueError):  # none yet, or a disk's fault: then it is fetched
            return None
        return known if isinstance(known, dict) and isinstance(known.get("sha256"), str) else None

    def _note(self, url: str, record: dict[str, object]) -> None:
        place = self._place(url)
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_suffix(f".{uuid4().hex}")
        draft.write_text(json.dumps(record), encoding="utf-8")
        draft.replace(place)


def _describe(url: str, found: Object, digest: str) -> dict[str, object]:
    return {**asdict(found), "path": url, "sha256": digest}
