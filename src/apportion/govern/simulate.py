"""What accepting a dispute would change for every other team, before anybody decides.

The month is evaluated anew with the disputed line as the team would have it; nothing is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.domain.adjustment import owner_named
from apportion.domain.dispute import Dispute, Reason
from apportion.domain.owner import UNALLOCATED, Owner, OwnerKind
from apportion.domain.period import Period
from apportion.domain.result import Attributed, PoolShare, Run
from apportion.errors import UsageError
from apportion.govern.disputes import check_owner, find_line
from apportion.model.cache import collector_paused
from apportion.model.dated import Validity
from apportion.model.limits import Exemption
from apportion.model.project import Model
from apportion.run.evaluate import Decided, carry, decide, prove_run
from apportion.run.in_one_currency import in_one_currency
from apportion.run.metered_model import metered_model
from apportion.run.saved import latest_run
from apportion.run.statement import Statement, StatementLine, draw_statements

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


class Remedy(StrEnum):
    """How a dispute could be accepted.

    exempt: the pool doesn't charge the team, by its own rule for exemptions. quantity: the
    team's driver quantity is another. owner: the charges of a direct line are somebody else's.
    """

    EXEMPT = "exempt"
    QUANTITY = "quantity"
    OWNER = "owner"


@dataclass(frozen=True)
class Question:
    """Which line is looked at, and what would be otherwise; `remedy` is chosen when empty."""

    period: Period
    team: str
    line: str
    remedy: Remedy | None = None
    quantity: Fraction | None = None
    driver: str = ""
    taker: str = "unallocated"


@dataclass(frozen=True)
class Effect:
    """What an owner carries before and after: as statements say, and the exact difference."""

    owner: Owner
    before: Decimal
    after: Decimal
    exact: Fraction

    @property
    def difference(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True)
class Simulation:
    """Who would carry what; the differences sum to zero, rounded and exact.

    `stale` says that bills or model have changed since the run that stands: both sides go by
    what is loaded and modelled today.
    """

    question: Question
    remedy: Remedy
    currency: str
    line: StatementLine
    line_after: Decimal
    effects: tuple[Effect, ...]
    stale: bool


def question_of(dispute: Dispute, question: Question | None = None) -> Question:
    """The question that a dispute asks, with what is said besides."""
    said = question or Question(dispute.period, dispute.team, dispute.line)
    said = replace(said, period=dispute.period, team=dispute.team, line=dispute.line)
    if said.remedy is None and dispute.reason is Reason.WRONG_QUANTITY and said.quantity is None:
        raise UsageError(
            f"dispute {dispute.id} is about a quantity, and none is named",
            hint="say what it should be: --quantity; or how else to look at it: --remedy exempt",
        )
    return said


def simulate(project: OpenProject, question: Question) -> Simulation:
    """Evaluate a month with and without the disputed line as it is; books and saves nothing.

    Raises UsageError where the remedy doesn't fit the line, NotLoaded for a line that the
    team doesn't have.
    """
    run = latest_run(project.books, question.period)
    statement, line = find_line(run, project.settings.currency, question.team, question.line)
    remedy = _remedy(question, line, project.model)
    with collector_paused():
        base = decide(project.workspace, project.model, question.period)
        before = prove_run(project.workspace, project.model, question.period, base)
        model, decided = project.model, base
        if remedy is Remedy.EXEMPT:
            model = _exempting(model, question, line)
        elif remedy is Remedy.QUANTITY:
            model = _measuring(project, before, question, line)
        else:
            decided = _giving(project, base, question, line)
        after = _carried(project, model, before, decided)
    preferred = project.settings.currency
    return Simulation(
        question,
        remedy,
        statement.currency,
        line,
        _amount_of(after, preferred, statement.currency, line.id, question.team),
        _effects(before, after, preferred, statement.currency),
        before.id != run.id,
    )


def _remedy(question: Question, line: StatementLine, model: Model) -> Remedy:
    pool = line.pool in {one.name for one in model.pools}
    chosen = question.remedy
    if chosen is None:
        chosen = Remedy.EXEMPT if pool else Remedy.OWNER
        chosen = Remedy.QUANTITY if question.quantity is not None else chosen
    if chosen is Remedy.OWNER and line.pool:
        raise UsageError(
            f"line {line.id} is a share of {line.pool}, and no charges of its own",
            hint="see what an exemption would do (--remedy exempt), or another --quantity",
        )
    if chosen is not Remedy.OWNER and not pool:
        raise UsageError(
            f"line {line.id} isn't of a pool of the model: {line.title}",
            hint="see whose its charges could be: --remedy owner --to TEAM",
        )
    return chosen


def _exempting(model: Model, question: Question, line: StatementLine) -> Model:
    """The model with the team exempt from the pool in that month."""
    span = question.period
    pools = tuple(
        replace(
            pool,
            exempt=(
                *(one for one in pool.exempt if one.team != question.team),
                Exemption(
                    question.team, pool.place, "a simulation", Validity(span.start, span.until)
                ),
            ),
        )
        if pool.name == line.pool
        else pool
        for pool in model.pools
    )
    return replace(model, pools=pools)


def _measuring(project: OpenProject, run: Run, question: Question, line: StatementLine) -> Model:
    """The model with another quantity of the team in a driver of the pool."""
    share = next(
        (one for one in run.shares if _is_of(one, question.team, line)),
        None,
    )
    uses = {use.driver: use for use in (share.uses if share else ())}
    name = question.driver or (next(iter(uses)) if len(uses) == 1 else "")
    model = metered_model(project.workspace, project.model, run.span)
    if question.quantity is None or question.quantity < 0:
        raise UsageError("say what the quantity should be", hint="--quantity, 0 or more")
    if name not in uses or name not in model.drivers:
        raise UsageError(
            f"line {line.id} rests on no driver {name!r}" if name else "say which driver",
            hint=f"it rests on {', '.join(uses) or 'none'}: name one with --driver",
        )
    driver = model.drivers[name]
    held = driver.quantities(run.span).get(question.team, Fraction(0))
    if not held:
        raise UsageError(f"team {question.team} has no quantity of {name} in {question.period}")
    factor = question.quantity / held
    rows = tuple(
        replace(row, quantity=Fraction(row.quantity) * factor)
        if row.team == question.team and run.span.overlap(row.span)
        else row
        for row in driver.rows
    )
    corrected = replace(driver, rows=rows, metered=None)
    return replace(model, drivers={**model.drivers, name: corrected})


def _is_of(share: PoolShare, team: str, line: StatementLine) -> bool:
    return (
        share.pool == line.pool
        and share.receiver == Owner(OwnerKind.TEAM, team)
        and share.kind is line.kind
    )


def _giving(
    project: OpenProject, base: Decided, question: Question, line: StatementLine
) -> Decided:
    """What was decided, with the line's charges given to another owner."""
    taker = owner_named(question.taker)
    check_owner(project, taker, question.period)
    team = Owner(OwnerKind.TEAM, question.team)
    if taker == team:
        raise UsageError(f"{taker} carries it already", hint="name somebody else with --to")

    def given(one: Attributed) -> Attributed:
        return (
            replace(one, owner=taker) if (one.owner, one.service) == (team, line.service) else one
        )

    attributed = tuple(given(one) for one in base.conversion.attributed)
    return replace(base, conversion=replace(base.conversion, attributed=attributed))


