"""Units of bills: what is measured, and how much of it one unit is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from apportion.classify.tables import rows

COUNT = "count"
"""A unit that doesn't say what it counts: Units, count, or a bare block such as 1K."""

_BLOCK = re.compile(
    r"(?P<number>\d[\d,]*(?:\.\d+)?)?\s*(?P<word>(?<=\d)[kmb](?![a-z])|thousand|million|billion)?"
    r"[\s/-]*(?P<rest>.*)"
)
_WORDS = {"k": 1000, "thousand": 1000, "m": 10**6, "million": 10**6, "b": 10**9, "billion": 10**9}
_TOKENS = re.compile(
    r"(?<![\w.])(?P<block>1 ?[km]|1,?000,000|1,?000|thousand|million)\s+(?:\w+\s+){0,2}?tokens?\b"
)


@dataclass(frozen=True)
class Unit:
    """What is measured (hours, gb_months, tokens, …; empty if not known), and how much of it."""

    measure: str
    size: Fraction
    blocked: bool = False


@cache
def read_unit(text: str) -> Unit:
    """A unit as bills write it.

    >>> read_unit("100 Hours").size, read_unit("1K tokens").size, read_unit("GB-Mo").measure
    (Fraction(100, 1), Fraction(1000, 1), 'gb_months')
    """
    lowered = text.strip().lower().removesuffix("(s)")
    found = _BLOCK.fullmatch(lowered)
    if not found:
        return Unit("", Fraction(1))
    size = Fraction((found["number"] or "1").replace(",", "")) * _WORDS.get(found["word"] or "", 1)
    for pattern, measure, factor in _units():
        if pattern.fullmatch(found["rest"]):
            return Unit(measure, size * factor, size != 1)
    return Unit("", size, size != 1)


@cache
def tokens_said(text: str) -> Fraction | None:
    """How many tokens a description speaks of, as in *Million Input Tokens*; None if of none."""
    found = _TOKENS.search(text.lower())
    if not found:
        return None
    return (
        Fraction(1000)
        if found["block"] in {"1k", "1 k", "1,000", "1000", "thousand"}
        else (Fraction(10**6))
    )


def tokens_in(units: Iterable[str], block: str, said: str, texts: Iterable[str]) -> Fraction | None:
    """How many tokens one priced unit is; None where nothing says it.

    The unit comes first; where it counts without saying what, the block size of
    the bill, then the meter's name (`said`), then a description decides. Google
    counts single tokens as ``count`` or ``requests``, and where nothing else is
    said a block of one is one token.
    """
    names = list(units)
    for unit in map(read_unit, names):
        if unit.measure == "tokens" or (unit.measure == COUNT and unit.blocked):
            return unit.size
    if block and block != "1":
        return Fraction(block)
    if said:
        return Fraction(said)
    for text in texts:
        if (found := tokens_said(text)) is not None:
            return found
    single = any(
        name.strip().lower() in {"count", "counts", "requests", "request"} for name in names
    )
    return Fraction(1) if single or block == "1" else None


def measured(units: Iterable[str], measure: str) -> Fraction | None:
    """How much of a measure one priced unit is, by the first unit that is one of it."""
    for unit in map(read_unit, units):
        if unit.measure == measure:
            return unit.size
    return None


@cache
def _units() -> tuple[tuple[re.Pattern[str], str, Fraction], ...]:
    return tuple(
        (re.compile(row["pattern"]), row["measure"], Fraction(row["factor"]))
        for row in rows("units")
    )
