"""How near forecasts come to months that were held out, beside seasonal naive and drift.

Rolling origin: each of the last months of a series is an origin; what is known there is forecast
up to twelve months ahead and held against what came. `python bench/forecast_accuracy.py`
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import exp, pi, sin
from pathlib import Path

from apportion.domain.period import Period
from apportion.insight.forecast.methods import drift, naive, seasonal_naive
from apportion.insight.forecast.month_end import DayMonth, month_end
from apportion.insight.forecast.outlook import look_ahead, said_ahead

FIRST = Period(2022, 1)
MONTHS = 42
HELD = 12
AHEAD = 12
BASELINES = {"seasonal naive": seasonal_naive, "drift": drift, "naive": naive}

TRACES = Path(__file__).resolve().parents[2] / "shared" / "data" / "traces"
"""Public traces, on some machines only."""

Series = tuple[float, ...]


def growth(luck: random.Random) -> Iterator[float]:
    level, rate = luck.uniform(2e3, 2e5), luck.uniform(-0.01, 0.05)
    for at in range(MONTHS):
        yield level * exp(rate * at + luck.gauss(0, 0.05))


def season(luck: random.Random) -> Iterator[float]:
    level, rate, swing = luck.uniform(2e3, 2e5), luck.uniform(0, 0.03), luck.uniform(0.1, 0.4)
    turn = luck.uniform(0, 12)
    for at in range(MONTHS):
        yield level * exp(rate * at + swing * sin(2 * pi * (at + turn) / 12) + luck.gauss(0, 0.05))


def level_shifts(luck: random.Random) -> Iterator[float]:
    level = luck.uniform(2e3, 2e5)
    shifts = {luck.randrange(6, MONTHS): luck.choice((0.5, 0.7, 1.5, 2.0)) for _ in range(2)}
    for at in range(MONTHS):
        level *= shifts.get(at, 1.0)
        yield level * exp(luck.gauss(0, 0.05))


def intermittent(luck: random.Random) -> Iterator[float]:
    level, often = luck.uniform(1e3, 2e4), luck.uniform(0.3, 0.7)
    for _ in range(MONTHS):
        yield level * luck.lognormvariate(0, 0.5) if luck.random() < often else 0.0


def steps(luck: random.Random) -> Iterator[float]:
    """Seats, machines and commitments: a price times a number that goes up now and then."""
    count, price = luck.randint(5, 40), luck.uniform(50, 5e3)
    for _ in range(MONTHS):
        if luck.random() < 0.2:
            count += luck.randint(1, 5)
        yield count * price


def one_offs(luck: random.Random) -> Iterator[float]:
    level, rate = luck.uniform(2e3, 2e5), luck.uniform(0, 0.03)
    for at in range(MONTHS):
        once = luck.uniform(0.8, 2.0) if luck.random() < 0.06 else 0.0
        yield level * exp(rate * at + luck.gauss(0, 0.05)) * (1 + once)


KINDS: Mapping[str, Callable[[random.Random], Iterator[float]]] = {
    "growth": growth,
    "season": season,
    "level shifts": level_shifts,
    "intermittent": intermittent,
    "steps": steps,
    "one-offs": one_offs,
}


@dataclass
class Score:
    """Errors summed over series, each series scaled to a mean of one."""

    off: dict[str, float] = field(default_factory=dict)
    truth: float = 0.0
    within: dict[int, int] = field(default_factory=lambda: {80: 0, 95: 0})
    points: int = 0

    def wape(self, name: str) -> float:
        return self.off[name] / self.truth

    def __iadd__(self, other: Score) -> Score:
        for name, off in other.off.items():
            self.off[name] = self.off.get(name, 0.0) + off
        self.truth += other.truth
        self.points += other.points
        for level, count in other.within.items():
            self.within[level] += count
        return self


def score(series: Series, first: Period, held: int = HELD) -> Score:
    """Forecast from each of the last months, up to twelve ahead."""
    made, mean = Score(), sum(map(abs, series)) / len(series)
    for origin in range(len(series) - held, len(series)):
        known, truth = series[:origin], series[origin : origin + AHEAD]
        found = look_ahead(known, first, AHEAD).points[: len(truth)]
        said = {"ours": [one.value for one in found]}
        said |= {name: method(known, len(truth)) for name, method in BASELINES.items()}
        for name, own in said.items():
            off = sum(abs(a - f) for a, f in zip(truth, own, strict=True)) / mean
            made.off[name] = made.off.get(name, 0.0) + off
        made.truth += sum(map(abs, truth)) / mean
        made.points += len(truth)
        made.within[80] += sum(
            p.low_80 <= a <= p.high_80 for a, p in zip(truth, found, strict=True)
        )
        made.within[95] += sum(
            p.low_95 <= a <= p.high_95 for a, p in zip(truth, found, strict=True)
        )
    return made


def generated(count: int, seed: int) -> Iterator[tuple[str, Score]]:
    for name, make in KINDS.items():
        total = Score()
        for number in range(count):
            luck = random.Random(f"{seed} {name} {number}")
            total += score(tuple(make(luck)), FIRST)
        yield name, total


def real(name: str, series: Sequence[Series], held: int = HELD) -> tuple[str, Score]:
    total = Score()
    for one in series:
        total += score(one, FIRST, held)
    return name, total


def published() -> Iterator[tuple[str, Score]]:
    """Monthly series that come with statsmodels: measured by others, not of cost."""
    import numpy as np
    from statsmodels.datasets import co2, elnino

    sea = elnino.load_pandas().data.iloc[-6:, 1:].to_numpy().ravel()
    air = co2.load_pandas().data["co2"].resample("MS").mean().interpolate().to_numpy()[-60:]
    yield real("sea surface temperature", [tuple(map(float, sea[~np.isnan(sea)]))])
    yield real("CO2 at Mauna Loa", [tuple(map(float, air))])


BUCKETS = 12
"""Buckets of two hours in a day: of traces of some weeks, a day stands for the year."""


def traces() -> Iterator[tuple[str, Score]]:
    """What GPU clusters and model APIs of others really did, where the traces lie beside us."""
    if not TRACES.is_dir():
        return
    yield real(
        "GPUs in use, 16 clusters (Helios)",
        list(_two_hours("helios_earth_vc_hourly", "vc", "time", "running_gpu_num")),
    )
    yield real(
        "requests of the 30 busiest API clients (ServeGen)",
        list(_two_hours("servegen_client_hourly", "client_id", "hour", "req"))[:30],
    )


def _two_hours(file: str, who: str, when: str, what: str) -> Iterator[Series]:
    """The last sixty buckets of two hours of each, the largest first."""
    held: dict[str, list[float]] = defaultdict(list)
    with gzip.open(TRACES / f"{file}.csv.gz", "rt") as rows:
        for row in csv.DictReader(rows):
            if row.get("model", "m-mid") == "m-mid":
                held[row[who]].append(float(row[what]))
    for own in sorted(held.values(), key=sum, reverse=True):
        pairs = [a + b for a, b in zip(own[::2], own[1::2], strict=False)]
        if len(pairs) >= 5 * BUCKETS and any(pairs[-5 * BUCKETS :]):
            yield tuple(pairs[-5 * BUCKETS :])


def company(folder: str) -> Iterator[tuple[str, Score]]:
    """The sample company, loaded in a folder: its teams and its pools, month by month."""
    from apportion.insight.past.read_month import SubjectKind, full_months, read_months
    from apportion.run.open_project import OpenProject

    with OpenProject(folder) as project:
        periods = full_months(project.workspace)
        months, _ = read_months(project.workspace, project.model, periods)
    for kind in (SubjectKind.TEAM, SubjectKind.POOL):
        series = []
        for subject in sorted({one for month in months for one in month.totals}):
            if subject.kind is kind:
                values = [month.totals.get(subject, 0.0) for month in months]
                while values and not values[0]:
                    values.pop(0)
                if len(values) >= 18:
                    series.append(tuple(values))
        yield real(f"sample company, {len(series)} {kind}s", series, held=6)


def day_months(luck: random.Random) -> Iterator[DayMonth]:
    """Fifteen months of days: a level that grows, a week, fees on the first, and bad days."""
    level, rate, low = luck.uniform(50, 5e3), luck.uniform(0, 0.002), luck.choice((1, 0.6, 0.2))
    fee = luck.choice((0, 2, 8))
    period, at = Period(2025, 1), 0
    for _ in range(15):
        days = []
        for day in period.span:
            weekly = low if day.weekday() >= 5 else 1.0
            bad = luck.uniform(1, 3) if luck.random() < 0.01 else 0.0
            own = level * (1 + rate) ** at * weekly * luck.lognormvariate(0, 0.1) * (1 + bad)
            days.append(own + (fee * level if day.day == 1 else 0.0))
            at += 1
        yield DayMonth(period, tuple(days))
        period = period.next()


DAYS_KNOWN = (5, 10, 15, 20, 25)


def month_ends(count: int, seed: int) -> Iterator[tuple[int, dict[str, float], float, float]]:
    """By days known: the WAPE of ours, of the rate so far and of the last month; coverage."""
    for known in DAYS_KNOWN:
        off: dict[str, float] = defaultdict(float)
        truth, within, points = 0.0, {80: 0, 95: 0}, 0
        for number in range(count):
            months = list(day_months(random.Random(f"{seed} days {number}")))
            totals = [one.total for one in months]
            scale = sum(totals) / len(totals)
            for at in range(9, len(months)):
                now = months[at].until(known)
                seen = [said_ahead(totals[:one], 1) for one in range(at - 6, at)]
                ahead = said_ahead(totals[:at], 1)
                found = month_end(months[at - 8 : at], now, ahead, seen)
                actual = totals[at]
                rate = now.total / known * months[at].period.span.days
                for name, said in (("ours", found.value), ("rate", rate), ("last", totals[at - 1])):
                    off[name] += abs(said - actual) / scale
                truth += actual / scale
                within[80] += found.low_80 <= actual <= found.high_80
                within[95] += found.low_95 <= actual <= found.high_95
                points += 1
        wapes = {name: one / truth for name, one in off.items()}
        yield known, wapes, within[80] / points, within[95] / points


def line(name: str, own: Score) -> str:
    cells = [f"{own.wape(one):.1%}" for one in ("ours", *BASELINES)]
    covered = [f"{own.within[level] / own.points:.0%}" for level in (80, 95)]
    best = min(own.wape(one) for one in ("seasonal naive", "drift"))
    return f"| {' | '.join([name, *cells, *covered, 'yes' if own.wape('ours') < best else 'no'])} |"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--company", help="a folder with the loaded sample company")
    asked = parser.parse_args()
    heads = ["series", "ours", *BASELINES, "in 80 %", "in 95 %", "beats seasonal naive and drift"]
    print(f"| {' | '.join(heads)} |")
    print(f"|{'---|' * len(heads)}")
    for name, own in generated(asked.count, asked.seed):
        print(line(name, own), flush=True)
    sources = [published(), traces(), company(asked.company) if asked.company else ()]
    for name, own in chain(*sources):
        print(line(name, own), flush=True)
    print("\n| days known | ours | rate so far | last month | in 80 % | in 95 % |")
    print("|---|---|---|---|---|---|")
    for known, wapes, low, high in month_ends(asked.count, asked.seed):
        cells = [f"{wapes[name]:.1%}" for name in ("ours", "rate", "last")]
        print(f"| {known} | {' | '.join(cells)} | {low:.0%} | {high:.0%} |", flush=True)


if __name__ == "__main__":
    main()