def _carried(project: OpenProject, model: Model, before: Run, decided: Decided) -> Run:
    attributed, allocation = carry(project.workspace, model, before.period, decided)
    return replace(
        before, id="", attributed=attributed, shares=allocation.shares, lines=allocation.lines
    )


def _effects(before: Run, after: Run, preferred: str, currency: str) -> tuple[Effect, ...]:
    """Every owner whose amount would move, the largest moves first."""
    old, new = (_totals(one, preferred, currency) for one in (before, after))
    exact_old, exact_new = (_exact(one, currency) for one in (before, after))
    nothing = sum(old.values(), Decimal(0)) * 0
    found = [
        Effect(
            owner,
            old.get(owner, nothing),
            new.get(owner, nothing),
            exact_new.get(owner, Fraction(0)) - exact_old.get(owner, Fraction(0)),
        )
        for owner in {*old, *new, *exact_old, *exact_new}
    ]
    moved = [one for one in found if one.difference or one.exact]
    if sum((one.exact for one in moved), Fraction(0)) or sum(
        (one.difference for one in moved), Decimal(0)
    ):
        raise AssertionError("a simulation changed the sum")
    return tuple(sorted(moved, key=lambda one: (-abs(one.exact), str(one.owner))))


def _drawn(run: Run, preferred: str, currency: str) -> Statement:
    drawn = draw_statements(run, preferred)
    return next(one for one in drawn if one.currency == currency)


def _amount_of(run: Run, preferred: str, currency: str, line: str, team: str) -> Decimal:
    """What the team carries in the line; nothing where it is gone."""
    drawn = _drawn(run, preferred, currency)
    nothing = drawn.total * 0
    own = next((one.lines for one in drawn.teams if one.facts.team == team), ())
    return next((one.amount for one in own if one.id == line), nothing)


def _totals(run: Run, preferred: str, currency: str) -> Mapping[Owner, Decimal]:
    """What each owner carries, as the statement says."""
    drawn = _drawn(run, preferred, currency)
    found = {Owner(OwnerKind.TEAM, one.facts.team): one.total for one in drawn.teams}
    found |= {Owner(OwnerKind.POOL, pool): amount for pool, amount in drawn.kept}
    found[UNALLOCATED] = drawn.unallocated
    return {owner: amount for owner, amount in found.items() if amount}


def _exact(run: Run, currency: str) -> Mapping[Owner, Fraction]:
    """What each owner carries, exactly, in the currency of the statement."""
    if run.currency:
        shown = in_one_currency(run)
        lines = (*shown.lines, *shown.left)
    else:
        lines = run.lines
    found: dict[Owner, Fraction] = defaultdict(Fraction)
    for line in lines:
        if line.currency == currency:
            found[line.owner] += line.amounts.of(run.basis)
    return found
