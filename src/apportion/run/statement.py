"""Statements: exact lines rounded once, so that they add up to the rounded bill."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apportion.domain.money import from_units, largest_remainder, minor_digits, to_units
from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.result import Line, LineKind, PoolShare, Run, TeamFacts
from apportion.errors import NotLoaded, UsageError
from apportion.run.prove import as_decimal


@dataclass(frozen=True)
class StatementLine:
    """A rounded line; `share` is the exact fraction of the pool that a shared line stands for."""

    id: str
    kind: LineKind
    pool: str
    service: str
    amount: Decimal
    share: Fraction | None = None


@dataclass(frozen=True)
class TeamStatement:
    """What one team carries in a period.

    `variance` is total minus budget: positive is over budget. `previous` is the
    total of the month before, where that month has a run.
    """

    facts: TeamFacts
    total: Decimal
    budget: Decimal | None
    previous: Decimal | None
    lines: tuple[StatementLine, ...]

    @property
    def variance(self) -> Decimal | None:
        return None if self.budget is None else self.total - self.budget

    @property
    def change(self) -> Decimal | None:
        return None if self.previous is None else self.total - self.previous

    def sum_of(self, kind: LineKind) -> Decimal:
        """What the team carries in lines of a kind."""
        nothing = self.total - self.total
        return sum((line.amount for line in self.lines if line.kind is kind), nothing)


@dataclass(frozen=True)
class Statement:
    """All teams of a period in one currency on one cost basis.

    total = teams + unallocated + kept, and total = exact bill + rounding.
    """

    period: str
    currency: str
    basis: str
    run: str
    provisional: bool
    total: Decimal
    unallocated: Decimal
    rounding: Decimal
    teams: tuple[TeamStatement, ...]
    kept: tuple[tuple[str, Decimal], ...]
    unallocated_lines: tuple[StatementLine, ...]


def currencies(run: Run, preferred: str) -> tuple[str, ...]:
    """The currencies of a run, the preferred one first."""
    found = {line.currency for line in run.lines}
    return tuple(sorted(found, key=lambda currency: (currency != preferred, currency)))


def draw_statement(
    run: Run, currency: str, *, basis: str = "", previous: Run | None = None
) -> Statement:
    """Round a run's exact lines once, from the top down.

    The exact bill is rounded to the currency's minor unit; owners get whole
    units that sum to it by largest remainder; each owner's lines get units that
    sum to the owner's. So every subtotal on paper adds up.

    Source: largest remainder (Hamilton) method, applied hierarchically.
    """
    basis = basis or run.basis
    carried = {proof.basis for proof in run.proofs if proof.currency == currency}
    if run.proofs and carried and basis not in carried:
        raise UsageError(
            f"no source of this period carries {basis}",
            hint=f"ask for one of {', '.join(sorted(carried))}",
        )
    digits = minor_digits(currency)
    lines = [line for line in run.lines if line.currency == currency]
    exact = sum((line.amounts.of(basis) for line in lines), Fraction(0))
    total = to_units(exact, digits)
    by_owner = _by_owner(lines)
    owned = _rounded(
        total,
        {
            owner: sum((line.amounts.of(basis) for line in own), Fraction(0))
            for owner, own in by_owner.items()
        },
        {owner: f"{owner.kind} {owner.name}" for owner in by_owner},
        digits,
    )
    shares = {(s.currency, s.receiver, s.pool): s for s in run.shares}
    drawn = {
        owner: _lines(own, owned[owner], basis, digits, shares) for owner, own in by_owner.items()
    }
    before = _totals_before(previous, currency, basis)
    money = {owner: from_units(units, digits) for owner, units in owned.items()}
    return Statement(
        period=_label(run),
        currency=currency,
        basis=basis,
        run=run.id,
        provisional=run.provisional,
        total=from_units(total, digits),
        unallocated=sum(
            (amount for owner, amount in money.items() if owner.kind is OwnerKind.UNALLOCATED),
            from_units(0, digits),
        ),
        rounding=from_units(total, digits) - as_decimal(exact),
        teams=tuple(_team(facts, currency, digits, money, drawn, before) for facts in run.teams),
        kept=tuple(
            (owner.name, amount)
            for owner, amount in sorted(money.items())
            if owner.kind is OwnerKind.POOL
        ),
        unallocated_lines=tuple(
            line
            for owner, own in drawn.items()
            if owner.kind is OwnerKind.UNALLOCATED
            for line in own
        ),
    )


def one_team(statement: Statement, team: str) -> TeamStatement:
    """A team's part of a statement; raises NotLoaded with the nearest names if there is none."""
    from difflib import get_close_matches

    found = next((t for t in statement.teams if t.facts.team == team), None)
    if found is None:
        names = [t.facts.team for t in statement.teams]
        near = get_close_matches(team, names, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"the teams are {', '.join(names)}"
        raise NotLoaded(f"no team is called {team!r} in {statement.period}", hint=hint)
    return found


def _label(run: Run) -> str:
    return f"{run.span.start}/{run.span.until}" if run.provisional else str(run.period)


def _by_owner(lines: Iterable[Line]) -> dict[Owner, list[Line]]:
    found: dict[Owner, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.owner].append(line)
    return dict(found)


def _rounded(
    total: int, exact: Mapping[Owner, Fraction], order: Mapping[Owner, str], digits: int
) -> dict[Owner, int]:
    scale = Fraction(10) ** digits
    return largest_remainder(total, {key: part * scale for key, part in exact.items()}, order)


def _lines(
    own: Sequence[Line],
    units: int,
    basis: str,
    digits: int,
    shares: Mapping[tuple[str, Owner, str], PoolShare],
) -> tuple[StatementLine, ...]:
    scale = Fraction(10) ** digits
    rounded = largest_remainder(
        units,
        {line.id: line.amounts.of(basis) * scale for line in own},
        {line.id: f"{line.kind} {line.pool} {line.service}" for line in own},
    )
    found = []
    for line in own:
        share = shares.get((line.currency, line.owner, line.pool))
        amount = from_units(rounded[line.id], digits)
        fraction = share.fraction if share else None
        found.append(StatementLine(line.id, line.kind, line.pool, line.service, amount, fraction))
    return tuple(found)


def _totals_before(previous: Run | None, currency: str, basis: str) -> Mapping[str, Decimal]:
    if previous is None or not any(line.currency == currency for line in previous.lines):
        return {}
    before = draw_statement(previous, currency, basis=basis)
    return {team.facts.team: team.total for team in before.teams}


def _team(
    facts: TeamFacts,
    currency: str,
    digits: int,
    money: Mapping[Owner, Decimal],
    drawn: Mapping[Owner, tuple[StatementLine, ...]],
    before: Mapping[str, Decimal],
) -> TeamStatement:
    owner = Owner(OwnerKind.TEAM, facts.team)
    return TeamStatement(
        facts=facts,
        total=money.get(owner, from_units(0, digits)),
        budget=_budget(facts, currency, digits),
        previous=before.get(facts.team),
        lines=drawn.get(owner, ()),
    )


def _budget(facts: TeamFacts, currency: str, digits: int) -> Decimal | None:
    """The team's budget in this currency, with its places."""
    if facts.budget is None or facts.budget_currency != currency:
        return None
    return from_units(to_units(Fraction(facts.budget), digits), digits)
