"""How near two spellings are: the same word written otherwise, or a slip of the pen.

Similarity is difflib's ratio of matching blocks; single slips (two letters
swapped, one doubled, left out, added or changed) are found exactly, because on
short words such as team names the ratio says little.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

CUTOFF = 85
"""Similarity in percent from which longer words without a single slip count as near."""

SHORT = 3
"""Words up to this many letters are near only by letters swapped or doubled, or by one left out
within a word of four: prd is near prod, but cv isn't near csv, nor dev near rev."""

_SLIPS = {
    "otherwise": 99,
    "swapped": 95,
    "doubled": 95,
    "left out": 94,
    "added": 94,
    "changed": 93,
}
BELOW_SLIPS = 92
"""What similarity alone reaches at most: a single slip is the better explanation."""

_WORDS = {
    "otherwise": "the same word, written otherwise",
    "swapped": "two letters swapped",
    "doubled": "a letter doubled",
    "left out": "a letter left out",
    "added": "a letter too many",
    "changed": "one letter differs",
}


@dataclass(frozen=True)
class Nearness:
    """How near a word is to a known one: percent, and what sets them apart."""

    known: str
    percent: int
    why: str


@lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """A word without case, blanks and punctuation; look-alike forms become one (NFKC).

    >>> folded(" Computer-Vision "), folded("rec_sys")
    ('computervision', 'recsys')
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if c.isalnum())


@lru_cache(maxsize=262144)
def nearness(word: str, known: str) -> Nearness | None:
    """How near a word is to a known one, or None where it isn't.

    Words that differ in digits alone are different things, not slips: nlp-1 is
    not nlp-2.

    >>> nearness("NPL", "nlp").why, nearness("rec-sys", "recsys").percent
    ('two letters swapped', 99)
    >>> nearness("sec", "rec"), nearness("node-1", "node-2")
    (None, None)
    """
    one, other = folded(word), folded(known)
    if not one or not other or word == known or _differ_in_digits(one, other):
        return None
    slip = "otherwise" if one == other else _slip(one, other)
    if min(len(one), len(other)) <= SHORT and not _told_apart(slip, one, other):
        return None
    if slip:
        return Nearness(known, _SLIPS[slip], _WORDS[slip])
    percent = min(BELOW_SLIPS, _ratio(one, other))
    if percent < CUTOFF:
        return None
    return Nearness(known, percent, f"{percent} % of the letters agree")


def _told_apart(slip: str, one: str, other: str) -> bool:
    """Whether a slip makes short words near, which are often words of their own."""
    if slip in {"left out", "added"}:
        same_ends = (one[0], one[-1]) == (other[0], other[-1])
        return min(len(one), len(other)) == SHORT and same_ends
    return slip in {"otherwise", "swapped", "doubled"}


def nearest_spelling(word: str, known: Iterable[str]) -> Nearness | None:
    """The nearest of some known words; ties go to the word that comes first by its letters."""
    found = [near for name in known if (near := nearness(word, name))]
    return min(found, key=lambda near: (-near.percent, near.known), default=None)


def _ratio(one: str, other: str) -> int:
    shorter, longer = sorted((len(one), len(other)))
    if 200 * shorter < CUTOFF * (shorter + longer):  # the ratio can't reach the cutoff
        return 0
    letters = len(_letters(one) & _letters(other))
    if 4 * letters < 3 * max(len(_letters(one)), len(_letters(other))):
        return 0
    # The ratio depends on the order of the two texts, so the order is fixed.
    first, second = sorted((one, other))
    return int(SequenceMatcher(None, first, second, autojunk=False).ratio() * 100)


@lru_cache(maxsize=65536)
def _letters(word: str) -> frozenset[str]:
    return frozenset(word)


@lru_cache(maxsize=65536)
def _bare(word: str) -> str:
    return re.sub(r"\d+", "", word)


def _differ_in_digits(one: str, other: str) -> bool:
    return one != other and _bare(one) == _bare(other)


def _slip(one: str, other: str) -> str:
    """The single slip that turns `other` into `one`, or an empty text."""
    if abs(len(one) - len(other)) > 1:
        return ""
    pairs = enumerate(zip(one, other, strict=False))
    start = next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
    if len(one) == len(other):
        if one[start + 1 :] == other[start + 1 :]:
            return "changed"
        swapped = other[:start] + other[start : start + 2][::-1] + other[start + 2 :]
        return "swapped" if one == swapped else ""
    if len(one) > len(other):
        if one[:start] + one[start + 1 :] != other:
            return ""
        # The first difference lies behind a doubled letter, never before it.
        return "doubled" if start and one[start - 1] == one[start] else "added"
    return "left out" if other[:start] + other[start + 1 :] == one else ""
