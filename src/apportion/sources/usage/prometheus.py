"""What Prometheus answers to a range query: series of samples, each with its labels.

Shape: the JSON document of ``GET /api/v1/query_range``,
``{"status":"success","data":{"resultType":"matrix","result":[{"metric":{…labels},
"values":[[seconds, "value"],…]}]}}``. Source: Prometheus, HTTP API, range queries.

A sample stands for the step that *ends* at its time, as the functions `…_over_time` look
back. Where a series has no sample, nothing is known of that step, and nothing counts.

Traps: a scrape without `honor_labels` keeps the exporter's own pod and namespace under
these names, and moves those of the workload to ``exported_pod`` and ``exported_namespace``.
Functions drop the name of the metric. NaN is a value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from apportion.errors import ConfigurationError, Place, SourceError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.json_parts import object_in, objects_in
from apportion.sources.usage.usage_texts import from_unix, large_number, natural_id, read_json

_BLANK = re.compile(r"922337203685477579\d|9\.22337203685477\d*e\+?18", re.ASCII)
"""DCGM's marks for "no value", 9223372036854775792 and the next, and what floats make of them."""

_WORKLOAD = ("pod", "namespace", "container")

_LATEST = 253_402_300_800
"""Seconds of the year 10000: what is beyond is no time in seconds."""

_SCRAPE = frozenset({"instance", "job", "endpoint", "service", "prometheus", "prometheus_replica"})
"""Labels that say who scraped, and may change while the thing that is measured doesn't."""


@dataclass(frozen=True)
class Sample:
    """A value of a series: from when to when it holds, and its text in the file."""

    start: datetime
    end: datetime
    text: str

    def value(self) -> Decimal:
        """The value; raises ValueError where it says that there is none."""
        if self.text.strip().lower().lstrip("+-") in {"nan", "inf"}:
            raise ValueError(f"{self.text}: not available")
        if _BLANK.fullmatch(self.text):
            raise ValueError(f"{self.text}: DCGM's mark for not available")
        return large_number(self.text)


@dataclass(frozen=True)
class Series:
    """Samples with the labels that they have in common; `number` is its place in the file."""

    number: int
    labels: Mapping[str, str]
    samples: tuple[Sample, ...]

    @property
    def name(self) -> str:
        return self.labels.get("__name__", "")

    def label(self, *names: str) -> str:
        """The first of these labels that says something, or nothing."""
        return next((text for name in names if (text := self.labels.get(name, ""))), "")

    def workload(self, name: str) -> str:
        """The pod, namespace or container that is measured, and not the one that measures."""
        if any(f"exported_{one}" in self.labels for one in _WORKLOAD):
            return self.labels.get(f"exported_{name}", "")
        return self.labels.get(name, "")

    def id(self, sample: Sample) -> str:
        """The id of a record: all labels that say what is measured, and the sample's time."""
        told = sorted((k, v) for k, v in self.labels.items() if k not in _SCRAPE)
        return natural_id(*(f"{k}={v}" for k, v in told), sample.end)


def read_series(file: InputFile, spec: UsageSpec) -> tuple[Series, ...]:
    """All series of a file; raises SourceError for what is no answer to a range query."""
    document = read_json(file)
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, dict) or data.get("resultType") != "matrix":
        raise _no_answer(file, _why_not(document))
    try:
        found = list(objects_in(data, "result"))
        for at, one in enumerate(found, start=1):
            _check(at, one)
    except ValueError as fault:
        raise _no_answer(file, str(fault)) from fault
    step = _step(file, spec, found)
    return tuple(_series(at, one, step) for at, one in enumerate(found, start=1))


def _no_answer(file: InputFile, why: str) -> SourceError:
    return SourceError(
        "no answer to a range query of Prometheus",
        place=Place(file.name),
        why=why,
        hint="save what GET /api/v1/query_range answers, as the how-to of the format shows",
    )


def _why_not(document: Any) -> str:
    if isinstance(document, dict) and document.get("status") == "error":
        return f"Prometheus answered an error: {document.get('error')}"
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, dict) or "resultType" not in data:
        return "it has no object `data` with a resultType"
    return f"its resultType is {data['resultType']!r}, not 'matrix'"


def _check(at: int, one: Mapping[str, Any]) -> None:
    """See that a series is one; raises ValueError."""
    object_in(one, "metric")
    values = one.get("values", [])
    if not isinstance(values, list) or not all(map(_is_sample, values)):
        raise ValueError(f"the values of series {at} aren't pairs of seconds and a value")


def _is_sample(pair: Any) -> bool:
    if not isinstance(pair, list) or len(pair) != 2:
        return False
    seconds = pair[0]
    return isinstance(seconds, int | Decimal) and -_LATEST < seconds < _LATEST


def _series(at: int, one: Mapping[str, Any], step: timedelta) -> Series:
    labels = {str(name): str(text) for name, text in object_in(one, "metric").items()}
    return Series(at, labels, tuple(_samples(one, step)))


def _samples(one: Mapping[str, Any], step: timedelta) -> Iterator[Sample]:
    for time, text in one.get("values", ()):
        end = from_unix(time)
        yield Sample(end - step, end, str(text))


def _step(file: InputFile, spec: UsageSpec, found: list[Any]) -> timedelta:
    """The step of the query: told as an option, or what most samples are apart."""
    told = spec.options.get("step")
    if told is not None:
        return _told(spec, told)
    apart: Counter[Any] = Counter()
    for one in found:
        times = [time for time, _ in one.get("values", ())]
        apart.update(later - former for former, later in pairwise(times))
    if apart:
        most, _ = min(apart.items(), key=lambda item: (-item[1], item[0]))
        return timedelta(microseconds=int(Decimal(most) * 1_000_000))
    if not found:
        return timedelta(0)
    raise SourceError(
        "no series has two samples, so the step of the query isn't known",
        place=Place(file.name),
        hint="tell it in seconds as option `step`, as it was given to query_range",
    )


def _told(spec: UsageSpec, text: str) -> timedelta:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    amount, unit = (text[:-1], text[-1]) if text[-1:] in units else (text, "s")
    if not amount.isdigit() or not int(amount):
        raise ConfigurationError(
            f"usage {spec.name!r}: step {text!r} is no length of time",
            place=spec.place,
            hint="write seconds, or say 5m or 1h, as it was given to query_range",
        )
    return timedelta(seconds=int(amount) * units[unit])
