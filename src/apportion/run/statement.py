"""Statements: exact lines rounded once, so that they add up to the rounded bill."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from apportion.domain.amounts import sum_of
from apportion.domain.money import SCALE, from_units, largest_remainder, minor_digits, to_units
from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.rate import Rate
from apportion.domain.result import Line, PoolShare, Run, TeamFacts
from apportion.errors import UsageError
from apportion.run.in_one_currency import Original, in_one_currency
from apportion.run.prove import as_decimal
from apportion.run.statement_values import Statement, StatementLine, TeamStatement, one_team

__all__ = [
    "Statement",
    "StatementLine",
    "TeamStatement",
    "currencies",
    "draw_converted",
    "draw_statement",
    "draw_statements",
    "one_team",
]


def currencies(run: Run, preferred: str) -> tuple[str, ...]:
    """The currencies of a run, the preferred one first, and alone where the run has no lines."""
    found = {line.currency for line in run.lines} or {preferred}
    return tuple(sorted(found, key=lambda currency: (currency != preferred, currency)))


def draw_statements(
    run: Run, preferred: str, *, basis: str = "", previous: Run | None = None
) -> tuple[Statement, ...]:
    """What a run has to say as it stands: the converted statement, and those of what is left.

    A run that converts nothing has one statement for each currency, the
    preferred one first.
    """
    if run.currency:
        drawn = draw_converted(run, basis=basis, previous=previous)
        return (drawn, *drawn.left)
    return tuple(
        draw_statement(run, currency, basis=basis, previous=previous)
        for currency in currencies(run, preferred)
    )


def draw_statement(
    run: Run, currency: str, *, basis: str = "", previous: Run | None = None
) -> Statement:
    """Round a run's exact lines of one currency once, from the top down.

    The exact bill is rounded to the currency's minor unit; owners get whole
    units that sum to it by largest remainder; each owner's lines get units that
    sum to the owner's. So every subtotal on paper adds up.

    Source: largest remainder (Hamilton) method, applied hierarchically.
    """
    basis = basis or run.basis
    _check_basis(run, basis, {currency})
    before: Mapping[str, Decimal] = {}
    if previous and any(line.currency == currency for line in previous.lines):
        before = _totals(draw_statement(previous, currency, basis=basis))
    return _draw(run, currency, basis, _Drawing(run.lines, _shares(run), before))


def draw_converted(run: Run, *, basis: str = "", previous: Run | None = None) -> Statement:
    """A run's lines of all currencies in its reporting currency, rounded once, from the top down.

    By the rates that the run holds, so that it stays as it is whatever becomes
    of the rate tables. Raises UsageError for a run that converts nothing.
    """
    if not run.currency:
        raise UsageError(
            f"run {run.id} converts nothing",
            why="no rates were set when it was made",
            hint=f"set `rates` in apportion.yaml, and `apportion run --period {run.period}`",
        )
    basis = basis or run.basis
    _check_basis(run, basis, {proof.currency for proof in run.proofs})
    found = in_one_currency(run)
    before: Mapping[str, Decimal] = {}
    if previous and previous.currency == run.currency:
        earlier = draw_converted(previous, basis=basis)
        before = {} if earlier.left else _totals(earlier)
    shares = _shares(run)
    whole = _Drawing(found.lines, shares, before, found.originals, run.rates)
    drawn = _draw(run, run.currency, basis, whole)
    rest = _Drawing(found.left, shares, {})
    codes = sorted({line.currency for line in found.left})
    left = tuple(_draw(run, currency, basis, rest) for currency in codes)
    return replace(drawn, converted=True, rates=run.rates, left=left)


def _check_basis(run: Run, basis: str, among: Collection[str]) -> None:
    carried = {proof.basis for proof in run.proofs if proof.currency in among}
    if carried and basis not in carried:
        raise UsageError(
            f"no source of this period carries {basis}",
            hint=f"ask for one of {', '.join(sorted(carried))}",
        )


@dataclass(frozen=True)
class _Drawing:
    """Exact lines to draw, and what is shown beside them.

    Shares and originals are by line, the totals of the month before by team.
    `rates` convert budgets.
    """

    lines: tuple[Line, ...]
    shares: Mapping[str, PoolShare]
    before: Mapping[str, Decimal]
    originals: Mapping[str, tuple[Original, ...]] = field(default_factory=dict)
    rates: tuple[Rate, ...] = ()


def _draw(run: Run, currency: str, basis: str, drawing: _Drawing) -> Statement:
    digits = minor_digits(currency)
    lines = [line for line in drawing.lines if line.currency == currency]
    exact = sum_of(line.amounts.of(basis) for line in lines)
    total = to_units(exact, digits)
    by_owner = _by_owner(lines)
    owned = _rounded(
        total,
        {owner: sum_of(line.amounts.of(basis) for line in own) for owner, own in by_owner.items()},
        {owner: f"{owner.kind} {owner.name}" for owner in by_owner},
        digits,
    )
    drawn = {
        owner: _lines(own, owned[owner], basis, digits, drawing) for owner, own in by_owner.items()
    }
    money = {owner: from_units(units, digits) for owner, units in owned.items()}
    budgets = _Budgets(currency, digits, drawing.rates)
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
        rounding=_difference(from_units(total, digits), exact),
        teams=tuple(_team(facts, budgets, money, drawn, drawing.before) for facts in run.teams),
        kept=tuple(
            (owner.name, amount)
            for owner, amount in sorted(money.items())
            if owner.kind is OwnerKind.POOL
        ),
        unallocated_lines=_lines_of(OwnerKind.UNALLOCATED, drawn),
        kept_lines=_lines_of(OwnerKind.POOL, drawn),
    )


def _lines_of(
    kind: OwnerKind, drawn: Mapping[Owner, tuple[StatementLine, ...]]
) -> tuple[StatementLine, ...]:
    return tuple(line for owner, own in drawn.items() if owner.kind is kind for line in own)


def _difference(rounded: Decimal, exact: Fraction) -> Decimal:
    """What rounding added: exact where the bill has an end, to 18 places where rates leave none."""
    added = Fraction(rounded) - exact
    rest = added.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest == 1:
        return rounded - as_decimal(exact)
    return from_units(to_units(added, SCALE), SCALE)


def _shares(run: Run) -> dict[str, PoolShare]:
    """By line, the share of a pool that it stands for."""
    shares = {(s.currency, s.receiver, s.pool, s.kind): s for s in run.shares}
    keys = {
        line.id: (line.currency, line.owner, line.pool, line.kind)
        for line in run.lines
        if line.pool
    }
    return {line: shares[key] for line, key in keys.items() if key in shares}


def _totals(statement: Statement) -> dict[str, Decimal]:
    return {team.facts.team: team.total for team in statement.teams}


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
    own: Sequence[Line], units: int, basis: str, digits: int, drawing: _Drawing
) -> tuple[StatementLine, ...]:
    scale = Fraction(10) ** digits
    rounded = largest_remainder(
        units,
        {line.id: line.amounts.of(basis) * scale for line in own},
        {line.id: f"{line.kind} {line.pool} {line.service}\0{line.id}" for line in own},
    )
    return tuple(
        StatementLine(
            line.id,
            line.kind,
            line.pool,
            line.service,
            from_units(rounded[line.id], digits),
            share.fraction if share else None,
            drawing.originals.get(line.id, ()),
            line.mode,
            share.note if share else "",
        )
        for line in own
        for share in (drawing.shares.get(line.id),)
    )


def _team(
    facts: TeamFacts,
    budgets: _Budgets,
    money: Mapping[Owner, Decimal],
    drawn: Mapping[Owner, tuple[StatementLine, ...]],
    before: Mapping[str, Decimal],
) -> TeamStatement:
    owner = Owner(OwnerKind.TEAM, facts.team)
    return TeamStatement(
        facts=facts,
        total=money.get(owner, from_units(0, budgets.digits)),
        budget=budgets.of(facts),
        previous=before.get(facts.team),
        lines=drawn.get(owner, ()),
    )


@dataclass(frozen=True)
class _Budgets:
    """Budgets in a statement's currency, with its places; converted where the run has a rate."""

    currency: str
    digits: int
    rates: tuple[Rate, ...]

    def of(self, facts: TeamFacts) -> Decimal | None:
        if facts.budget is None:
            return None
        exact = Fraction(facts.budget)
        if facts.budget_currency != self.currency:
            rate = self._rate(facts.budget_currency)
            if rate is None:
                return None
            exact *= rate
        return from_units(to_units(exact, self.digits), self.digits)

    def _rate(self, currency: str) -> Fraction | None:
        own = ("", currency)
        return next((r.value for r in self.rates if (r.source, r.currency) == own), None)
