"""Which files a source of usage consists of: a file, a folder, or a glob."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from apportion.errors import SourceError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile, matches, named


def find_usage(spec: UsageSpec, root: Path) -> tuple[InputFile, ...]:
    """The files in the order of their names, which for pulled files is that of time.

    Of a folder every file counts, at any depth, but those whose name begins with a dot
    or that are still being written (`.part`). Raises SourceError when there are none.
    """
    found = sorted(
        {named(path, root) for match in matches(root, spec.path) for path in _inside(match)}
    )
    if not found:
        raise SourceError(
            f"usage {spec.name!r}: no file matches {spec.path!r}",
            place=spec.place,
            why=f"looked in {root}",
            hint="correct `path`, or put the export there",
        )
    return tuple(found)


def _inside(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for inner in path.rglob("*"):
        hidden = any(part.startswith(".") for part in inner.relative_to(path).parts)
        if inner.is_file() and not hidden and inner.suffix != ".part":
            yield inner
