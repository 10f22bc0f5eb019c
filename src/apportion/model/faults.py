"""Faults of the configuration, collected while reading goes on and raised together."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Protocol

from apportion.errors import ConfigurationError, Place


class Placed(Protocol):
    """Whatever knows where it stands."""

    @property
    def place(self) -> Place: ...


class Faults:
    """A list of faults; reading goes on after each, so that one pass shows them all."""

    def __init__(self) -> None:
        self.found: list[ConfigurationError] = []

    def add(self, at: Placed | Place, what: str, *, why: str = "", hint: str = "") -> None:
        place = at if isinstance(at, Place) else at.place
        self.found.append(ConfigurationError(what, place=place, why=why, hint=hint))

    def raise_all(self) -> None:
        """Raise the faults as one, in the order of their places; none, and nothing happens."""
        if not self.found:
            return
        first, *others = sorted(self.found, key=_where)
        first.others = tuple(others)
        raise first


def _where(fault: ConfigurationError) -> tuple[str, int, int]:
    place = fault.place
    return (place.file, place.line or 0, place.column or 0) if place else ("", 0, 0)


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word that a misspelt one most likely means, or None.

    >>> nearest("servicename", ["ServiceName", "RegionId"]), nearest("xyz", ["team"])
    ('ServiceName', None)
    """
    folded = {name.casefold().replace("-", "_"): name for name in known}
    close = get_close_matches(word.casefold().replace("-", "_"), folded, n=1, cutoff=cutoff)
    return folded[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """The remedy for an unknown word: the nearest known one, else all of them if they are few."""
    names = sorted(set(known))
    if close := nearest(word, names):
        return f"did you mean {close!r}?"
    if names and len(names) <= 12:
        return f"known: {', '.join(names)}"
    return otherwise
