"""Tags as bills write them, into one canonical text: equal tags are equal texts, in any order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import pyarrow as pa

NO_TAGS = "{}"

_UNSAFE = re.compile("[\x00-\x07\x0b\x0e-\x1f\ud800-\udfff]")
_LONGEST_NUMBER = 200
_REMEMBERED = 200_000


class Remark(StrEnum):
    """What is odd about a text of tags; the row loads all the same."""

    UNREADABLE = "tags-unreadable"
    BRACELESS = "tags-braceless"
    DOUBLE = "tags-double"
    CLEANED = "tags-cleaned"


@dataclass(frozen=True)
class Canonical:
    """Tags in canonical form, with what was odd about them."""

    text: str
    remarks: frozenset[Remark] = frozenset()


def canonical_tags(text: str | None, *, null_is_absent: bool = False) -> Canonical:
    """A JSON object with sorted keys, no blanks, and texts for values; ``{}`` when there are none.

    ``true`` becomes "true", ``null`` becomes "" (a tag without a value), a
    number keeps its spelling, what is nested becomes its JSON text. Of a key
    that comes twice the last value counts. A list of key and value objects is
    read as tags too. `null_is_absent` is for records with one field for each
    tag, where null means that the tag isn't there.

    >>> canonical_tags('{"b": true, "a": null}').text
    '{"a":"","b":"true"}'
    >>> sorted(canonical_tags('"team":"nlp"').remarks)
    [<Remark.BRACELESS: 'tags-braceless'>]
    """
    if text is None or not text.strip() or text == NO_TAGS:
        return Canonical(NO_TAGS)
    try:
        return _plain(text) or _canonical(_pairs(_DECODER.decode(text)), null_is_absent)
    except (ValueError, KeyError, RecursionError):
        braceless = text.lstrip().startswith('"')
        return Canonical(NO_TAGS, frozenset({Remark.BRACELESS if braceless else Remark.UNREADABLE}))


def _plain(text: str) -> Canonical | None:
    """Nearly all tags: a flat object of texts without escapes. A bill may have a million sets.

    With four quotes to a tag nothing is nested and no key comes twice, and
    without escapes there is nothing to clean.
    """
    if "\\" in text:
        return None
    read = _PLAIN_DECODER.decode(text)
    if type(read) is not dict or text.count('"') != 4 * len(read):
        return None
    if not all(type(value) is str for value in read.values()):
        return None
    pairs = [f'"{key}":"{read[key]}"' for key in sorted(read)]
    return Canonical("{" + ",".join(pairs) + "}")


def _canonical(pairs: Iterable[tuple[str, Any]], null_is_absent: bool) -> Canonical:
    remarks: set[Remark] = set()
    given: dict[str, Any] = {}
    for key, value in pairs:
        if value is None and null_is_absent:
            continue
        if key in given:
            remarks.add(Remark.DOUBLE)
        given[key] = value
    tags: dict[str, str] = {}
    for key in sorted(given):  # keys that are one only when cleaned are one in any order
        clean = _clean(key, remarks)
        if clean in tags:
            remarks.add(Remark.DOUBLE)
        tags[clean] = _clean(_as_text(given[key]), remarks)
    return Canonical(_compact(dict(sorted(tags.items()))), frozenset(remarks))


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as its pairs in order, so that a key that comes twice is seen."""


class _Number(str):
    """A number by its spelling."""

    __slots__ = ()


_SPELT: dict[str, Any] = {"parse_int": _Number, "parse_float": _Number, "parse_constant": _Number}
_PLAIN_DECODER = json.JSONDecoder(**_SPELT)
_DECODER = json.JSONDecoder(object_pairs_hook=_Pairs, **_SPELT)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _pairs(read: object) -> Iterable[tuple[str, Any]]:
    if isinstance(read, _Pairs):
        return read
    if isinstance(read, list) and all(isinstance(part, _Pairs) for part in read):
        return [_key_and_value(dict(part)) for part in read]
    raise ValueError("tags are neither an object nor a list of keys and values")


def _key_and_value(part: dict[str, Any]) -> tuple[str, Any]:
    named = {name.lower(): value for name, value in part.items()}
    return str(named["key"]), named.get("value")


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    return _compact(_unwrapped(value))


def _unwrapped(value: object) -> object:
    if isinstance(value, _Pairs):
        return {key: _unwrapped(inner) for key, inner in value}
    if isinstance(value, list):
        return [_unwrapped(inner) for inner in value]
    if isinstance(value, _Number):
        return _number(value)
    return value


def _number(spelling: str) -> object:
    """The number itself, so that it stands in JSON without quotes; a monster stays a text."""
    if len(spelling) > _LONGEST_NUMBER or not re.fullmatch(r"-?\d+(\.\d+)?", spelling):
        return str(spelling)
    return float(spelling) if "." in spelling else int(spelling)


def _compact(value: object) -> str:
    return _ENCODER.encode(value)


def _clean(text: str, remarks: set[Remark]) -> str:
    """Without control characters and half surrogates, which not every store can hold."""
    if text.isprintable():
        return text
    clean = _UNSAFE.sub("\ufffd", text)
    if clean != text:
        remarks.add(Remark.CLEANED)
    return clean


class TagReader:
    """Reads columns of distinct tag texts, and remembers those that are odd in some way.

    `null_is_absent` as in :func:`canonical_tags`. One that is asked for the tags
    of every row, not of distinct texts, should `remember` them.
    """

    def __init__(self, *, null_is_absent: bool = False, remember: bool = False) -> None:
        self.odd: dict[str, frozenset[Remark]] = {}
        self._null_is_absent = null_is_absent
        self._read = lru_cache(_REMEMBERED)(self._canonical) if remember else self._canonical

    def read(self, texts: pa.Array | pa.ChunkedArray) -> pa.Array:
        """Canonical texts for texts."""
        return pa.array([self._read(text) for text in texts.to_pylist()], pa.string())

    def _canonical(self, text: str) -> str:
        found = canonical_tags(text, null_is_absent=self._null_is_absent)
        if found.remarks:
            self.odd[text] = found.remarks
        return found.text
