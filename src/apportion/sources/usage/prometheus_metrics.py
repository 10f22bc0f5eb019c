"""Any metric of Prometheus as usage: a counter or a gauge, and which label says who it was.

For services that count their callers themselves. vLLM's tokens, for instance: one server for each
team, or a router's metrics with a label for the tenant, since vLLM itself knows no tenant.

Shape: what ``GET /api/v1/query_range`` answers (:mod:`apportion.sources.usage.prometheus`), or
samples as text, with their times (:mod:`apportion.sources.usage.prometheus_text`).
Options: `meter`, ours or one of the user's own (with `unit`); or `meters`, a meter for each
metric (`vllm:generation_tokens_total=output_tokens, …`); or, with neither, a label `meter` that
the query itself puts there. `kind`: `counter`, `gauge` or `increase`
(:mod:`apportion.sources.usage.prometheus_values`); as a rule levels are gauges and all else
counters. `new_series: count` counts the first sample of a series that begins later than others.
`step`, where samples don't tell it. `columns`: ours to a label (`Namespace: exported_namespace`).
All other labels are attributes.

Traps: replicas have series of their own (`instance`, `pod`): never sum counters before they are
exported, or a restart of one looks like one of all. What a counter counted before its first
sample isn't in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from apportion.domain.usage import DESCRIPTIONS, IDENTITIES, METERS
from apportion.errors import ConfigurationError, Place, SourceError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options, one_of, pairs
from apportion.sources.usage.prometheus import Series, read_series
from apportion.sources.usage.prometheus_text import is_text, read_text_series
from apportion.sources.usage.prometheus_values import (
    GAUGE,
    KINDS,
    Measure,
    Measured,
    first_time,
    measured,
    usual_kind,
)
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import natural_id

_OPTIONS = ("meter", "meters", "unit", "kind", "new_series", "step")
_LABEL = "meter"

Described = Callable[[Series], dict[str, object]]


@dataclass(frozen=True)
class MetricRows:
    """Turns series into records: what each measures, and what is said of it."""

    measures: Callable[[Series], Measure | None]
    described: Described
    new_series: bool

    def batches(self, file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
        """The records of a file's series; what is measured by none is skipped.

        Raises SourceError for a file that holds no samples.
        """
        rows = UsageRows()
        found = read_text_series(file, rows) if is_text(file) else read_series(file, spec)
        since = first_time(found) if self.new_series else None
        for series in found:
            measure = self.measures(series)
            if measure is None:
                rows.skip(len(series.samples))
                continue
            for one in measured(series, measure.kind, whole_since=since):
                if one.fault:
                    hint = "how much it was isn't known, and isn't taken for zero"
                    shown = {**series.labels, "time": one.sample.end, "value": one.sample.text}
                    rows.reject(series.number, series.name, one.fault, hint, shown)
                elif one.value or measure.kind == GAUGE:
                    self._add(rows, series, one, measure)
                yield from rows.batches()
        yield from rows.batches(last=True)

    def _add(self, rows: UsageRows, series: Series, one: Measured, measure: Measure) -> None:
        told = (f"{name}={text}" for name, text in sorted(series.labels.items()))
        try:
            rows.add(
                series.number,
                UsageId=natural_id(measure.meter, *told, one.sample.end),
                UsageStart=one.start,
                UsageEnd=one.sample.end,
                **self.described(series),
                **measure.columns(one.value),
            )
        except ValueError as fault:
            hint = "a metric that has parts of a whole is a meter of your own, or one in seconds"
            shown = {**series.labels, "time": one.sample.end, "value": one.sample.text}
            rows.reject(series.number, series.name, str(fault), hint, shown)


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read a range query's answer; raises SourceError where it isn't known what it measures."""
    check_options(spec, _OPTIONS)
    made = MetricRows(_measures(file, spec), by_labels(spec), counts_new_series(spec))
    yield from made.batches(file, spec)


def counts_new_series(spec: UsageSpec) -> bool:
    """Whether the first sample of a series that begins later than others counts."""
    return one_of(spec, "new_series", ("count", "skip"), "skip") == "count"


def _measures(file: InputFile, spec: UsageSpec) -> Callable[[Series], Measure | None]:
    by_name = pairs(spec, "meters")
    told = spec.options.get("meter", "")

    def measure(series: Series) -> Measure | None:
        meter = told or by_name.get(series.name, "") or series.label(_LABEL)
        if meter:
            return _measure(spec, meter)
        if by_name:
            return None
        raise SourceError(
            "it isn't known what the metric measures",
            place=Place(file.name, series.number),
            why=f"the series {series.name or dict(series.labels)} has no label `meter`",
            hint="set the option `meter` to a meter, or `meters` for several metrics",
        )

    return measure


def _measure(spec: UsageSpec, meter: str) -> Measure:
    kind = one_of(spec, "kind", KINDS, usual_kind(meter))
    is_level = meter in METERS and METERS[meter].is_level
    if is_level != (kind == GAUGE):
        raise ConfigurationError(
            f"usage {spec.name!r}: {meter} can't be told by a {kind}",
            place=spec.place,
            hint="a gauge tells a level (gpus, memory_gb …); all else is counted by a counter or "
            "an increase",
        )
    return Measure(meter, kind, spec.options.get("unit", ""))


def by_labels(spec: UsageSpec, usual: Mapping[str, str] | None = None) -> Described:
    """What labels say of a record: identities and descriptions as `columns` maps them.

    The namespace is that of the workload, where nothing else is said. Raises
    ConfigurationError for a column that is neither.
    """
    columns = {**(usual or {}), **spec.columns}
    for ours in columns:
        if ours not in (*IDENTITIES, *DESCRIPTIONS):
            raise ConfigurationError(
                f"usage {spec.name!r}: {ours!r} in `columns` is no identity of usage",
                place=spec.place,
                hint=f"one of {', '.join((*IDENTITIES, *DESCRIPTIONS))}",
            )

    def described(series: Series) -> dict[str, object]:
        rest = {
            name: text
            for name, text in series.labels.items()
            if name not in {"__name__", _LABEL} and name not in columns.values()
        }
        return {
            "Namespace": series.workload("namespace"),
            **{ours: series.label(label) for ours, label in columns.items()},
            "Attributes": {**({"metric": series.name} if series.name else {}), **rest},
        }

    return described


FORMAT = UsageFormat(
    "prometheus",
    read,
    null_identity="a series without the label that `columns` names was used by nobody who is "
    "known: unattributed",
)
