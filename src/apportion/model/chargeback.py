"""What must hold before teams are charged: evidence, coverage, stability."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from apportion.domain.owner import Evidence
from apportion.errors import Place


@dataclass(frozen=True)
class ChargebackTerms:
    """Charges on weaker evidence than `least_evidence` aren't charged to teams in chargeback.

    They go to `suspense`, a team that clears them, or to a line of their own where
    that is empty. `coverage` is the percentage of cost that must have an owner;
    the share of a team may change by `drift` percentage points a month over
    `months` months before `apportion ready` asks about it.
    """

    place: Place
    least_evidence: Evidence = Evidence.NONE
    suspense: str = ""
    coverage: Fraction = Fraction(90)
    drift: Fraction = Fraction(10)
    months: int = 3
    because: str = ""


DEFAULTS = ChargebackTerms(Place("default terms of chargeback"))
