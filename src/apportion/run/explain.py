"""Explain: from a statement line back to rules, drivers, shares and the charges behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from apportion.allocate.origins import origins
from apportion.domain.money import from_units, to_units
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.result import Attributed, DriverUse, LineKind, PoolShare, Run
from apportion.errors import NotLoaded
from apportion.run.in_one_currency import Original, in_one_currency
from apportion.run.statement import (
    Statement,
    StatementLine,
    draw_statement,
    one_team,
)


@dataclass(frozen=True)
class Reason:
    """Part of a cost that one rule decided, on evidence of a stated strength; exact.

    `pool` is the pool that the charges fell into, for a share of a pool; it may be
    one that charges the line's pool.
    """

    rule: str
    evidence: Evidence
    source: str
    service: str
    charges: int
    amount: Fraction
    pool: str = ""


@dataclass(frozen=True)
class Explanation:
    """Why a team carries a line.

    For a direct line the reasons sum to its exact amount. For a shared one they
    sum to the pool's full cost, of which the team carries `share`, by the driver
    quantities in `uses`; `own_cost` is what the pool costs without what other pools
    charge it; `note` what the method has to say of the share. All is in the currency
    of the bill; `originals` says by which rates the line was converted, where the
    run converts.
    """

    team: str
    line: StatementLine
    exact: Fraction
    reasons: tuple[Reason, ...]
    pool_cost: Fraction | None = None
    share: Fraction | None = None
    method: str = ""
    uses: tuple[DriverUse, ...] = ()
    currency: str = ""
    originals: tuple[Original, ...] = ()
    own_cost: Fraction | None = None
    note: str = ""

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
        raise NotLoaded(
            f"team {team} has no line {line!r} in {statement.period}",
            hint=f"its lines are listed by `apportion statement --team {team} --json`",
        )
    return tuple(_explain(run, statement, team, found) for found in wanted)


def explain_all(
    run: Run, wanted: Iterable[str], team: str, line: str | None = None
) -> tuple[Explanation, ...]:
    """Explain a team's lines currency by currency, or one of them by its id.

    Where the run converts, these are what the converted lines are made of.
    Raises NotLoaded like `explain`.
    """
    originals = in_one_currency(run).originals if run.currency else {}
    found: list[Explanation] = []
    for currency in wanted:
        statement = draw_statement(run, currency)
        lines = [own.id for own in one_team(statement, team).lines if line in (None, own.id)]
        for own in lines:
            (each,) = explain(run, statement, team, own)
            found.append(replace(each, originals=originals.get(own, ())))
    if line is not None and not found:
        raise NotLoaded(
            f"team {team} has no line {line!r} in {run.period}",
            hint=f"its lines are listed by `apportion statement --team {team} --json`",
        )
    return tuple(found)


def _explain(run: Run, statement: Statement, team: str, line: StatementLine) -> Explanation:
    basis, currency = statement.basis, statement.currency
    exact = next(
        found.amounts.of(basis)
        for found in run.lines
        if found.id == line.id and found.currency == currency
    )
    if line.kind is LineKind.DIRECT:
        owner = Owner(OwnerKind.TEAM, team)
        reasons = _reasons(
            (part for part in _of(run, currency, owner) if part.service == line.service), basis
        )
        if sum((reason.amount for reason in reasons), Fraction(0)) != exact:
            raise AssertionError(f"the reasons of line {line.id} don't sum to it")
        return Explanation(team, line, exact, reasons, currency=currency)
    share = _share(run, currency, team, line)
    reasons = tuple(_of_pool(run, currency, line.pool, basis))
    cost = sum((reason.amount for reason in reasons), Fraction(0))
    if cost * share.fraction != exact:
        raise AssertionError(f"the share of line {line.id} isn't its part of the pool")
    own = sum(
        (part.amounts.of(basis) for part in _of(run, currency, Owner(OwnerKind.POOL, line.pool))),
        Fraction(0),
    )
    return Explanation(
        team,
        line,
        exact,
        reasons,
        cost,
        share.fraction,
        share.method,
        share.uses,
        currency,
        own_cost=own,
        note=share.note,
    )


def _of(run: Run, currency: str, owner: Owner) -> Iterable[Attributed]:
    return (part for part in run.attributed if (part.currency, part.owner) == (currency, owner))


def _of_pool(run: Run, currency: str, pool: str, basis: str) -> Iterator[Reason]:
    """What a pool's full cost is made of: its own charges, and those of pools that charge it."""
    for origin, part in origins(run.shares)[currency, pool].items():
        own = _reasons(_of(run, currency, Owner(OwnerKind.POOL, origin)), basis)
        yield from (replace(one, amount=one.amount * part, pool=origin) for one in own)


def _share(run: Run, currency: str, team: str, line: StatementLine) -> PoolShare:
    wanted = (currency, Owner(OwnerKind.TEAM, team), line.pool, line.kind)
    return next(s for s in run.shares if (s.currency, s.receiver, s.pool, s.kind) == wanted)


def _reasons(parts: Iterable[Attributed], basis: str) -> tuple[Reason, ...]:
    grouped: dict[tuple[str, Evidence, str, str], list[Attributed]] = defaultdict(list)
    for part in parts:
        grouped[part.rule, part.evidence, part.source, part.service].append(part)
    reasons = (
        Reason(
            *key,
            charges=sum(part.charges for part in own),
            amount=sum((part.amounts.of(basis) for part in own), Fraction(0)),
        )
        for key, own in grouped.items()
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
