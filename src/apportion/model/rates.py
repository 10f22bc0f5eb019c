"""The rates that a project converts by, as the user states them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from apportion.domain.period import Period
from apportion.domain.rate import RateType
from apportion.errors import Place

LAST_KNOWN = 7
"""Days for which the last known rate stands in, unless the project says otherwise."""


@dataclass(frozen=True)
class RateSpec:
    """Where rates come from, and which type converts what no source says otherwise.

    The project's own table (`file`) wins over the European Central Bank's.
    `last_known` is how many days old a rate may be that stands in for a day
    without one. `held` are rates of the Central Bank as a close kept them: they stand in for
    whatever the installed package says by now.
    """

    place: Place
    file: str = ""
    ecb: bool = False
    type: RateType = RateType.MONTH_AVERAGE
    last_known: int = LAST_KNOWN
    held: tuple[RateRow, ...] | None = None


@dataclass(frozen=True)
class RateRow:
    """One row of a rate table: what one unit of `currency` is worth in `into`, and when.

    A row is of a `day` or of a whole `period`. `source` names the bill that an
    invoice's rate belongs to.
    """

    currency: str
    into: str
    value: Fraction
    type: RateType
    origin: str
    day: date | None = None
    period: Period | None = None
    source: str = ""
    place: Place | None = None
