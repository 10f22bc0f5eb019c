"""Open the text of a usage file, and read the plain values that such files hold."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import TextIOWrapper
from typing import Any, BinaryIO, TextIO, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apportion.domain.money import parse_amount
from apportion.errors import ConfigurationError, Place, SourceError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
_LONGEST = 60
_GZIP = b"\x1f\x8b"
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- UTC without zone, as all times of usage


@contextmanager
def open_text(file: InputFile) -> Iterator[TextIO]:
    """The text of a file, compressed by gzip or not; raises SourceError where it isn't UTF-8."""
    with open_bytes(file) as opened:
        yield TextIOWrapper(opened, encoding="utf-8-sig", newline="")


@contextmanager
def open_bytes(file: InputFile) -> Iterator[BinaryIO]:
    """The bytes of a text file, compressed or not; SourceError too where they aren't UTF-8."""
    try:
        with file.path.open("rb") as opened:
            packed = opened.read(2) == _GZIP
        with gzip.open(file.path) if packed else file.path.open("rb") as stream:
            yield cast("BinaryIO", stream)
    except (OSError, EOFError, UnicodeDecodeError) as fault:
        odd = isinstance(fault, UnicodeDecodeError)
        raise SourceError(
            "the file can't be read",
            place=Place(file.name),
            why="it isn't UTF-8" if odd else str(fault),
            hint="export it again as UTF-8; nothing of this source was loaded",
        ) from fault


def read_json(file: InputFile) -> Any:
    """A file that is one JSON document, numbers as Decimals; raises SourceError."""
    with open_text(file) as text:
        try:
            return json.load(text, parse_float=Decimal, parse_constant=_no_number)
        except UnicodeDecodeError:
            raise
        except ValueError as fault:
            line = getattr(fault, "lineno", None)
            raise SourceError(
                "the file is no JSON document",
                place=Place(file.name, line, getattr(fault, "colno", None)),
                why=str(fault),
                hint="export it again; it may be cut short",
            ) from fault


def json_value(text: str) -> Any:
    """A JSON value from one line, numbers as Decimals; raises ValueError, for NaN too."""
    return json.loads(text, parse_float=Decimal, parse_constant=_no_number)


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def utc(text: str, zone: ZoneInfo | None = None) -> datetime:
    """A time as ISO 8601 writes it, in UTC; `zone` is that of times that don't name theirs.

    An hour that the clock shows twice is its first. Raises ValueError.

    >>> utc("2026-10-01T02:00:00+02:00")
    datetime.datetime(2026, 10, 1, 0, 0)
    >>> utc("2026-07-01T02:00:00", ZoneInfo("Europe/Berlin"))
    datetime.datetime(2026, 7, 1, 0, 0)
    """
    read = datetime.fromisoformat(text.strip())
    if read.tzinfo is None:
        read = read.replace(tzinfo=zone or UTC)
    return read.astimezone(UTC).replace(tzinfo=None)


def from_unix(seconds: int | Decimal) -> datetime:
    """A time given in seconds since 1970, to the microsecond.

    >>> from_unix(1_790_812_800)
    datetime.datetime(2026, 10, 1, 0, 0)
    """
    return _EPOCH + timedelta(microseconds=int(Decimal(seconds) * 1_000_000))


def zone_of(spec: UsageSpec) -> ZoneInfo | None:
    """The time zone of a source's local times; raises ConfigurationError for an unknown one."""
    if not spec.timezone:
        return None
    try:
        return ZoneInfo(spec.timezone)
    except (ZoneInfoNotFoundError, ValueError) as fault:
        raise ConfigurationError(
            f"usage {spec.name!r}: no time zone is called {spec.timezone!r}",
            place=spec.place,
            hint="use a name such as Europe/Berlin or UTC",
        ) from fault


def number(text: str) -> Decimal:
    """A number as written, exactly; raises ValueError for NaN and what is no number."""
    return parse_amount(text)


def whole(record: Mapping[str, Any], name: str, *, needed: bool = False) -> int | None:
    """A whole number of a JSON record; None where it isn't told. Raises ValueError.

    >>> whole({"requests": 3}, "requests"), whole({}, "requests")
    (3, None)
    """
    value = record.get(name)
    if value is None:
        if needed:
            raise ValueError(f"{name} is missing")
        return None
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or value != int(value):
        raise ValueError(f"{name} is no whole number: {value!r}")
    return int(value)


def large_number(text: str) -> Decimal:
    """A number of any size, exactly: bytes times seconds go beyond what money may be.

    Raises ValueError for NaN and what is no number.

    >>> large_number("49547086324039.68"), large_number("2e15")
    (Decimal('49547086324039.68'), Decimal('2E+15'))
    """
    plain = text.strip()
    if len(plain) > _LONGEST or not _PLAIN.fullmatch(plain):
        raise ValueError(f"{text!r} is no number")
    return Decimal(plain)


def natural_id(*parts: object) -> str:
    """The id of a record that its source gives none: what it is about, and when.

    >>> natural_id("vc3", datetime(2026, 10, 1), None)
    '["vc3","2026-10-01 00:00:00",""]'
    """
    texts = ["" if part is None else str(part) for part in parts]
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":"))
