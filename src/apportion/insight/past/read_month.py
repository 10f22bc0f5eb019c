"""A month of the past: what each team, pool and product carried, and on which days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from apportion.domain.finding import Finding, Level
from apportion.domain.owner import OwnerKind
from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.errors import ConfigurationError
from apportion.insight.carried import in_reporting
from apportion.insight.past.day_costs import DayCost, day_costs
from apportion.model.project import Model
from apportion.run.evaluate import evaluate
from apportion.run.workspace import Workspace


class Rules(StrEnum):
    """By which rules the past is told: those of today, or as it was issued at the time."""

    TODAY = "today"
    ISSUED = "issued"


class SubjectKind(StrEnum):
    """Whose cost it is."""

    TEAM = "team"
    POOL = "pool"
    PRODUCT = "product"
    ALL = "all"


class Subject(NamedTuple):
    """A team, a pool, a product or everything, in one currency."""

    kind: SubjectKind
    name: str
    currency: str

    def __str__(self) -> str:
        return self.name if self.kind is SubjectKind.ALL else f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Month:
    """A month as its run carries it; amounts are floats, for statistics."""

    run: Run
    totals: Mapping[Subject, float]
    costs: Sequence[DayCost] = field(default=(), repr=False)

    @cached_property
    def days(self) -> Mapping[Subject, Mapping[date, float]]:
        """What each subject's cost of the month fell on, day by day; it sums to its total.

        A share of a pool falls on the days on which the pool itself was billed. What is billed
        with the month and used outside it counts on its first day.
        """
        return _by_day(self)


def read_month(
    workspace: Workspace, model: Model, period: Period, rules: Rules = Rules.TODAY
) -> Month | None:
    """A month by today's rules or as issued; None where it was never issued.

    A saved run stands where it is by the very model and bills. Raises NotLoaded where the
    month has no charges, ConfigurationError where a pool can't be split in it.
    """
    saved = workspace.books.run(period)
    if rules is Rules.ISSUED:
        return Month(saved, _totals(saved)) if saved else None
    current = {one.id for one in workspace.books.current(period=period, quarantined=False)}
    if saved and saved.model == model.hash and current <= set(saved.snapshots):
        return Month(saved, _totals(saved))
    run = evaluate(workspace, model, period)
    return Month(run, _totals(run))


def read_months(
    workspace: Workspace, model: Model, periods: Sequence[Period], rules: Rules = Rules.TODAY
) -> tuple[tuple[Month, ...], tuple[Finding, ...]]:
    """Months of the past, and which of them can't be told."""
    made: list[Month] = []
    findings: list[Finding] = []
    for period in periods:
        try:
            month = read_month(workspace, model, period, rules)
        except ConfigurationError as fault:
            said = f"{period} can't be told by today's rules: {str(fault).splitlines()[0]}"
            hint = "supply what its pools need, or ask for the past as issued"
            findings.append(Finding("forecast-month-unknown", Level.WARNING, said, None, hint))
            continue
        if month is not None:
            made.append(month)
    return tuple(made), tuple(findings)


def with_days(workspace: Workspace, model: Model, month: Month) -> Month:
    """A month with its cost day by day, item by item; by today's rules only."""
    return Month(month.run, month.totals, day_costs(workspace, model, month.run))


def full_months(workspace: Workspace) -> tuple[Period, ...]:
    """Loaded months up to the last that most of the sources have reached.

    A machine written off over years has charges in months to come; those aren't the past.
    """
    counts: dict[Period, set[str]] = defaultdict(set)
    for one in workspace.books.current(quarantined=False):
        counts[one.period].add(one.source)
    most = max((len(own) for own in counts.values()), default=0)
    last = max((one for one, own in counts.items() if 2 * len(own) >= most), default=None)
    return tuple(sorted(one for one in counts if last is not None and one <= last))


def _totals(run: Run) -> dict[Subject, float]:
    products = {facts.team: facts.product for facts in run.teams}
    made: dict[Subject, float] = defaultdict(float)
    for line in in_reporting(run):
        amount = float(line.amounts.of(run.basis))
        made[Subject(SubjectKind.ALL, "all", line.currency)] += amount
        if line.pool:
            made[Subject(SubjectKind.POOL, line.pool, line.currency)] += amount
        if line.owner.kind is OwnerKind.TEAM:
            made[Subject(SubjectKind.TEAM, line.owner.name, line.currency)] += amount
            if product := products.get(line.owner.name):
                made[Subject(SubjectKind.PRODUCT, product, line.currency)] += amount
    return dict(made)


def _by_day(month: Month) -> Mapping[Subject, Mapping[date, float]]:
    """Lines laid on days: direct ones by their charges, shares by those of their pool."""
    run, first = month.run, month.run.span.start
    own: dict[tuple[str, str, str, str], dict[date, float]] = defaultdict(
        lambda: defaultdict(float)
    )
    for cost in month.costs:
        day = cost.day if run.span.start <= cost.day < run.span.until else first
        service = "" if cost.kind == OwnerKind.POOL else cost.service
        own[cost.kind, cost.owner, service, cost.currency][day] += cost.amount
    products = {facts.team: facts.product for facts in run.teams}
    even = dict.fromkeys(run.span, 1.0)
    made: dict[Subject, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for line in in_reporting(run):
        pool = (OwnerKind.POOL.value, line.pool, "", line.currency)
        at = (line.owner.kind.value, line.owner.name, line.service, line.currency)
        shape = own.get(pool if line.pool else at) or even
        whole = sum(shape.values())
        shape, whole = (shape, whole) if whole else (even, float(run.span.days))
        amount = float(line.amounts.of(run.basis))
        subjects = [Subject(SubjectKind.ALL, "all", line.currency)]
        if line.pool:
            subjects.append(Subject(SubjectKind.POOL, line.pool, line.currency))
        if line.owner.kind is OwnerKind.TEAM:
            subjects.append(Subject(SubjectKind.TEAM, line.owner.name, line.currency))
            if product := products.get(line.owner.name):
                subjects.append(Subject(SubjectKind.PRODUCT, product, line.currency))
        for day, weight in shape.items():
            for subject in subjects:
                made[subject][day] += amount * weight / whole
    return {subject: dict(days) for subject, days in made.items()}
