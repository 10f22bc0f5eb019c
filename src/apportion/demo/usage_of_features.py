"""What the five teams use of the feature store: the quantities that split its cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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
