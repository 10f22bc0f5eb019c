"""How values lie in the books: exact texts for amounts, any text as it is, instants in UTC.

No amount ever passes through a float, on either database: a `Fraction` lies as
``n/d``, a `Decimal` as plain digits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from sqlalchemy import DateTime, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from apportion.domain.period import Period

T = TypeVar("T")

_MARK = "\ue000"
_ODD = re.compile("[\x00\ud800-\udfff\ue000]")
_MARKED = re.compile("\ue000(.)", re.DOTALL)
_SHIFT = 0xD800 - 0xE100
_SPECIAL = {"\x00": "\ue001", _MARK: "\ue002"}
_MEANT = {mark: odd for odd, mark in _SPECIAL.items()}


def storable(text: str) -> str:
    r"""A text with what databases can't hold written another way: NUL, and half surrogates.

    Both occur in bills and in names of files. All other texts stay as they are.

    >>> storable("a\x00b") == "a\ue000\ue001b", restored(storable("a\x00b")) == "a\x00b"
    (True, True)
    """
    if text.isascii() and "\x00" not in text:
        return text
    return _ODD.sub(lambda odd: _MARK + (_SPECIAL.get(odd[0]) or chr(ord(odd[0]) - _SHIFT)), text)


def restored(text: str) -> str:
    """The text that was made storable."""
    if _MARK not in text:
        return text
    return _MARKED.sub(lambda odd: _MEANT.get(odd[1]) or chr(ord(odd[1]) + _SHIFT), text)


Reader = Callable[[str | None], T | None]
"""A function that reads one value. Two types hand over theirs directly, without SQLAlchemy's
dispatch in between, because the lines of a large run have a quarter of a million values."""


def _read_text(value: str | None) -> str | None:
    return None if value is None else restored(value)


@lru_cache(maxsize=1 << 14)
def _read_rational(value: str | None) -> Fraction | None:
    """Cached, as the four costs of a line are often one and the same, and many are zero."""
    if value is None:
        return None
    above, _, below = value.partition("/")
    return Fraction(int(above), int(below)) if below else Fraction(int(above))


class AnyText(TypeDecorator[str]):
    """Any text that Python can hold, read back as it was."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Reader[str]:
        return _read_text


class Rational(TypeDecorator[Fraction]):
    """An exact rational as ``n/d``, or ``n`` where d is 1."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Fraction | None, dialect: Dialect) -> str | None:
        return None if value is None else str(Fraction(value))

    def result_processor(self, dialect: Dialect, coltype: object) -> Reader[Fraction]:
        return _read_rational


class Plain(TypeDecorator[Decimal]):
    """An exact decimal in plain digits, with the places that it came with."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not value.is_finite():
            raise ValueError(f"{value} is no amount")
        return format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Instant(TypeDecorator[datetime]):
    """A moment, held and read back in UTC; a time without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Month(TypeDecorator[Period]):
    """A billing period as ``YYYY-MM``."""

    impl = String(7)
    cache_ok = True

    def process_bind_param(self, value: Period | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Period | None:
        return None if value is None else Period.parse(value)


class Json(TypeDecorator[Any]):
    """A small list or mapping of texts as JSON, its keys in their order."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(restored(value))


class Directory(Protocol):
    """People by pseudonym and by name, within a transaction (see `store.books.people`)."""

    def id_of(self, name: str) -> str: ...
    def name_of(self, pseudonym: str) -> str: ...
    def without_names(self, text: str) -> str: ...
    def with_names(self, text: str) -> str: ...


PEOPLE: ContextVar[Directory | None] = ContextVar("people", default=None)
"""The directory of the transaction that is under way; without one, pseudonyms are seen."""


class Person(TypeDecorator[str]):
    """Somebody's name outside, their pseudonym in the books, so that the name can go for good."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        people = PEOPLE.get()
        if value is None or not value:
            return value
        return people.id_of(value) if people else storable(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        people = PEOPLE.get()
        if value is None:
            return None
        return people.name_of(restored(value)) if people else restored(value)


class Persons(TypeDecorator[list[str]]):
    """Several people's names outside, a JSON list of pseudonyms in the books."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str | None:
        people = PEOPLE.get()
        names = value or []
        listed = [people.id_of(name) for name in names] if people else names
        return storable(json.dumps(listed, ensure_ascii=False, separators=(",", ":")))

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[str] | None:
        people = PEOPLE.get()
        listed = json.loads(restored(value)) if value is not None else []
        return [people.name_of(name) for name in listed] if people else listed


class Prose(TypeDecorator[str]):
    """What somebody wrote; names of known people in it lie as pseudonyms, and are read as names."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        people = PEOPLE.get()
        if value is None:
            return None
        return storable(people.without_names(value) if people else value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        people = PEOPLE.get()
        if value is None:
            return None
        return people.with_names(restored(value)) if people else restored(value)
