"""What a month is expected to cost: each source by its own method, each line exact.

Sharing a pool is linear: what a source will bring is carried to teams by the shares that hold
for what it has brought so far, or that held in the months of its mean.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.domain.accrual import AccrualMethod, AccrualPart
from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.errors import NotLoaded
from apportion.ledger.class_weights import Weights
from apportion.ledger.covered_days import Covered, covered_days
from apportion.ledger.expected_lines import (
    Weighed,
    as_run,
    expected_lines,
    expected_weights,
    in_reporting,
)
from apportion.ledger.months_before import months_before
from apportion.run.awaited import Awaited, awaited_bills
from apportion.run.evaluate import evaluate

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


FIRST_DAYS = 3
"""A source that charges no later in any month charges by the month, not by the day."""


@dataclass(frozen=True)
class Estimate:
    """A month's expected lines as a run that isn't saved, and the estimate of each source.

    `weights` say of which cost classes each line is made.
    """

    run: Run
    sources: tuple[AccrualPart, ...]
    weights: Mapping[str, Weights]


def estimate(project: OpenProject, period: Period) -> Estimate:
    """Estimate a month by what is loaded of it, by usage at its prices, or by the months before.

    Raises NotLoaded where there is nothing to go by at all.
    """
    now, covered = _loaded(project, period)
    before = months_before(project, period, project.settings.accrual.months)
    plan = _Plan(project, period, now, covered, before)
    weighed, awaited, parts = plan.made()
    if not weighed and not awaited:
        raise NotLoaded(
            f"nothing of {period} can be estimated",
            why="neither bills nor usage of it are loaded, nor has a month before it a run",
            hint="load what there is: `apportion load`",
        )
    lines = expected_lines(project, period, weighed, awaited)
    return Estimate(as_run(project, period, lines), tuple(parts), expected_weights(weighed))


def _loaded(project: OpenProject, period: Period) -> tuple[Run | None, Mapping[str, Covered]]:
    """The month as it would be run now, and the days that its sources cover."""
    if not project.books.current(period=period, quarantined=False):
        return None, {}
    run = evaluate(project.workspace, project.model, period)
    return run, covered_days(project, period)


class _Plan:
    """Which method each source goes by, and what that comes to."""

    def __init__(
        self,
        project: OpenProject,
        period: Period,
        now: Run | None,
        covered: Mapping[str, Covered],
        before: Mapping[str, tuple[Run, ...]],
    ) -> None:
        self.project = project
        self.period = period
        self.now = now
        self.covered = covered
        self.before = before
        self.factors: dict[str, dict[str, Fraction]] = defaultdict(dict)
        self.runs: dict[str, Run] = {}
        self.parts: list[AccrualPart] = []

    def made(self) -> tuple[list[Weighed], tuple[Awaited, ...], list[AccrualPart]]:
        awaited = self._awaited()
        used: list[Awaited] = []
        for source in self._sources():
            own = [one for one in awaited if source in self._feeds(one.pool)]
            method = self._method(source, own)
            if method is AccrualMethod.USAGE:
                used += [one for one in own if one not in used]
                self._by_usage(source, own)
            elif method is AccrualMethod.MEAN:
                self._by_mean(source)
            elif method is AccrualMethod.NONE:
                self._keep(source, {}, method, "nothing is loaded of it, now or before")
            else:
                self._by_days(source, method)
        for one in awaited:
            if not self._feeds(one.pool):
                used.append(one)
                self._by_usage(f"pool {one.pool}", [one])
        weighed = [Weighed(self.runs[name], part) for name, part in self.factors.items()]
        return weighed, tuple(used), self.parts

    def _sources(self) -> list[str]:
        return sorted({*self.project.settings.sources, *self.covered, *self.before})

    def _awaited(self) -> tuple[Awaited, ...]:
        charged = self.now.attributed if self.now else ()
        found = awaited_bills(self.project.workspace, self.project.model, self.period, charged)
        return tuple(found)

    def _feeds(self, pool: str) -> frozenset[str]:
        """The sources that brought a pool its cost in the months before."""
        owner = Owner(OwnerKind.POOL, pool)
        return frozenset(
            source
            for source, runs in self.before.items()
            for run in runs
            if any(part.source == source and part.owner == owner for part in run.attributed)
        )

    def _method(self, source: str, awaited: list[Awaited]) -> AccrualMethod:
        asked = self.project.settings.accrual.methods.get(source)
        loaded, known = source in self.covered, bool(self.before.get(source))
        may = {
            AccrualMethod.RUN_RATE: loaded,
            AccrualMethod.LOADED: loaded,
            AccrualMethod.MEAN: known,
            AccrualMethod.USAGE: bool(awaited),
        }
        if asked and may[AccrualMethod(asked)]:
            return AccrualMethod(asked)
        if loaded:
            whole = self.covered[source].is_whole or self._comes_whole(source)
            return AccrualMethod.LOADED if whole else AccrualMethod.RUN_RATE
        if awaited:
            return AccrualMethod.USAGE
        return AccrualMethod.MEAN if known else AccrualMethod.NONE

    def _comes_whole(self, source: str) -> bool:
        """Whether a source charges a month on its first days alone, as it did in those before.

        A rent, seats, salaries: all of it is there on day one, and no more comes.
        """
        if self.covered[source].days > FIRST_DAYS or not self.before.get(source):
            return False
        months = [covered_days(self.project, run.period) for run in self.before[source]]
        known = [one[source] for one in months if source in one]
        return bool(known) and all(one.days <= FIRST_DAYS for one in known)

    def _by_days(self, source: str, method: AccrualMethod) -> None:
        assert self.now is not None
        covered = self.covered[source]
        factor = Fraction(1) if method is AccrualMethod.LOADED else covered.factor
        self._take(self.now, source, factor)
        basis = (
            f"as loaded, up to {covered.last}: "
            + (covered.why if covered.is_whole else "it is charged on the first days of a month")
            if method is AccrualMethod.LOADED
            else f"loaded up to {covered.last}: × {covered.of} ÷ {covered.days} days"
        )
        self._keep(source, _sums(self.now, source, factor), method, basis)

    def _by_mean(self, source: str) -> None:
        runs = self.before[source]
        factor = Fraction(1, len(runs))
        amounts: dict[str, Fraction] = defaultdict(Fraction)
        for run in runs:
            self._take(run, source, factor)
            for currency, amount in _sums(run, source, factor).items():
                amounts[currency] += amount
        months = ", ".join(str(run.period) for run in runs)
        self._keep(source, amounts, AccrualMethod.MEAN, f"mean of {months}")

    def _by_usage(self, source: str, awaited: Iterable[Awaited]) -> None:
        amounts: dict[str, Fraction] = defaultdict(Fraction)
        pools = sorted({one.pool for one in awaited})
        for one in awaited:
            for (_, currency), amount in one.amounts.items():
                amounts[currency] += amount
        basis = f"usage at its prices, of {', '.join(pools)}"
        self._keep(source, amounts, AccrualMethod.USAGE, basis)

    def _take(self, run: Run, source: str, factor: Fraction) -> None:
        self.runs[run.id] = run
        self.factors[run.id][source] = factor

    def _keep(
        self, source: str, amounts: Mapping[str, Fraction], method: AccrualMethod, basis: str
    ) -> None:
        found = amounts or {self.project.settings.currency: Fraction(0)}
        self.parts += [
            AccrualPart("source", source, currency, amount, str(method), basis)
            for currency, amount in sorted(found.items())
        ]


def source_sums(run: Run, source: str) -> dict[str, Fraction]:
    """What a source brought a run, by currency: the reporting one where there is a rate."""
    return _sums(run, source, Fraction(1))


def _sums(run: Run, source: str, factor: Fraction) -> dict[str, Fraction]:
    found: dict[str, Fraction] = defaultdict(Fraction)
    for part in run.attributed:
        if part.source == source:
            currency, amounts = in_reporting(run, part)
            found[currency] += amounts.of(run.basis) * factor
    return dict(found)
