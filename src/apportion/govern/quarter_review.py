"""The quarterly review: how allocation did, by the figures that a council goes by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import TYPE_CHECKING

from apportion.domain.dispute import Dispute, DisputeState
from apportion.domain.journal import Assignment, DocumentKind, JournalDocument
from apportion.domain.money import from_units, minor_digits, to_units
from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.errors import ConfigurationError, NotLoaded, UsageError
from apportion.govern.disputes import list_disputes
from apportion.govern.due_rules import QUARTER, Due, due_review, due_rules
from apportion.insight.coverage import Coverage, draw_coverage
from apportion.insight.fairness import find_fairness
from apportion.model.accounting import AccountKind
from apportion.run.statement import Statement, draw_statements

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject

TENTH = Fraction(1, 10)
"""By how much of itself each weight is moved."""

_NOT_CARRIED = {
    AccountKind.RECOVERY,
    AccountKind.RECEIVABLE,
    AccountKind.PAYABLE,
    AccountKind.INCOME,
    AccountKind.ACCRUAL,
    AccountKind.CLEARING,
}


@dataclass(frozen=True)
class Rate:
    """A figure with its formula: numerator ÷ denominator × 100; None (n/a) where that is zero."""

    name: str
    currency: str
    formula: str
    numerator: Fraction
    denominator: Fraction

    @property
    def percent(self) -> Decimal | None:
        if not self.denominator:
            return None
        return from_units(to_units(self.numerator / self.denominator * 100, 2), 2)


@dataclass(frozen=True)
class Sensitivity:
    """What a team carries more of a pool when a driver's weight is a tenth greater.

    The other weights give way in proportion. A tenth less moves as much the other way.
    """

    period: str
    pool: str
    currency: str
    driver: str
    weight: Fraction
    team: str
    move: Decimal


@dataclass(frozen=True)
class DisputeFigures:
    """Disputes of the quarter's months. `days` is the median from opening to deciding."""

    opened: int
    accepted: int
    rejected: int
    withdrawn: int
    undecided: int
    late: int
    days: Fraction | None


@dataclass(frozen=True)
class QuarterReview:
    """A quarter as the council looks at it; `notes` say what couldn't be told, and why."""

    quarter: str
    months: tuple[str, ...]
    coverage: tuple[Coverage, ...]
    disputes: DisputeFigures
    rates: tuple[Rate, ...]
    sensitivity: tuple[Sensitivity, ...]
    due: tuple[Due, ...]
    notes: tuple[str, ...]


def months_of(quarter: str) -> tuple[Period, Period, Period]:
    """The months of a calendar quarter.

    >>> [str(month) for month in months_of("2026-Q3")]
    ['2026-07', '2026-08', '2026-09']
    """
    year, sign, number = quarter.strip().upper().partition("-Q")
    if not (sign and year.isdecimal() and len(year) == 4 and number in {"1", "2", "3", "4"}):
        raise UsageError(f"{quarter!r} is no quarter", hint="write it as 2026-Q3")
    first = Period(int(year), 3 * int(number) - 2)
    return first, first.next(), first.next().next()


def review_quarter(project: OpenProject, quarter: str) -> QuarterReview:
    """Draw the review of a quarter from its runs that stand, its disputes and its journals.

    Raises NotLoaded where no month of it has a run.
    """
    months = months_of(quarter)
    runs = [run for month in months if (run := project.books.run(month))]
    if not runs:
        raise NotLoaded(f"no month of {quarter} has a run", hint="see `apportion periods`")
    preferred = project.settings.currency
    drawn = [one for run in runs for one in draw_statements(run, preferred)]
    disputes = [one for month in months for one in list_disputes(project, month, ended=True)]
    notes = [f"{month} has no run" for month in months if str(month) not in _named(runs)]
    return QuarterReview(
        quarter.strip().upper(),
        tuple(map(str, months)),
        tuple(_coverage(runs)),
        _figures(disputes),
        tuple(_rates(project, months, drawn, disputes)),
        tuple(_sensitivity(project, runs, notes)),
        _due(project, months[-1].until, notes),
        tuple(notes),
    )


def _named(runs: Sequence[Run]) -> set[str]:
    return {str(run.period) for run in runs}


def _coverage(runs: Sequence[Run]) -> Iterator[Coverage]:
    """Direct, shared and unallocated over the quarter, by currency of the bills."""
    parts = [part for run in runs for part in run.attributed]
    for currency in sorted({part.currency for part in parts}):
        yield draw_coverage(parts, currency, runs[-1].basis)


