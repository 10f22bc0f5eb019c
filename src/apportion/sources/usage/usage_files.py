"""Which files a source of usage consists of: a file, a folder, or a glob."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from apportion.errors import ConfigurationError, SourceError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile, matches, named
from apportion.sources.usage.usage_format import UsageFormat


def bring_usage(
    format_: UsageFormat, spec: UsageSpec, root: Path, folder: Path
) -> tuple[InputFile, ...]:
    """The files of a source; where its path is an address, what lies there, copied into `folder`.

    Raises ConfigurationError for an address of a format that has none, and as the two ways do.
    """
    if not _is_address(spec.path):
        return find_usage(spec, root)
    if format_.gather is None:
        raise ConfigurationError(
            f"usage {spec.name!r}: the format {spec.format} reads files only",
            place=spec.place,
            hint="export it to a file, and give the file's path",
        )
    return format_.gather(spec, folder)


def _is_address(path: str) -> bool:
    return path.startswith("env:") or "://" in path


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
