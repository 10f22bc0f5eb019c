"""Small companies and bills for allocation tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from apportion.domain.amounts import Amounts
from apportion.domain.owner import UNALLOCATED, Evidence, Owner, OwnerKind
from apportion.domain.period import Period, Span
from apportion.domain.result import Attributed
from apportion.errors import Place
from apportion.model.dated import Dated, Validity
from apportion.model.organisation import Organisation, OrgUnit, UnitKind
from apportion.model.pools import Driver, DriverRow, Pool, Split
from apportion.model.project import Model

HERE = Place("test.yaml", 1, 1)
OCTOBER = Period(2026, 10).span


def team(name: str, head_count: int | None = None, valid: Validity | None = None) -> OrgUnit:
    people = () if head_count is None else (Dated(head_count),)
    return OrgUnit(name, UnitKind.TEAM, name, HERE, valid=valid or Validity(), head_count=people)


def model(
    teams: Iterable[OrgUnit], pools: Iterable[Pool] = (), drivers: Iterable[Driver] = ()
) -> Model:
    return Model(
        organisation=Organisation({unit.name: unit for unit in teams}),
        pools=tuple(pools),
        drivers={driver.name: driver for driver in drivers},
    )


def pool(name: str, *splits: Split | Dated[Split], valid: Validity | None = None) -> Pool:
    dated = tuple(s if isinstance(s, Dated) else Dated(s) for s in splits)
    return Pool(name, 1, name, HERE, dated, valid=valid or Validity())


def monthly(name: str, quantities: dict[str, str], span: Span = OCTOBER) -> Driver:
    rows = tuple(
        DriverRow(who, span.start, span.until, Decimal(quantity), HERE)
        for who, quantity in quantities.items()
    )
    return Driver(name, "units", f"{name}.csv", HERE, rows)


def daily(name: str, quantities: Iterable[tuple[str, date, str]]) -> Driver:
    rows = tuple(
        DriverRow(who, day, date.fromordinal(day.toordinal() + 1), Decimal(quantity), HERE)
        for who, day, quantity in quantities
    )
    return Driver(name, "units", f"{name}.csv", HERE, rows)


def same(amount: str | Fraction) -> Amounts:
    """The same figure on all four bases."""
    return Amounts(*(Fraction(amount),) * 4)


def charge(owner: str, amount: str | Fraction, *, currency: str = "USD") -> Attributed:
    """A charge of a team, of a pool (``pool:NAME``), or of nobody (an empty name)."""
    kind, _, name = owner.rpartition(":")
    who = UNALLOCATED if not name else Owner(OwnerKind(kind or "team"), name)
    return Attributed("aws", currency, who, "rule", Evidence.TAGGED, "EC2", 1, same(amount))
