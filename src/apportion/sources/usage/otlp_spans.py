"""Calls of models from spans: one record each, known by the ids of trace and span.

Two libraries may see one call, one within the other (a framework and the SDK that it uses), and
so do a client and its gateway. A call whose parent or child counted already is that same
call: the one that was exported first counts, which as a rule is the inner one. Spans may be
sampled: then they are a part of the usage, and metrics are what to charge by.

A span without `gen_ai.operation.name` that has tokens is set aside: whether it is a call, or
sums up the calls within it, can't be told.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from apportion.sources.usage import gen_ai
from apportion.sources.usage.json_parts import object_in
from apportion.sources.usage.otlp_json import (
    Found,
    attributes,
    hex_id,
    moment,
    nanoseconds,
    scoped,
)
from apportion.sources.usage.usage_rows import UsageRows

_REMEMBERED = 500_000
_ERROR = (2, "STATUS_CODE_ERROR")


class _Remembered:
    """The latest of many things."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, str], None] = OrderedDict()

    def add(self, one: tuple[str, str]) -> None:
        self._held[one] = None
        if len(self._held) > _REMEMBERED:
            self._held.popitem(last=False)

    def __contains__(self, one: object) -> bool:
        return one in self._held


class OtlpSpans:
    """Turns the spans of a file into records."""

    def __init__(
        self, rows: UsageRows, columns: Mapping[str, tuple[str, ...]], *, total: bool
    ) -> None:
        self._rows = rows
        self._columns = columns
        self._total = total
        self._counted = _Remembered()
        self._around = _Remembered()

    def take(self, line: int, resource: gen_ai.Attributes, found: Found) -> None:
        """Take the spans of one resource."""
        for _, span in scoped(found, "scopeSpans", "spans"):
            try:
                self._span(line, resource, span)
            except ValueError as fault:
                self._reject(line, str(fault), "see the library that wrote the span", span)

    def _span(self, line: int, resource: gen_ai.Attributes, span: Found) -> None:
        said = attributes(span)
        operation = gen_ai.operation(said)
        if not operation and gen_ai.tokens_of(said):
            self._reject(
                line,
                "a span with tokens and no gen_ai.operation.name",
                "it may sum up the calls within it: update the library that writes it",
                span,
            )
        elif operation not in gen_ai.CALLS or self._is_known(span):
            self._rows.skip()
        else:
            self._add(line, resource, said, span)

    def _is_known(self, span: Found) -> bool:
        """Whether another library told of this call, from within or from around it."""
        trace, own = hex_id(span.get("traceId")), hex_id(span.get("spanId"))
        parent = str(span.get("parentSpanId") or "").lower()
        if (trace, own) in self._around or (trace, parent) in self._counted:
            return True
        self._counted.add((trace, own))
        if parent:
            self._around.add((trace, parent))
        return False

    def _add(
        self, line: int, resource: gen_ai.Attributes, said: gen_ai.Attributes, span: Found
    ) -> None:
        status = object_in(span, "status")
        failed = status.get("code") in _ERROR or "error.type" in said
        start, end = (nanoseconds(span.get(f"{at}TimeUnixNano")) for at in ("start", "end"))
        self._rows.add(
            line,
            UsageId=f"{hex_id(span['traceId'])}/{hex_id(span['spanId'])}",
            UsageStart=moment(start) if start else None,
            UsageEnd=moment(end) if end else None,
            Status="failed" if failed else "success",
            requests=1,
            failed_requests=1 if failed else None,
            **gen_ai.described(self._columns, resource, said),
            **gen_ai.meters_of(gen_ai.tokens_of(said), total=self._total),
        )

    def _reject(self, line: int, why: str, hint: str, span: Found) -> None:
        shown = {name: span.get(name) for name in ("traceId", "spanId", "name")}
        self._rows.reject(line, "span", why, hint, shown)
