"""What a comparison of two models is, as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import reduce

from apportion.domain.finding import Finding
from apportion.domain.money import WIDE
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
        return WIDE.subtract(self.new, self.old)

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
    """Both models in one currency; their totals are equal."""

    currency: str
    basis: str
    total: Decimal
    new_total: Decimal
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


def together(periods: Iterable[PeriodComparison]) -> tuple[Comparison, ...]:
    """Several periods as one: what each owner carries over all of them, without its lines."""
    found: dict[tuple[str, str], dict[Owner, OwnerDifference]] = {}
    totals: dict[tuple[str, str], list[Decimal]] = {}
    for period in periods:
        for one in period.comparisons:
            key = (one.currency, one.basis)
            totals.setdefault(key, []).append(one.total)
            owners = found.setdefault(key, {})
            for own in one.owners:
                owners[own.owner] = _added(owners.get(own.owner), own)
    return tuple(
        Comparison(*key, _sum(totals[key]), _sum(totals[key]), tuple(owners.values()))
        for key, owners in found.items()
    )


def _added(sum_: OwnerDifference | None, own: OwnerDifference) -> OwnerDifference:
    if sum_ is None:
        return replace(own, effects=(), lines=())
    return replace(
        sum_,
        old=WIDE.add(sum_.old, own.old),
        new=WIDE.add(sum_.new, own.new),
        exact=sum_.exact + own.exact,
        title=own.title,
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return reduce(WIDE.add, amounts)
