"""What a comparison of two models is, as values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apportion.domain.finding import Finding
from apportion.domain.owner import Owner
from apportion.domain.period import Period
from apportion.domain.result import Line, Run
from apportion.run.group_changes import Cause


@dataclass(frozen=True)
class Effect:
    """What one cause adds to an amount: exactly, and in whole units that add up.

    A `cause` of None is what rounding adds where nothing else does.
    """

    cause: int | None
    exact: Fraction
    amount: Decimal


@dataclass(frozen=True)
class Difference:
    """An amount by the old and by the new model; the effects sum to the difference.

    `old` and `new` are rounded as on statements; the exact difference is beside them.
    """

    old: Decimal
    new: Decimal
    exact: Fraction
    effects: tuple[Effect, ...]

    @property
    def difference(self) -> Decimal:
        return self.new - self.old

    @property
    def percent(self) -> Fraction | None:
        """The difference in percent of the old amount; None where that was nothing."""
        return Fraction(self.difference) / Fraction(self.old) * 100 if self.old else None


@dataclass(frozen=True)
class LineDifference(Difference):
    """One line of a statement by both models; where one of them lacks it, it is zero there."""

    line: Line


@dataclass(frozen=True)
class OwnerDifference(Difference):
    """All that a team carries by both models, or what stays in a pool, or is unallocated.

    Its effects also hold what causes do to lines that neither model has, which
    cancel out.
    """

    owner: Owner
    title: str
    lines: tuple[LineDifference, ...]


@dataclass(frozen=True)
class Comparison:
    """Both models in one currency; the total is the same."""

    currency: str
    basis: str
    total: Decimal
    owners: tuple[OwnerDifference, ...]


@dataclass(frozen=True)
class PeriodComparison:
    """Both models on one period's charges.

    `findings` are those of the new model that the old one doesn't have. `exact`
    is false where causes are means over sampled orders, each figure within `bound`.
    """

    period: Period
    old_run: Run
    new_run: Run
    comparisons: tuple[Comparison, ...]
    causes: tuple[Cause, ...]
    exact: bool
    bound: Fraction
    findings: tuple[Finding, ...] = ()

    def cause(self, number: int | None) -> str:
        """What is said of a cause."""
        found = (cause.title for cause in self.causes if cause.number == number)
        return next(found, "rounding")
