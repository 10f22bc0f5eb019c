"""What an export tells of one kind of call, put together from its points, as one record.

Points of one export belong together: what was read from the cache is a part of the input beside
it. They may come in several requests, so records stay open for a while.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from apportion.sources.usage import gen_ai
from apportion.sources.usage.otlp_json import moment
from apportion.sources.usage.otlp_point import CALLS, Point
from apportion.sources.usage.otlp_totals import Counted
from apportion.sources.usage.usage_rows import UsageRows

_OPEN = 20_000


@dataclass
class _Usage:
    """Calls of one kind within one export."""

    first: Point
    start: int = 0
    counted: gen_ai.Tokens = field(default_factory=dict)
    told: set[tuple[str, int]] = field(default_factory=set)


class OtlpCalls:
    """Calls by kind and export, until they are records."""

    def __init__(
        self, rows: UsageRows, columns: Mapping[str, tuple[str, ...]], *, total: bool
    ) -> None:
        self._rows = rows
        self._columns = columns
        self._total = total
        self._open: dict[tuple[str, int], _Usage] = {}

    def add(self, one: Point, counted: Counted, amount: Decimal | int) -> None:
        """Add what a point counted, once."""
        key = (one.calls, counted.export)
        usage = self._open.get(key)
        if usage is None:
            usage = self._open[key] = _Usage(one)
        again = (one.series, counted.total.time)
        if again in usage.told:
            self._rows.skip()
            return
        usage.told.add(again)
        usage.start = max(usage.start, counted.start)
        usage.counted[one.kind] = usage.counted.get(one.kind, 0) + amount

    def close(self, keep: int = _OPEN) -> None:
        """Make records of the oldest, but for so many."""
        while len(self._open) > keep:
            key = next(iter(self._open))
            self._record(key, self._open.pop(key))

    def _record(self, key: tuple[str, int], usage: _Usage) -> None:
        source, said = usage.first.source, usage.first.said
        tokens = _summed(usage.counted)
        if not any(tokens.values()):
            self._rows.skip()
            return
        calls = tokens.pop((CALLS, ""), None)
        failed = "error.type" in said
        try:
            self._rows.add(
                source.line,
                UsageId=f"{key[0]}@{key[1]}",
                UsageStart=moment(usage.start or key[1]),
                UsageEnd=moment(key[1]),
                Status="failed" if failed else "",
                requests=calls,
                failed_requests=calls if failed else None,
                **gen_ai.described(self._columns, source.resource, said),
                **gen_ai.meters_of(tokens, total=self._total),
            )
        except ValueError as fault:
            shown = {**source.resource, **said}
            self._rows.reject(source.line, "metric", str(fault), "see what wrote it", shown)


def _summed(counted: gen_ai.Tokens) -> gen_ai.Tokens:
    """All modalities together, and audio and images as parts of them."""
    found: gen_ai.Tokens = {}
    for (kind, modality), amount in counted.items():
        found[kind, ""] = found.get((kind, ""), 0) + amount
        if modality in {"audio", "image"}:
            found[kind, modality] = amount
    return found
