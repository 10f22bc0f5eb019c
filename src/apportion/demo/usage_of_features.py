"""What the five teams use of the feature store: the quantities that split its cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from apportion.demo.chance import chance
from apportion.demo.company import CV, FRAUD, NLP, REC, SEARCH, month_index
from apportion.demo.seasons import ONE, Season, growth, of_year
from apportion.domain.period import Period


@dataclass(frozen=True)
class Meter:
    """A driver: its unit, and each team's usual monthly quantity in September 2024."""

    name: str
    unit: str
    season: Season
    usual: Mapping[str, int]
    growth: int


METERS = (
    Meter("storage_gb", "GB", Season.STEADY,
          {NLP: 96_000, CV: 148_000, REC: 262_000, SEARCH: 41_000, FRAUD: 13_000}, 8),
    Meter("materialisation_hours", "hours", Season.STEADY,
          {NLP: 620, CV: 410, REC: 1_980, SEARCH: 540, FRAUD: 450}, 6),
    Meter("requests", "million requests", Season.RETAIL,
          {NLP: 1_900, CV: 700, REC: 14_200, SEARCH: 7_800, FRAUD: 5_400}, 9),
)  # fmt: skip


READS = "requests"
"""The meter that the store counts itself, day by day: it comes as usage, not as a driver's file."""

MILLION = 1_000_000


def quantities(meter: Meter, period: Period, seed: int) -> Iterator[tuple[str, int]]:
    """Each team's quantity of one driver in a month.

    >>> [team for team, _ in quantities(METERS[0], Period(2026, 10), seed=1)]
    ['nlp', 'cv', 'rec', 'search', 'fraud']
    """
    grown = growth(meter.growth, month_index(period))
    season = of_year(meter.season, period.month)
    for team, usual in meter.usual.items():
        noise = chance(seed, "driver", meter.name, period, team).randint(930, 1070)
        yield team, usual * grown * season * noise // ONE**3


def write_reads(folder: Path, periods: Sequence[Period], seed: int) -> list[Path]:
    """Write what the store counted: each team's reads of features by day.

    The days of a month add up to its quantity of the meter READS.
    """
    (meter,) = (one for one in METERS if one.name == READS)
    return [_write_month(folder, meter, period, seed) for period in periods]


def _write_month(folder: Path, meter: Meter, period: Period, seed: int) -> Path:
    lines = ["UsageId,UsageStart,UsageEnd,ServiceName,TeamLabel,feature_reads"]
    days = list(period.span)
    for team, millions in quantities(meter, period, seed):
        before = 0
        for number, day in enumerate(days, start=1):
            until = millions * MILLION * number // len(days)
            end = day.fromordinal(day.toordinal() + 1)
            name = f"{team}-{day}"
            lines.append(
                f"{name},{day}T00:00:00Z,{end}T00:00:00Z,feature-store,{team},{until - before}"
            )
            before = until
    path = folder / "usage" / "feature-store" / f"{period}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
