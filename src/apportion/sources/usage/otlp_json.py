"""What an OTLP/JSON document holds: attributes, times and ids as plain values.

Keys are lower camel case, 64-bit numbers are texts, ids are hexadecimal (where protobuf's own JSON
would have base64). Source: OpenTelemetry, OTLP specification, "JSON Protobuf Encoding";
opentelemetry-proto, `common.proto`, `trace.proto`, `metrics.proto`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apportion.sources.usage.usage_texts import from_unix

_HEX = re.compile(r"[0-9a-fA-F]{16}(?:[0-9a-fA-F]{16})?")

Found = Mapping[str, Any]


def attributes(found: Iterable[Found] | None) -> dict[str, object]:
    """Attributes by name: texts, numbers and booleans; lists and objects are left out."""
    told = ((one.get("key", ""), _value(one.get("value") or {})) for one in found or ())
    return {name: value for name, value in told if value is not None}


def _value(value: Found) -> object:
    if "stringValue" in value:
        return str(value["stringValue"])
    if "intValue" in value:
        return int(value["intValue"])
    if "doubleValue" in value:
        try:
            return number(value["doubleValue"])
        except ValueError:  # a fault only where a number is needed
            return str(value["doubleValue"])
    return value.get("boolValue")


def number(value: object) -> Decimal | int:
    """A number, which may be written as a text; raises ValueError for NaN and what is none."""
    found = Decimal(str(value)) if isinstance(value, (str, int, Decimal)) else None
    if found is None or isinstance(value, bool) or not found.is_finite():
        raise ValueError(f"{value!r} is no number")
    return int(found) if found == found.to_integral_value() else found


def nanoseconds(value: object) -> int:
    """A time in nanoseconds since 1970; 0 where none is told. Raises ValueError."""
    return int(str(value)) if value not in {None, ""} else 0


def moment(nanos: int) -> datetime:
    """A time in UTC, to the microsecond.

    >>> moment(1_790_812_800_000_001_999)
    datetime.datetime(2026, 10, 1, 0, 0, 0, 1)
    """
    return from_unix(0) + timedelta(microseconds=nanos // 1000)


def hex_id(value: object) -> str:
    """The id of a trace or span; raises ValueError for one that isn't hexadecimal."""
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise ValueError(f"{value!r} is no hexadecimal id")
    return value.lower()


def resources(document: Found, of: str) -> Iterator[tuple[dict[str, object], Found]]:
    """The parts of an export request by resource: `of` is resourceSpans, resourceMetrics …"""
    for one in document.get(of) or ():
        yield attributes((one.get("resource") or {}).get("attributes")), one


def scoped(one: Found, scopes: str, within: str) -> Iterator[tuple[str, Found]]:
    """The spans or metrics of a resource, each with the name of its library."""
    for scope in one.get(scopes) or ():
        name = str((scope.get("scope") or {}).get("name", ""))
        for found in scope.get(within) or ():
            yield name, found