def _figures(disputes: Sequence[Dispute]) -> DisputeFigures:
    verdicts = [(one, one.decided) for one in disputes]
    decided = [(one, step) for one, step in verdicts if step]
    days = [Fraction((step.at.date() - one.at.date()).days) for one, step in decided]
    return DisputeFigures(
        opened=len(disputes),
        accepted=sum(step.state is DisputeState.ACCEPTED for _, step in decided),
        rejected=sum(step.state is DisputeState.REJECTED for _, step in decided),
        withdrawn=sum(one.state is DisputeState.WITHDRAWN for one in disputes),
        undecided=sum(one.state.is_open for one in disputes),
        late=sum(step.at.date() > one.decide_by for one, step in decided),
        days=Fraction(median(days)) if days else None,
    )


def _rates(
    project: OpenProject,
    months: Sequence[Period],
    drawn: Sequence[Statement],
    disputes: Sequence[Dispute],
) -> Iterator[Rate]:
    """Disputes and corrections against what was charged, with the formulas of governance."""
    statements = sum(bool(team.lines) for one in drawn for team in one.teams)
    yield Rate(
        "disputes per 100 statements",
        "",
        "= disputes opened ÷ statements of teams",
        Fraction(len(disputes)),
        Fraction(statements),
    )
    journal = project.books.journal()
    for currency in sorted({one.currency for one in drawn}):
        charged = sum(
            (Fraction(team.total) for one in drawn if one.currency == currency
             for team in one.teams), Fraction(0)
        )  # fmt: skip
        disputed = [Fraction(abs(one.amount)) for one in disputes if one.currency == currency]
        yield Rate(
            "disputed ÷ charged",
            currency,
            "= amounts disputed ÷ totals of all teams",
            sum(disputed, Fraction(0)),
            charged,
        )
        yield Rate(
            "corrections after close ÷ charged",
            currency,
            "= the greater of what corrections and adjustments after a close added to teams' "
            "accounts and took from them, net of what was taken back, without mark-up ÷ totals "
            "of all teams",
            _corrected(project, journal, months, currency),
            charged,
        )


def _corrected(
    project: OpenProject,
    journal: Sequence[JournalDocument],
    months: Sequence[Period],
    currency: str,
) -> Fraction:
    """What was moved on the accounts of teams: the greater of what was added and taken.

    Net for each account and what it is assigned to, over all documents and what takes them
    back; without the mark-up that other entities pay on it.
    """
    try:
        accounts = project.model.accounting.accounts
    except ConfigurationError:
        accounts = {}
    kinds = {DocumentKind.CORRECTION, DocumentKind.ADJUSTMENT}
    names = {str(month) for month in months}
    counted = {
        one.id
        for one in journal
        if one.kind in kinds and one.original in names and one.currency == currency
    }
    net = Counter[tuple[str, Assignment]]()
    markup = 0
    for one in journal:
        for line in one.lines if {one.id, one.reverses} & counted else ():
            known = accounts.get(line.at.account)
            if known is None or known.kind not in _NOT_CARRIED:
                net[one.entity, line.at] += line.signed
            elif known.kind is AccountKind.INCOME:
                markup += line.signed
    added = sum(units for units in net.values() if units > 0)
    taken = -sum(units for units in net.values() if units < 0)
    return Fraction(max(added, taken) - abs(markup), 10 ** minor_digits(currency))


def _sensitivity(
    project: OpenProject, runs: Sequence[Run], notes: list[str]
) -> Iterator[Sensitivity]:
    """The newest month that today's model made: what a tenth of each weight moves."""
    try:
        run = next(one for one in reversed(runs) if one.model == project.model.hash)
    except StopIteration:
        notes.append("weights aren't moved: the model has changed since each run of the quarter")
        return
    except ConfigurationError as wrong:
        notes.append(f"weights aren't moved: {wrong.what}")
        return
    for pool in find_fairness(run, project.model).pools:
        for one in pool.moves:
            digits = minor_digits(pool.currency)
            points = one.weight * TENTH * 100
            for team, move in sorted(one.moves.items()):
                amount = from_units(to_units(move * points, digits), digits)
                yield Sensitivity(
                    str(run.period), pool.pool, pool.currency, one.driver, one.weight, team, amount
                )


def _due(project: OpenProject, until: date, notes: list[str]) -> tuple[Due, ...]:
    last = until - timedelta(days=1)
    with project.books.reading() as connection:
        review = due_review(connection, last)
    try:
        return (*review, *due_rules(project.model, last, until + QUARTER))
    except ConfigurationError as wrong:
        notes.append(f"rules aren't looked at: {wrong.what}")
        return review
