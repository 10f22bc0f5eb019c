"""A file of pages while it is pulled: private, and continued when a pull was cut off.

It holds what the finished file will hold: a line that says what was asked, and after it a page
to a line. A pull that ends early leaves it; the next one for the same days and questions drops
what isn't whole at its end and goes on from the last page's cursor. After a day it is begun
anew, since cursors grow stale and buckets move on.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from apportion.errors import UsageError

STALE = 24 * 3600
"""Seconds after which a part is begun anew."""


@dataclass
class Reached:
    """How far a part is: the questions that are answered, and the cursor within the next."""

    answered: int = 0
    begun: bool = False
    cursor: str | None = None
    size: int = 0
    pages: int = 0


class Part:
    """An open part; `heads` are the lines before the pages of each question."""

    def __init__(self, file: IO[bytes], path: Path, heads: Sequence[str]) -> None:
        self._file, self._path, self._heads = file, path, heads
        self.reached = Reached() if _is_stale(path) else self._look()
        self.resumed = self.reached.pages > 0
        self._cut(self.reached.size)

    def begin_anew(self) -> None:
        """Drop all that was reached."""
        self.reached, self.resumed = Reached(), False
        self._cut(0)

    def add(self, line: str) -> None:
        """Write a whole line: a head, or a page."""
        self._file.write(line.encode() + b"\n")
        self._file.flush()

    def digest(self) -> str:
        self._file.flush()
        return content(self._path)

    def finish(self, target: Path) -> None:
        """Put the part in its place, whole or not at all."""
        self._file.flush()
        os.fsync(self._file.fileno())
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._path.replace(target)
        except OSError:  # another disk
            hidden = target.with_name(f".{target.name}.part")
            shutil.copyfile(self._path, hidden)
            with hidden.open("rb+") as copied:
                os.fsync(copied.fileno())
            hidden.replace(target)
            self._path.unlink()

    def drop(self) -> None:
        """Remove the part: it says what is there already."""
        self._path.unlink()

    def _cut(self, size: int) -> None:
        self._file.truncate(size)
        self._file.seek(size)

    def _look(self) -> Reached:
        """What is whole; nothing where other questions were asked."""
        reached, more = Reached(), False
        self._file.seek(0)
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            text = line[:-1].decode(errors="replace")
            if not more and not reached.begun:
                if reached.answered >= len(self._heads) or text != self._heads[reached.answered]:
                    return Reached()
                reached.begun, reached.cursor, more = True, None, True
            else:
                page = _page(text)
                if page is None:
                    break
                reached.pages += 1
                more = page.get("has_more") is True
                reached.cursor = page.get("next_page") if more else None
                if not more:
                    reached.answered, reached.begun = reached.answered + 1, False
            reached.size += len(line)
        return reached


def _page(text: str) -> dict[str, Any] | None:
    try:
        page = json.loads(text)
    except ValueError:
        return None
    return page if isinstance(page, dict) else None


def _is_stale(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > STALE


def sweep_parts(folder: Path) -> None:
    """Remove parts that nobody will go on with."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_file() and _is_stale(path):
            path.unlink(missing_ok=True)


def content(path: Path) -> str:
    """The sha256 of a file."""
    with path.open("rb") as read:
        return hashlib.file_digest(read, "sha256").hexdigest()


@contextmanager
def open_part(path: Path, heads: Sequence[str]) -> Iterator[Part]:
    """Open a part for one pull alone; raises UsageError where another is at it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        _lock(file)
        yield Part(file, path, heads)


def _lock(file: IO[bytes]) -> None:
    try:
        import fcntl
    except ImportError:  # a system without it: don't pull a source twice at once
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise UsageError(
            "another pull of this source is running", hint="wait until it has ended"
        ) from None
