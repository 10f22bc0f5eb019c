"""What a series of Prometheus measures between its samples: of a counter, a gauge, an increase.

* A *counter* is a running total: what counts is the difference to the sample before, whatever
  time lies between; a smaller value means that it began anew, from zero. Its first sample in a
  file is only what the next one is held against. Exports that touch (one ends at the very time
  at which the next one begins) lose nothing. A series that begins after the others of its file
  is a new process, or one that couldn't be scraped for a while: its first sample counts only
  where that is wished, as it doesn't in PromQL's `increase`.
* A *gauge* holds a level for the step that ends at its sample, as `avg_over_time` says it.
* An *increase* is the quantity of the step that ends at its sample. PromQL's function of that
  name extrapolates, and gives parts of requests: a counter is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apportion.domain.usage import METERS, QUANTITIES
from apportion.sources.usage.prometheus import Sample, Series

COUNTER, GAUGE, INCREASE = KINDS = ("counter", "gauge", "increase")


@dataclass(frozen=True)
class Measure:
    """What a metric measures: a meter of ours or of the user's own, and how it tells it.

    `also` is a meter of which the same is a part: requests that failed.
    """

    meter: str
    kind: str
    unit: str = ""
    also: str = ""

    def columns(self, value: Decimal) -> dict[str, object]:
        """A value as columns of a record."""
        if self.meter in METERS:
            return {self.meter: value, **({self.also: value} if self.also else {})}
        known = QUANTITIES.get(self.meter)
        unit = self.unit or (known.unit if known else self.meter)
        return {"Meter": self.meter, "Quantity": value, "Unit": unit}


def usual_kind(meter: str) -> str:
    """How a meter is told as a rule: levels by gauges, all else by counters."""
    return GAUGE if meter in METERS and METERS[meter].is_level else COUNTER


@dataclass(frozen=True)
class Measured:
    """A quantity from when to when, or why there is none; `sample` is what told it."""

    sample: Sample
    start: datetime
    value: Decimal = Decimal(0)
    fault: str = ""


def first_time(found: Iterable[Series]) -> datetime | None:
    """When the first sample of a file was."""
    return min((one.samples[0].end for one in found if one.samples), default=None)


def measured(series: Series, kind: str, *, whole_since: datetime | None) -> Iterator[Measured]:
    """What a series measures; `whole_since` is given where later series count from zero."""
    before: Sample | None = None
    held = Decimal(0)
    for sample in series.samples:
        try:
            value = sample.value()
        except ValueError as fault:
            yield Measured(sample, sample.start, fault=str(fault))
            continue
        if kind != COUNTER:
            yield Measured(sample, sample.start, value)
        elif before is not None:
            yield Measured(sample, before.end, value if value < held else value - held)
        elif whole_since is not None and sample.end > whole_since:
            yield Measured(sample, sample.start, value)
        before, held = sample, value
