"""The same content twice: once in a source; it counts once in a source, and in each of two."""

from __future__ import annotations

from apportion.domain.finding import Finding, Level
from apportion.errors import Place


def duplicate(name: str, first: str) -> Finding:
    """A file that is another one of its source, to the byte."""
    return Finding(
        "duplicate-file",
        Level.WARNING,
        f"the same content as {first}, to the byte: it counts once",
        Place(name),
        hint="remove one of the two",
    )


def counted_twice(name: str, source: str, other: str) -> Finding:
    """A file that another source counts too."""
    return Finding(
        "duplicate-in-sources",
        Level.WARNING,
        f"the same content, to the byte, as {other} of source {source}: it counts in both",
        Place(name),
        hint="take the file out of one of the two sources",
    )
