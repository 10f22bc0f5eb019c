"""Words of meter names: what abbreviations mean, by the dialect of a provider."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from apportion.classify.tables import rows

_LONGEST = 4
"""Words of the longest phrase in the table."""

_BLANKS = re.compile(r"[\s,|()\[\]]+")
_JOINED = re.compile(r"[A-Z]?[a-z]+|\d+[a-z]*|[A-Z]+(?![a-z])")
IGNORED = "-"

Phrases = Mapping[tuple[str, ...], tuple[str, str]]


@dataclass(frozen=True)
class Spoken:
    """A meter name, word by word: what its words say, and those that are no known words."""

    said: Mapping[str, str]
    variants: tuple[str, ...] = ()
    rest: tuple[str, ...] = field(default=())

    @property
    def token_type(self) -> str:
        """input, output, cache_read or cache_write (with its time to live); empty if not said."""
        cache, flow = self.said.get("cache"), self.said.get("flow")
        if cache == "write":
            return "_".join(filter(None, ("cache_write", self.said.get("ttl", ""))))
        if cache == "read" and flow != "output":
            return "cache_read"
        return flow or ("input" if "embedding" in self.said else "")


def read_joined(dialect: str, text: str) -> Spoken | None:
    """Words that are joined by hyphens or capitals; None where one of them isn't known.

    >>> read_joined("aws", "CacheWrite1hInputTokenCount_Global").token_type
    'cache_write_1h'
    """
    words = tuple(word.lower() for word in _JOINED.findall(text))
    found = _read(dialect, words)
    return None if found is None or found.rest else found


def read_mixed(dialect: str, text: str) -> Spoken | None:
    """Words among the name of a model, which is all that isn't known; None where they clash.

    >>> spoken = read_mixed("azure", "gpt 4.1 cached Inp glbl Tokens")
    >>> spoken.rest, spoken.token_type, spoken.said["scope"]
    (('gpt', '4.1'), 'cache_read', 'global')
    """
    words = tuple(word for word in _BLANKS.split(text) if word.strip("-:."))
    return _read(dialect, words)


def _read(dialect: str, words: Sequence[str]) -> Spoken | None:
    phrases = _phrases(dialect)
    meant = list(_meanings(phrases, words))
    said: dict[str, str] = {}
    variants: list[str] = []
    rest: list[str] = []
    for number, (written, attribute, value) in enumerate(meant):
        if attribute == "modality" and not _beside_flow(meant, number):
            attribute = ""  # noqa: PLW2901 -- a model may be called by that word
        if not attribute or attribute == "embedding":
            rest.append(written)
        if attribute == "variant":
            variants.append(value)
        elif attribute and attribute != IGNORED:
            if attribute == "cache":
                value = "write" if said.get("cache") == "write" else value  # noqa: PLW2901
            elif said.get(attribute, value) != value:
                return None
            said[attribute] = value
    if dialect == "aws" and said.get("cache") == "write":
        said.setdefault("ttl", "5m")
    return Spoken(said, tuple(variants), tuple(rest))


def _meanings(phrases: Phrases, words: Sequence[str]) -> Sequence[tuple[str, str, str]]:
    """Each word or phrase as written, with its attribute and value; the longest phrase wins."""
    found: list[tuple[str, str, str]] = []
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            phrase = tuple(word.lower() for word in words[at : at + length])
            if phrase in phrases:
                found.append((" ".join(words[at : at + length]), *phrases[phrase]))
                at += length
                break
        else:
            found.append((words[at], "", ""))
            at += 1
    return found


def _beside_flow(meant: Sequence[tuple[str, str, str]], number: int) -> bool:
    """Whether the word before or after says input, output or cached."""
    beside = meant[max(0, number - 1) : number + 2]
    return any(attribute in {"flow", "cache"} for _, attribute, _ in beside)


@cache
def _phrases(dialect: str) -> Phrases:
    return {
        tuple(row["words"].split()): (row["attribute"], row["value"])
        for row in rows("words")
        if row["dialect"] in {"any", dialect}
    }
