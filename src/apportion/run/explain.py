"""Explain: from a statement line back to rules, drivers, shares and the charges behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from apportion.domain.amounts import sum_of
from apportion.domain.money import from_units, to_units
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.result import Attributed, DriverUse, Line, PoolShare, Run
from apportion.errors import NotLoaded
from apportion.model.cache import collector_paused
from apportion.run.explain_tree import Node, NodeKind, PoolTree, Reason, Received, rule_node
from apportion.run.in_one_currency import Original
from apportion.run.statement import (
    Statement,
    StatementLine,
    draw_converted,
    draw_statement,
    one_team,
)
from apportion.run.statement_values import main_mode

__all__ = ["Explanation", "Reason", "explain", "explain_all", "explain_teams", "percent", "rounded"]


@dataclass(frozen=True)
class Explanation:
    """Why a team carries a line, or why a pool keeps one, or nobody carries it.

    For a direct line the reasons sum to its exact amount. For one of a pool they
    sum to the pool's full cost, of which the owner carries `share`, by the driver
    quantities in `uses`; `own_cost` is what the pool costs without what other pools
    charge it (`received`), and `weights` by pool the fraction of its own charges that is in the
    line. `tree` is all of it as a tree whose parts sum to the line; `note` what
    the method has to say of idle cost, a variance, or what is kept.
    All is in the currency of the bill; `originals` says by
    which rates the line was converted, where the run converts, and `stated` what the
    statement shows for it, by currency: these add up to the statement. `aside` is the
    line's mode where it isn't the team's own.
    """

    team: str
    line: StatementLine
    exact: Fraction
    reasons: tuple[Reason, ...]
    tree: Node
    owner: Owner
    pool_cost: Fraction | None = None
    share: Fraction | None = None
    method: str = ""
    uses: tuple[DriverUse, ...] = ()
    currency: str = ""
    originals: tuple[Original, ...] = ()
    stated: tuple[tuple[str, Decimal], ...] = ()
    aside: str = ""
    own_cost: Fraction | None = None
    note: str = ""
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    received: tuple[Received, ...] = ()

    @property
    def rounding(self) -> Fraction:
        """What the one rounding added to the exact amount."""
        return Fraction(self.line.amount) - self.exact


def explain(
    run: Run, statement: Statement, team: str, line: str | None = None
) -> tuple[Explanation, ...]:
    """Explain a team's lines, or one of them by its id.

    Raises NotLoaded for a line that the team's statement doesn't have, and
    AssertionError if the parts didn't sum to the line (a fault of the program).
    """
    own = one_team(statement, team)
    wanted = [found for found in own.lines if line in (None, found.id)]
    if line is not None and not wanted:
        raise _no_line(team, line, statement.period)
    desk = _Desk(run, statement)
    return tuple(desk.explain(found) for found in wanted)


def explain_all(
    run: Run, wanted: Iterable[str], team: str = "", line: str | None = None
) -> tuple[Explanation, ...]:
    """Explain a team's lines currency by currency, or any one line of the run by its id.

    Without a team these are the lines that pools keep and that nobody carries; a
    line that is asked for by its id may be anybody's. Where the run converts,
    these are what the converted lines are made of. Raises NotLoaded like `explain`.
    """
    # A large run is many objects, of which none is garbage.
    with collector_paused():
        stated = _stated(run)
        found = [
            one for currency in wanted for one in _in_currency(run, currency, team, line, stated)
        ]
    if line is not None and not found:
        raise _no_line(team, line, str(run.period))
    return tuple(found)


def explain_teams(run: Run, wanted: Iterable[str]) -> tuple[Explanation, ...]:
    """Explain the lines of all teams, currency by currency, as `explain_all` does for one."""
    with collector_paused():
        stated = _stated(run)
        return tuple(
            _told(desk, own, stated)
            for currency in wanted
            for statement in [draw_statement(run, currency)]
            for desk in [_Desk(run, statement)]
            for each in statement.teams
            for own in each.lines
        )


_Stated = Mapping[str, Mapping[str, StatementLine]]
"""By line, how it stands on the statements of a run, by their currencies."""


def _stated(run: Run) -> _Stated:
    """The lines of a converted statement, and of what no rate converts; rounded over all of it."""
    found: dict[str, dict[str, StatementLine]] = defaultdict(dict)
    if run.currency:
        drawn = draw_converted(run)
        for one in (drawn, *drawn.left):
            for own in one.lines:
                found[own.id][one.currency] = own
    return found


def _in_currency(
    run: Run, currency: str, team: str, line: str | None, stated: _Stated
) -> Iterable[Explanation]:
    """Lines of one currency, with the figures that the statement shows for them."""
    statement = draw_statement(run, currency)
    desk = _Desk(run, statement)
    for own in _lines(statement, team, line):
        if line in (None, own.id):
            yield _told(desk, own, stated)


def _told(desk: _Desk, own: StatementLine, stated: _Stated) -> Explanation:
    """A line as it was billed, with the figures that the statement shows for it."""
    shown = stated.get(own.id) or {desk.currency: own}
    found = desk.explain(shown[desk.currency] if desk.currency == desk.run.currency else own)
    return replace(
        found,
        originals=tuple(one for each in shown.values() for one in each.originals),
        stated=tuple((code, each.amount) for code, each in shown.items()),
        aside=desk.aside(found),
    )


def _no_line(team: str, line: str, period: str) -> NotLoaded:
    who = f"team {team}" if team else "the run"
    of = f" --team {team}" if team else f" --period {period}"
    hint = f"its lines are listed by `apportion statement{of} --json`"
    return NotLoaded(f"{who} has no line {line!r} in {period}", hint=hint)


def _lines(statement: Statement, team: str, line: str | None) -> Sequence[StatementLine]:
    if team:
        return one_team(statement, team).lines
    aside = (*statement.kept_lines, *statement.unallocated_lines)
    if line is None:
        return aside
    return (*(own for each in statement.teams for own in each.lines), *aside)


_Carrier = tuple[Owner, str]
"""An owner, and the service for all but pools."""


class _Desk:
    """A run in one currency on one cost basis, looked at line by line."""

    def __init__(self, run: Run, statement: Statement) -> None:
        self.run, self.basis, self.currency = run, statement.basis, statement.currency
        self._pool_reasons: dict[str, tuple[Reason, ...]] = {}

    @cached_property
    def lines(self) -> Mapping[str, Line]:
        return {line.id: line for line in self.run.lines}

    @cached_property
    def carried(self) -> Mapping[_Carrier, list[Attributed]]:
        found: dict[_Carrier, list[Attributed]] = defaultdict(list)
        for part in self.run.attributed:
            if part.currency == self.currency:
                service = "" if part.owner.kind is OwnerKind.POOL else part.service
                found[part.owner, service].append(part)
        return found

    @cached_property
    def shares(self) -> Mapping[tuple[str, Owner, str], PoolShare]:
        return {
            (share.pool, share.receiver, share.kind): share
            for share in self.run.shares
            if share.currency == self.currency
        }

    @cached_property
    def pools(self) -> PoolTree:
        return PoolTree.of(self.run, self.currency, self.basis, self.reasons_of)

    def reasons_of(self, pool: str) -> tuple[Reason, ...]:
        """Which rules gave a pool its own charges."""
        if pool not in self._pool_reasons:
            parts = self.carried.get((Owner(OwnerKind.POOL, pool), ""), ())
            self._pool_reasons[pool] = _reasons(parts, self.basis, pool)
        return self._pool_reasons[pool]

    def explain(self, line: StatementLine) -> Explanation:
        exact = self.lines[line.id]
        found = self._of_pool(line, exact) if line.pool else self._direct(line, exact)
        found.tree.check()
        if found.tree.amount != found.exact:
            raise AssertionError(f"the explanation of line {line.id} doesn't sum to it")
        return found

    def aside(self, found: Explanation) -> str:
        """A line's mode where it isn't the mode of the team that carries it."""
        mode = self.lines[found.line.id].mode
        return mode if mode != self._modes.get(found.owner, mode) else ""

    @cached_property
    def _modes(self) -> Mapping[Owner, str]:
        own: dict[Owner, set[str]] = defaultdict(set)
        for line in self.run.lines:
            own[line.owner].add(line.mode)
        return {owner: main_mode(modes) for owner, modes in own.items()}

    def _direct(self, line: StatementLine, exact: Line) -> Explanation:
        """Charges that fell to the owner itself."""
        amount, owner = exact.amounts.of(self.basis), exact.owner
        reasons = _reasons(self.carried.get((owner, line.service), ()), self.basis)
        parts = tuple(rule_node(reason) for reason in reasons)
        return Explanation(
            _team(owner),
            line,
            amount,
            reasons,
            Node(NodeKind.LINE, line.id, amount, parts=parts),
            owner,
            currency=self.currency,
        )

    def _of_pool(self, line: StatementLine, exact: Line) -> Explanation:
        """A part of a pool's full cost."""
        amount, owner, pool = exact.amounts.of(self.basis), exact.owner, line.pool
        share = self.shares[pool, owner, line.kind]
        through = self.pools.through(pool)
        reasons = tuple(
            replace(reason, amount=reason.amount * part)
            for origin, part in through.items()
            for reason in self.reasons_of(origin)
        )
        node = self.pools.draw(pool, share.fraction)
        return Explanation(
            _team(owner),
            line,
            amount,
            reasons,
            Node(NodeKind.LINE, line.id, amount, parts=(node,)),
            owner,
            pool_cost=self.pools.full(pool),
            share=share.fraction,
            method=share.method,
            uses=share.uses,
            currency=self.currency,
            own_cost=self.pools.cost(pool),
            note=share.note,
            weights={origin: part * share.fraction for origin, part in through.items()},
            received=self.pools.received(pool),
        )


def _team(owner: Owner) -> str:
    return owner.name if owner.kind is OwnerKind.TEAM else ""


def _reasons(parts: Iterable[Attributed], basis: str, pool: str = "") -> tuple[Reason, ...]:
    grouped: dict[tuple[str, Evidence, str, str, str], list[Attributed]] = defaultdict(list)
    for part in parts:
        grouped[part.rule, part.evidence, part.source, part.service, part.meant].append(part)
    reasons = (
        Reason(
            rule,
            evidence,
            source,
            service,
            charges=sum(part.charges for part in own),
            amount=sum_of(part.amounts.of(basis) for part in own),
            pool=pool,
            meant=meant,
        )
        for (rule, evidence, source, service, meant), own in grouped.items()
    )
    return tuple(sorted(reasons, key=lambda r: (-abs(r.amount), r.rule, r.source, r.service)))


def percent(share: Fraction) -> Decimal:
    """A share in percent to four places, for reading; the fraction itself stays exact.

    >>> percent(Fraction(1, 3))
    Decimal('33.3333')
    """
    return rounded(share * 100, 4)


def rounded(value: Fraction, places: int = 2) -> Decimal:
    """An exact figure to some places, half away from zero, for reading only."""
    return from_units(to_units(value, places), places)
