"""Which files a source consists of: a file, a folder, or a glob."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from apportion.errors import Place, SourceError
from apportion.model.project import SourceSpec

TEXTS = (".csv", ".jsonl", ".ndjson", ".json")
SUFFIXES = (*TEXTS, *(f"{text}.gz" for text in TEXTS), ".parquet", ".xlsx", ".xlsm", ".zip")
"""What is taken from a folder. A file that is named, or matched by a glob, may have any name."""

MANIFEST = "manifest"
"""A JSON file of a folder whose name has this in it lists a delivery, and is no part of it."""


@dataclass(frozen=True, order=True)
class InputFile:
    """A file of a bill. `name` is how people know it: within the project, relative to it.

    What is known of it beside its content: `cost`, which cost it carries where
    the files of a source differ in that; `rows`, how many it must have.
    """

    name: str
    path: Path
    cost: str = ""
    rows: int | None = None


def find_files(spec: SourceSpec, root: Path) -> tuple[InputFile, ...]:
    """The files of a source in the order of their names; folders are searched at any depth.

    Raises SourceError when there are none.
    """
    found = sorted({named(path, root) for path in files_at(root, spec.path)})
    if not found:
        raise SourceError(
            f"source {spec.name!r}: no file matches {spec.path!r}",
            place=spec.place,
            why=f"looked in {root}; from a folder, files ending in {', '.join(SUFFIXES)} are taken",
            hint="correct `path`, or put the bill there",
        )
    return tuple(found)


def matches(root: Path, path: str) -> Iterator[Path]:
    """The files and folders that a source's `path` names, or matches as a glob."""
    whole = root / path
    if whole.exists():
        yield whole
        return
    for match in glob.glob(str(Path(glob.escape(str(root))) / path), recursive=True):  # noqa: PTH207
        yield Path(match)


def files_at(root: Path, path: str) -> Iterator[Path]:
    """The files that a source's `path` stands for, in no order; some may come twice."""
    for match in matches(root, path):
        yield from _inside(match)


def _inside(path: Path) -> Iterator[Path]:
    _refuse_dead_end(path)
    if path.is_file():
        yield path
    elif path.is_dir():
        for inner in path.rglob("*"):
            if _is_bill(inner.name.lower()):
                _refuse_dead_end(inner)
            if inner.is_file() and _is_bill(inner.name.lower()):
                yield inner


def _refuse_dead_end(path: Path) -> None:
    """A link that leads nowhere stands for a bill that would be missed without a word."""
    if path.is_symlink() and not path.exists():
        raise SourceError(
            "a link that leads nowhere",
            place=Place(str(path)),
            why=f"it points to {path.readlink()}, which isn't there",
            hint="put the bill there, or remove the link; nothing of this source was loaded",
        )


def _is_bill(name: str) -> bool:
    return name.endswith(SUFFIXES) and not (".json" in name and MANIFEST in name)


def named(path: Path, root: Path) -> InputFile:
    """A file by the name that people know it by."""
    try:
        return InputFile(path.relative_to(root).as_posix(), path)
    except ValueError:
        return InputFile(path.as_posix(), path)
