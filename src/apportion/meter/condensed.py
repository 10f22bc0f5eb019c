"""What the disk doesn't take, summed up by consumer until it does again.

A service goes on when the spool is full. First its records wait in memory; when these, too,
have become many, they are added up for each consumer, service and model: nobody's use is
lost, only its single calls. When the spool takes records again, each sum is written as one,
and says how many calls it stands for. Only for more consumers than can be told apart are
sums kept without a name; that use is unallocated, and its record says so.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from apportion.domain.usage import DESCRIPTIONS, IDENTITIES, METERS
from apportion.meter.usage_event import UsageEvent

MOST = 1_000
_TOLD_APART = (*IDENTITIES, *DESCRIPTIONS)
_TIMES = ("UsageStart", "UsageEnd")

_Key = tuple[str, ...]


class Condensed:
    """Sums of records by what tells them apart."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._sums: dict[_Key, UsageEvent] = {}
        self._calls: dict[_Key, int] = {}

    @property
    def records(self) -> int:
        """How many records are in the sums."""
        return sum(self._calls.values())

    def add(self, event: UsageEvent) -> None:
        """Add a record to the sum of its consumer and day."""
        data = event.data
        key: _Key = (
            event.source,
            str(data["UsageStart"])[:10],
            *(str(data.get(column, "")) for column in _TOLD_APART),
        )
        if key not in self._sums and len(self._sums) >= self._most:
            key = (*key[:2], *("" for _ in _TOLD_APART))
        held = self._sums.get(key)
        self._calls[key] = self._calls.get(key, 0) + 1
        self._sums[key] = _plus(held, event) if held else _first(event, named=any(key[2:]))

    def taken(self) -> Iterator[UsageEvent]:
        """The sums as records; they are forgotten one by one as they are taken."""
        while self._sums:
            key, event = self._sums.popitem()
            calls = self._calls.pop(key)
            told = {"condensed_records": str(calls)}
            if not any(key[2:]):
                told["consumer"] = "not told apart: the spool was full"
            data = {**event.data, "Attributes": told}
            yield UsageEvent(event.source, uuid.uuid4().hex, event.subject, data)


def _first(event: UsageEvent, *, named: bool) -> UsageEvent:
    columns = (*_TIMES, *_TOLD_APART, *METERS) if named else (*_TIMES, *METERS)
    data = {column: event.data[column] for column in columns if column in event.data}
    return UsageEvent(event.source, "", event.subject if named else "", data)


def _plus(held: UsageEvent, event: UsageEvent) -> UsageEvent:
    data = dict(held.data)
    data["UsageStart"] = min(str(data["UsageStart"]), str(event.data["UsageStart"]))
    data["UsageEnd"] = max(str(data["UsageEnd"]), str(event.data["UsageEnd"]))
    for meter in METERS:
        if meter in event.data:
            data[meter] = round(_number(data.get(meter, 0)) + _number(event.data[meter]), 6)
    return UsageEvent(held.source, "", held.subject, data)


def _number(value: object) -> float | int:
    assert isinstance(value, (int, float))
    return value
