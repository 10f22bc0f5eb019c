"""Texts of a table as numbers and times, a column at once; what is none is a fault of its row.

Nearly all texts are plain (``1200``, ``0.25``, ``2026-10-01T08:00:00Z``) and are read by the
engine of Arrow, exactly. The few others are read in Python, each distinct text once. NaN, decimal
commas and thousands separators are faults: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from apportion.sources.usage.usage_texts import large_number, number, utc

_WHOLE = r"^[0-9]{1,18}$"
_PLAIN = r"^-?[0-9]{1,12}(\.[0-9]{1,12})?$"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?$"
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
_LARGEST = 2**63

MICROSECONDS = pa.timestamp("us")


@dataclass(frozen=True)
class Read:
    """A column that was read, null where there is nothing; `faults` says of rows why not."""

    values: Any
    faults: dict[int, str] = field(default_factory=dict)


def whole_numbers(texts: Any) -> Read:
    """Counts that have no parts: tokens, requests."""
    return _read(texts, _WHOLE, pa.int64(), _whole)


def decimals(texts: Any) -> Read:
    """Counts with parts, and levels: twelve places, beyond which they are rounded."""
    return _read(texts, _PLAIN, pa.decimal128(28, 12), _twelve_places)


def quantities(texts: Any) -> Read:
    """Quantities of meters of one's own: all their places."""
    return _read(texts, _PLAIN, pa.decimal128(38, 18), _all_places)


def money(texts: Any) -> Read:
    """What a source says that it cost."""
    return _read(texts, _PLAIN, pa.decimal128(38, 18), number)


def moments(texts: Any, zone: ZoneInfo | None) -> Read:
    """Times as ISO 8601 writes them, in UTC; those without a zone are of `zone`."""
    bare = texts
    if zone is None:
        stripped = pc.replace_substring_regex(texts, r"(Z|\+00:00|\+0000|\+00)$", "")
        bare = pc.if_else(pc.match_substring(texts, ":"), stripped, texts)
    plain = pc.match_substring_regex(bare, _MOMENT) if zone is None else _none_of(texts)
    return _read(bare, plain, MICROSECONDS, lambda text: _moment(text, zone), written=texts)


def days(texts: Any, zone: ZoneInfo | None) -> tuple[Read, Any]:
    """Days, or months written as 2026-10: when they begin and end in a time zone."""
    found = _each(texts, lambda text: _span(text, zone))
    begins = pa.array([None if one is None else one[0] for one in found.values], MICROSECONDS)
    ends = pa.array([None if one is None else one[1] for one in found.values], MICROSECONDS)
    return Read(begins, found.faults), ends


def _none_of(texts: Any) -> Any:
    return pa.array([False]).take(pa.array([0] * len(texts), pa.int8()))


def _read(
    texts: Any,
    plain: Any,
    kind: Any,
    odd: Callable[[str], object],
    written: Any = None,
) -> Read:
    """Cast what is plain, a pattern or a mask, and read the rest one by one."""
    mask = pc.match_substring_regex(texts, plain) if isinstance(plain, str) else plain
    try:
        values = pc.cast(pc.if_else(mask, texts, pa.scalar(None, pa.string())), kind)
    except pa.ArrowInvalid:  # of the right form, and no value all the same: the 30th of February
        mask, values = _none_of(texts), pa.nulls(len(texts), kind)
    blank = pc.equal(texts, "")
    rest = pc.indices_nonzero(pc.invert(pc.or_(mask, blank)))
    if not len(rest):
        return Read(values)
    read = _each((texts if written is None else written).take(rest), odd)
    places = rest.to_pylist()
    there = values.to_pylist()
    for place, value in zip(places, read.values, strict=True):
        there[place] = value
    faults = {places[at]: why for at, why in read.faults.items()}
    return Read(pa.array(there, kind), faults)


@dataclass(frozen=True)
class _Each:
    values: list[Any]
    faults: dict[int, str]


def _each(texts: Any, read: Callable[[str], object]) -> _Each:
    """Read texts in Python, each distinct one once; None for those that are blank or faulty."""
    coded = texts.dictionary_encode()
    known: list[object] = []
    wrong: dict[int, str] = {}
    for code, text in enumerate(coded.dictionary.to_pylist()):
        try:
            known.append(read(text) if text else None)
        except (ValueError, OverflowError) as fault:
            known.append(None)
            wrong[code] = f"{text!r}: {fault}"
    codes = coded.indices.to_pylist()
    faults = {at: wrong[code] for at, code in enumerate(codes) if code in wrong} if wrong else {}
    return _Each([known[code] for code in codes], faults)


def _whole(text: str) -> int:
    value = large_number(text)
    if value != value.to_integral_value():
        raise ValueError("must be a whole number")
    if abs(value) >= _LARGEST:
        raise ValueError("beyond all bounds")
    return int(value)


def _twelve_places(text: str) -> Decimal:
    value = large_number(text)
    if abs(value) >= Decimal(10) ** 16:
        raise ValueError("beyond all bounds")
    return value.quantize(Decimal("1E-12"), context=_WIDE)


def _all_places(text: str) -> Decimal:
    value = large_number(text)
    if abs(value) >= Decimal(10) ** 20 or value != value.quantize(Decimal("1E-18"), context=_WIDE):
        raise ValueError("more than 20 digits before the point, or 18 after it")
    return value


def _moment(text: str, zone: ZoneInfo | None) -> datetime:
    try:
        return utc(text, zone)
    except ValueError:
        raise ValueError("no time as ISO 8601 writes it") from None


def _span(text: str, zone: ZoneInfo | None) -> tuple[datetime, datetime]:
    """The first moment of a day or month, and that of the next, in UTC.

    >>> _span("2026-10", None)[1]
    datetime.datetime(2026, 11, 1, 0, 0)
    """
    first, after = _days_of(text)
    begins, ends = (datetime.combine(one, time()).isoformat() for one in (first, after))
    return utc(begins, zone), utc(ends, zone)


def _days_of(text: str) -> tuple[date, date]:
    try:
        if len(text) == len("2026-10"):
            first = date.fromisoformat(f"{text}-01")
            return first, (first + timedelta(days=31)).replace(day=1)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("no day as 2026-10-31, and no month as 2026-10") from None
    if found.time() != time() or found.tzinfo is not None:
        raise ValueError("a time, not a day")
    return found.date(), found.date() + timedelta(days=1)
