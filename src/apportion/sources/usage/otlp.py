"""OpenTelemetry's GenAI telemetry as files: calls of models by service, namespace and user.

What the services' own libraries tell the collector, and its file exporter writes. Which team a
service is, no attribute says as a rule: `columns` takes it from one (`TeamLabel: team.name`), or
the model maps services and namespaces.

Shape: OTLP JSON lines, each line one ExportTraceServiceRequest (``resourceSpans``) or
ExportMetricsServiceRequest (``resourceMetrics``). Source: opentelemetry-collector-contrib,
fileexporter; names: :mod:`apportion.sources.usage.gen_ai`.

Options: `signal` (needed), `spans` or `metrics`: one call is told by both, so a service counts by
one of them. `spans_of`/`metrics_of`: services that are counted by the other one. `input_tokens`:
`total` (as the conventions say), or `uncached` for a library that leaves cached tokens out.
`first_totals`: `set aside`, or `count` (:mod:`apportion.sources.usage.otlp_totals`).

Traps: counters are cumulative unless the exporter says otherwise. Exporters try again, and so
tell the same twice. Spans may be sampled. Contents of messages are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apportion.errors import ConfigurationError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage import gen_ai
from apportion.sources.usage.format_options import check_options, one_of, words
from apportion.sources.usage.json_parts import kind_of
from apportion.sources.usage.otlp_json import resources
from apportion.sources.usage.otlp_metrics import OtlpMetrics
from apportion.sources.usage.otlp_spans import OtlpSpans
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import json_value, open_text

SPANS, METRICS = "spans", "metrics"
_SIGNALS = {SPANS: "resourceSpans", METRICS: "resourceMetrics"}
_OTHERS = ("resourceLogs", "resourceProfiles")
_OPTIONS = ("signal", "spans_of", "metrics_of", "input_tokens", "first_totals")


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read a file line by line; raises ConfigurationError where it isn't said what counts."""
    check_options(spec, _OPTIONS)
    signals = _Signals(spec)
    rows, columns = UsageRows(), gen_ai.columns_of(spec)
    total = one_of(spec, "input_tokens", ("total", "uncached"), "total") == "total"
    from_start = one_of(spec, "first_totals", ("set aside", "count"), "set aside") == "count"
    spans = OtlpSpans(rows, columns, total=total)
    metrics = OtlpMetrics(rows, columns, total=total, from_start=from_start)
    takers = {SPANS: spans.take, METRICS: metrics.take}
    with open_text(file) as text:
        for line, one in enumerate(text, start=1):
            for signal, resource, found in _parts(rows, line, one):
                if signals.of(resource) != signal:
                    rows.skip()
                    continue
                try:
                    takers[signal](line, resource, found)
                except ValueError as fault:
                    _refuse(rows, line, one, str(fault))
            yield from rows.batches()
    metrics.end()
    yield from rows.batches(last=True)


def _parts(
    rows: UsageRows, line: int, text: str
) -> Iterator[tuple[str, dict[str, object], Mapping[str, Any]]]:
    """What a line tells of each resource, by signal."""
    if not text.strip():
        return
    try:
        document = json_value(text)
        if not isinstance(document, dict):
            raise ValueError(f"{kind_of(document)}, no export request")  # noqa: TRY004, TRY301
        known = [signal for signal, name in _SIGNALS.items() if name in document]
        parts = [
            (signal, resource, found)
            for signal in known
            for resource, found in resources(document, _SIGNALS[signal])
        ]
    except ValueError as fault:
        _refuse(rows, line, text, str(fault))
        return
    if not known and any(name in document for name in _OTHERS):
        rows.skip()
    elif not known:
        _refuse(rows, line, text, "neither resourceSpans nor resourceMetrics")
    yield from parts


def _refuse(rows: UsageRows, line: int, text: str, why: str) -> None:
    hint = "each line is one export request as the collector's file exporter writes it, as json"
    rows.reject(line, "", why, hint, {"characters": len(text)})  # the text may hold messages


class _Signals:
    """By which signal a service counts."""

    def __init__(self, spec: UsageSpec) -> None:
        self._usual = one_of(spec, "signal", tuple(_SIGNALS))
        self._others = {
            service: signal
            for signal in _SIGNALS
            for service in words(spec.options.get(f"{signal}_of", ""))
        }
        both = set(words(spec.options.get("spans_of", ""))) & set(
            words(spec.options.get("metrics_of", ""))
        )
        if both:
            raise ConfigurationError(
                f"usage {spec.name!r}: {min(both)!r} is counted by spans and by metrics",
                place=spec.place,
                hint="one call is told by both: take it out of `spans_of` or of `metrics_of`",
            )

    def of(self, resource: Mapping[str, object]) -> str:
        return self._others.get(gen_ai.text(resource, "service.name"), self._usual)


FORMAT = UsageFormat(
    "otlp",
    read,
    null_identity="a resource without service.name told nothing of who it is: unattributed",
)
