"""Tokens and calls from metrics: one record for each process, kind of call and export.

Totals are taken apart into what was counted between two exports
(:mod:`apportion.sources.usage.otlp_totals`); deltas say it themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apportion.sources.usage import gen_ai, otlp_point
from apportion.sources.usage.json_parts import object_in, objects_in, whole_number
from apportion.sources.usage.otlp_calls import OtlpCalls
from apportion.sources.usage.otlp_json import Found, attributes, nanoseconds, scoped
from apportion.sources.usage.otlp_point import Point, Source
from apportion.sources.usage.otlp_totals import Counted, Process, Total
from apportion.sources.usage.usage_rows import UsageRows

_SHAPES = ("sum", "histogram", "exponentialHistogram")
_DELTA = (1, "AGGREGATION_TEMPORALITY_DELTA")
_CUMULATIVE = (2, "AGGREGATION_TEMPORALITY_CUMULATIVE")
_NO_VALUE = 1


class OtlpMetrics:
    """Turns the metrics of a file into records; `from_start` counts first totals in any case."""

    def __init__(
        self,
        rows: UsageRows,
        columns: Mapping[str, tuple[str, ...]],
        *,
        total: bool,
        from_start: bool,
    ) -> None:
        self._rows = rows
        self._calls = OtlpCalls(rows, columns, total=total)
        self._from_start = from_start
        self._processes: dict[str, Process] = {}
        self._names: dict[str, set[str]] = {}
        self._points: dict[str, Point] = {}
        self._begun = 0

    def take(self, line: int, resource: gen_ai.Attributes, found: Found) -> None:
        """Take the metrics of one resource."""
        process = otlp_point.digest(sorted(resource.items()))
        metrics = list(scoped(found, "scopeMetrics", "metrics"))
        names = self._names.setdefault(process, set())
        names.update(str(metric.get("name", "")) for _, metric in metrics)
        for scope, metric in metrics:
            source = Source(line, process, resource, scope, str(metric.get("name", "")))
            shape = next((object_in(metric, one) for one in _SHAPES if one in metric), {})
            points = objects_in(shape, "dataPoints")
            if not otlp_point.counts(source.metric, names):
                self._rows.skip(len(points) or 1)
                continue
            for point in points:
                self._point(source, shape.get("aggregationTemporality"), point)
        self._calls.close()

    def end(self) -> None:
        """Tell what is left at the end of the file."""
        for process in self._processes.values():
            self._count(process.settle())
        self._calls.close(0)

    def _point(self, source: Source, temporality: object, found: Mapping[str, Any]) -> None:
        said: gen_ai.Attributes = {}
        try:
            said = attributes(found)
            flags = whole_number(found.get("flags") or 0)
            if gen_ai.operation(said) not in gen_ai.CALLS or flags & _NO_VALUE:
                self._rows.skip()
                return
            self._count(self._counted(otlp_point.point(source, said), temporality, found))
        except ValueError as fault:
            shown = {**source.resource, **said}
            hint = "see the library that wrote it"
            self._rows.reject(source.line, source.metric, str(fault), hint, shown)

    def _counted(
        self, one: Point, temporality: object, found: Mapping[str, Any]
    ) -> Iterator[Counted]:
        start, time = (nanoseconds(found.get(at)) for at in ("startTimeUnixNano", "timeUnixNano"))
        if not time:
            raise ValueError("a point without time")
        total = Total(one.series, start, time, otlp_point.value(one, found))
        self._points[one.series] = one
        self._begun = min(self._begun or time, time)
        process = self._processes.setdefault(one.source.process, Process(self._begun))
        if temporality in _DELTA:
            yield Counted(total, start, process.at(time), total.value)
        elif temporality in _CUMULATIVE:
            yield from process.take(total)
        else:
            raise ValueError("neither delta nor cumulative: no counter")

    def _count(self, found: Iterator[Counted]) -> None:
        for counted in found:
            one = self._points[counted.total.series]
            if counted.amount is not None:
                self._calls.add(one, counted, counted.amount)
            elif self._from_start:
                self._calls.add(one, counted, counted.total.value)
            else:
                self._set_aside(one, counted)

    def _set_aside(self, one: Point, counted: Counted) -> None:
        source = one.source
        self._rows.reject(
            source.line,
            source.metric,
            "a running total that began before this file",
            "what it counted between the file before and this one isn't known: export deltas, or "
            "keep rotated files in one; of the very first file all counts by first_totals: count",
            {**source.resource, **one.said, "total": str(counted.total.value)},
        )
