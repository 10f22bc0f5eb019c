"""What an OTLP/JSON document holds: attributes, times and ids as plain values.

Keys are lower camel case, 64-bit numbers are texts, ids are hexadecimal (where protobuf's own JSON
would have base64). Source: OpenTelemetry, OTLP specification, "JSON Protobuf Encoding";
opentelemetry-proto, `common.proto`, `trace.proto`, `metrics.proto`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from apportion.sources.usage.json_parts import object_in, objects_in, whole_number
from apportion.sources.usage.usage_texts import from_unix

_HEX = re.compile(r"[0-9a-fA-F]{16}(?:[0-9a-fA-F]{16})?")

_LATEST = 253_402_300_800 * 10**9
"""Nanoseconds of the year 10000."""

Found = Mapping[str, Any]


def attributes(of: Found) -> dict[str, object]:
    """Attributes by name: texts, numbers and booleans; lists and objects are left out.

    Raises ValueError where they are no list of objects.
    """
    found = objects_in(of, "attributes")
    told = ((str(one.get("key", "")), _value(object_in(one, "value"))) for one in found)
    return {name: value for name, value in told if value is not None}


def _value(value: Found) -> object:
    if "stringValue" in value:
        return str(value["stringValue"])
    if "intValue" in value:
        return whole_number(value["intValue"])
    if "doubleValue" in value:
        try:
            return number(value["doubleValue"])
        except ValueError:  # a fault only where a number is needed
            return str(value["doubleValue"])
    return value.get("boolValue")


def number(value: object) -> Decimal | int:
    """A number, which may be written as a text; raises ValueError for NaN and what is none."""
    try:
        found = Decimal(str(value)) if isinstance(value, (str, int, Decimal)) else None
    except InvalidOperation:
        found = None
    if found is None or isinstance(value, bool) or not found.is_finite():
        raise ValueError(f"{value!r} is no number")
    return int(found) if found == found.to_integral_value() else found


def nanoseconds(value: object) -> int:
    """A time in nanoseconds since 1970; 0 where none is told. Raises ValueError."""
    nanos = whole_number(value) if value is not None and value != "" else 0
    if nanos >= _LATEST:
        raise ValueError(f"{nanos} is no time in nanoseconds")
    return nanos


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
    for one in objects_in(document, of):
        yield attributes(object_in(one, "resource")), one


def scoped(one: Found, scopes: str, within: str) -> Iterator[tuple[str, Found]]:
    """The spans or metrics of a resource, each with the name of its library."""
    for scope in objects_in(one, scopes):
        name = str(object_in(scope, "scope").get("name", ""))
        for found in objects_in(scope, within):
            yield name, found
