"""A source's files at hand: local ones as they lie, remote ones in a folder like the store's.

For an address, the objects that it chooses are listed and laid out under their
own paths in a folder that lives as long as the load. At first only the files
that formats open to find others (manifests) have their content; all others are
as long as they should be, and empty of sense. The format then looks there for
its files, and only those that it finds are fetched.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from uuid import uuid4

from apportion.errors import Place, SourceError
from apportion.model.address import is_remote, split_address
from apportion.model.project import SourceSpec
from apportion.sources.files import InputFile
from apportion.sources.formats import Format
from apportion.sources.remote.choice import Choice
from apportion.sources.remote.kept import Kept
from apportion.sources.remote.store import Object, Store, open_store

FOLDER = ".apportion/fetched"
AT_ONCE = 8

Tell = Callable[[str, int, int], None]
"""Told of each object that is fetched: its URL, its number, and of how many."""


@dataclass(frozen=True)
class AtHand:
    """The files of a source on this machine; `fetched` of them were fetched now."""

    files: tuple[InputFile, ...]
    fetched: int = 0


@contextmanager
def at_hand(format_: Format, spec: SourceSpec, root: Path, tell: Tell) -> Iterator[AtHand]:
    """Find a source's files, fetch what has changed, and keep them at hand for the block.

    Files from a store are named by their URLs. Raises SourceError where there
    are none, where the store can't be read, and for an object that changes
    while it is fetched.
    """
    if not is_remote(spec.path):
        yield AtHand(format_.find(spec, root))
        return
    scheme, rest = split_address(spec.path)
    kept = Kept(root / FOLDER)
    store = open_store(scheme, spec.endpoint)
    with kept.private() as folder:
        mirror = _Mirror(store, kept, folder, _chosen(store, Choice.of(rest), spec), tell)
        mirror.lay_out()
        mirror.fetch(path for path in mirror.objects if path.lower().endswith(format_.opens))
        with _addressed(store, mirror.root, spec):
            found = format_.find(replace(spec, path=rest.rstrip("/")), mirror.root)
        mirror.fetch(file.path.relative_to(mirror.root).as_posix() for file in found)
        files = tuple(replace(file, name=store.url(file.name)) for file in found)
        yield AtHand(files, mirror.fetched)


def _chosen(store: Store, choice: Choice, spec: SourceSpec) -> dict[str, Object]:
    below = f"{choice.bucket}/{choice.prefix}".rstrip("/")
    start = len(choice.bucket) + 1
    found = {o.path: o for o in store.below(below) if choice.has(o.path[start:])}
    if not found:
        raise SourceError(
            f"source {spec.name!r}: no object matches {spec.path!r}",
            place=spec.place,
            why=f"nothing of that name was listed in {store.url(choice.bucket)}",
            hint="correct `path`; a prefix is a whole folder, or ends in *",
        )
    return found


@dataclass
class _Mirror:
    """A folder with the paths of a store's objects, filled as they are fetched."""

    store: Store
    kept: Kept
    folder: Path
    objects: dict[str, Object]
    tell: Tell
    fetched: int = 0
    there: set[str] = field(default_factory=set)

    @property
    def root(self) -> Path:
        return self.folder / "mirror"

    def lay_out(self) -> None:
        """A file for each object, of its size, without its content."""
        for path, found in self.objects.items():
            try:
                place = self._place(path)
                place.parent.mkdir(parents=True, exist_ok=True)
                with place.open("xb") as made:
                    made.truncate(found.size)
            except (OSError, ValueError) as fault:
                raise SourceError(
                    "the object's key can't be a path of this machine",
                    place=Place(self.store.url(path)),
                    why="it holds .. or an empty part, or is a folder of another object",
                    hint="choose the bill's objects by a longer prefix or a glob",
                ) from fault

    def fetch(self, paths: Iterable[str]) -> None:
        """Fill files with their content, several at once; unchanged objects aren't fetched."""
        wanted = sorted({*paths} - self.there)
        missing = [path for path in wanted if not self._take_kept(path)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for number, path in enumerate(pool.map(self._fetch, missing), start=1):
                self.tell(self.store.url(path), number, len(missing))
        self.fetched += len(missing)
        self.there.update(wanted)

    def _take_kept(self, path: str) -> bool:
        content = self.kept.find(self.store.url(path), self.objects[path])
        if content:
            self._link(content, path)
        return content is not None

    def _fetch(self, path: str) -> str:
        url, listed = self.store.url(path), self.objects[path]
        target = self.folder / uuid4().hex
        self.store.fetch(path, target)
        if self.store.now(path) != listed:
            raise SourceError(
                "the object changed while it was fetched",
                place=Place(url),
                why="something is still writing it",
                hint="load again when the export is complete; nothing of this source was loaded",
            )
        if (size := target.stat().st_size) != listed.size:
            raise SourceError(
                f"{size:,} bytes came of {listed.size:,}",
                place=Place(url),
                why="the connection may have ended early",
                hint="load again; nothing of this source was loaded",
            )
        self._link(self.kept.keep(url, listed, target), path)
        return path

    def _link(self, content: Path, path: str) -> None:
        """Put a content in a file's place. It stays there, should its name in the store go."""
        place = self._place(path)
        place.unlink()
        try:
            os.link(content, place)
        except OSError:  # a disk without links
            shutil.copyfile(content, place)

    def _place(self, path: str) -> Path:
        parts = path.split("/")
        if not all(part.strip(".") for part in parts) or "\\" in path:
            raise ValueError(path)
        return self.root / PurePosixPath(*parts)


@contextmanager
def _addressed(store: Store, mirror: Path, spec: SourceSpec) -> Iterator[None]:
    """What a format says of the mirror, told of the store."""
    try:
        yield
    except SourceError as fault:
        place = fault.place
        if place and place != spec.place:
            place = replace(place, file=store.url(place.file))
        why = fault.why.replace(f"{mirror}/", store.url("")).replace(str(mirror), store.url(""))
        raise SourceError(fault.what, place=place, why=why, hint=fault.hint) from fault
