"""From the text of a YAML scalar to an exact value: days, months, numbers, whole numbers."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from apportion.domain.money import AmountFault, parse_amount
from apportion.domain.period import Period
from apportion.errors import UsageError
from apportion.model import marked_yaml as y
from apportion.model.dated import ALWAYS, Validity

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_RATIO = re.compile(r"(\d{1,15})/(\d{1,15})", re.ASCII)


@lru_cache(maxsize=4096)
def as_day(text: str) -> date:
    """A day, ``2026-10-15``; raises ValueError."""
    if not _DAY.fullmatch(text):
        raise ValueError("a day is written YYYY-MM-DD")
    _check_year(int(text[:4]))
    return date.fromisoformat(text)


def as_month(text: str) -> Period:
    """A month, ``2026-10``; raises ValueError."""
    try:
        month = Period.parse(text)
    except UsageError as fault:
        raise ValueError(fault.hint) from fault
    _check_year(month.year)
    return month


def _check_year(year: int) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(f"the year {year} lies outside {_FIRST_YEAR} to {_LAST_YEAR}")


def as_amount(text: str) -> Decimal:
    """Money, exactly as written; raises ValueError."""
    return parse_amount(text)


def as_quantity(text: str) -> Decimal:
    """An amount that isn't negative; raises ValueError."""
    value = parse_amount(text)
    if value < 0:
        raise AmountFault("it can't be negative")
    return value


def as_part(text: str) -> Fraction:
    """A part of a whole, as a decimal, a ratio or a percentage figure; raises ValueError.

    >>> as_part("33.3"), as_part("1/3")
    (Fraction(333, 10), Fraction(1, 3))
    """
    if ratio := _RATIO.fullmatch(text):
        if int(ratio[2]) == 0:
            raise ValueError("it divides by zero")
        return Fraction(int(ratio[1]), int(ratio[2]))
    return Fraction(as_quantity(text.removesuffix("%").rstrip()))


def as_limit(text: str) -> tuple[Fraction, bool]:
    """An amount, or a percentage of a whole, and which of the two it is; raises ValueError.

    >>> as_limit("20000"), as_limit("30%")
    ((Fraction(20000, 1), False), (Fraction(30, 1), True))
    """
    bare = text.removesuffix("%").rstrip()
    return Fraction(as_quantity(bare)), bare != text


def as_whole(text: str) -> int:
    """A whole number from 0; raises ValueError."""
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise ValueError("a whole number has digits only, up to nine")
    return int(text)


def as_flag(text: str) -> bool:
    """True or false; raises ValueError."""
    if text not in {"true", "false"}:
        raise ValueError("write true or false")
    return text == "true"


def as_tag(text: str) -> str:
    """The key of a tag, however odd; raises ValueError where it is empty."""
    if not text.strip():
        raise ValueError("a tag has a key")
    return text


def as_x_column(text: str) -> str:
    """The name of a column outside FOCUS; raises ValueError."""
    if not text.startswith("x_") or not text.isprintable():
        raise ValueError("columns outside FOCUS begin with x_")
    return text


def text_of(node: y.Mapping, key: str) -> str:
    """The text of a key whose shape has been checked, or an empty text where the key is absent."""
    found = node.entries.get(key)
    return found.text if type(found) is y.Scalar else ""


def texts_of(node: y.Node | None) -> tuple[str, ...]:
    """One text or a list of them, as a tuple."""
    if node is None:
        return ()
    if isinstance(node, y.Scalar):
        return (node.text,)
    items = node.items if isinstance(node, y.Sequence) else ()
    return tuple(item.text for item in items if isinstance(item, y.Scalar))


def scalars_of(node: y.Node | None) -> tuple[y.Scalar, ...]:
    """One scalar or a list of them, as nodes with their places."""
    if isinstance(node, y.Scalar):
        return (node,)
    items = node.items if isinstance(node, y.Sequence) else ()
    return tuple(item for item in items if isinstance(item, y.Scalar))


def validity_of(node: y.Mapping) -> Validity:
    """The days from `from` until `until` of a mapping whose shape has been checked.

    Raises ValueError where no day lies between them.
    """
    start, until = node.entries.get("from"), node.entries.get("until")
    if start is None and until is None:
        return ALWAYS
    valid = Validity(
        as_day(start.text) if isinstance(start, y.Scalar) else None,
        as_day(until.text) if isinstance(until, y.Scalar) else None,
    )
    if valid.start and valid.until and valid.until <= valid.start:
        raise ValueError("`until` must lie after `from` (the day of `until` is no longer part)")
    return valid
