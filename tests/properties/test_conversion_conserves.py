"""Conversion loses nothing: exactly before rounding, to the unit after it, whatever the rates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from apportion.allocate import allocate
from apportion.domain.amounts import Amounts
from apportion.domain.money import minor_digits, to_units
from apportion.domain.period import Period
from apportion.domain.rate import Quote, Rate, RateType
from apportion.domain.result import Attributed, Run
from apportion.model.pools import Method, Split, WhenMissing
from apportion.model.project import Model
from apportion.price.convert import Days, convert, name_of
from apportion.run.in_one_currency import in_one_currency, prove_conversion
from apportion.run.statement import Statement, draw_converted
from apportion.run.team_facts import team_facts
from companies import HERE, OCTOBER, charge, model, pool, team

NAMES = ["ann", "bob", "cyd"]
FIRST, SECOND = date(2026, 10, 1), date(2026, 10, 2)
AMOUNTS = st.decimals(min_value=-(10**6), max_value=10**6, places=6, allow_nan=False).map(Fraction)
RATES = st.fractions(min_value=Fraction(1, 1000), max_value=1000)
BILLED = ["USD", "JPY", "KWD"]


def charged(source: str, owner: str, amount: Fraction, currency: str) -> Attributed:
    return replace(charge(owner, amount, currency=currency), source=source)


@st.composite
def conversions(draw: st.DrawFn) -> Run:
    """A run of a company that is billed in three currencies and reports in one; some lack rates."""
    into = draw(st.sampled_from(["USD", "JPY", "KWD", "EUR"]))
    keeping = {"when_missing": WhenMissing.KEEP}
    methods = st.sampled_from([Method.EVEN, Method.DIRECT_COST])
    pools = [pool(f"p{n}", Split(draw(methods), HERE, **keeping)) for n in range(2)]  # type: ignore[arg-type]
    company = model([team(name) for name in NAMES], pools)
    owners = ["", *NAMES, "pool:p0", "pool:p1"]
    charges = draw(
        st.lists(
            st.builds(
                charged,
                st.sampled_from(["aws", "gcp"]),
                st.sampled_from(owners),
                AMOUNTS,
                st.sampled_from(BILLED),
            ),
            min_size=1,
            max_size=8,
            unique_by=name_of,
        )
    )
    return _run(draw, company, charges, into)


def _run(draw: st.DrawFn, company: Model, charges: list[Attributed], into: str) -> Run:
    days: Days = {
        name_of(part): [(FIRST, part.amounts - half), (SECOND, half)]
        for part in charges
        for half in [part.amounts.times(draw(st.fractions(-1, 2)))]
    }
    wanted = sorted({(part.source, part.currency) for part in charges if part.currency != into})
    rates = tuple(draw(_rate(source, currency, into)) for source, currency in wanted)
    attributed = convert(charges, rates, days)
    allocation = allocate(attributed, company, OCTOBER, reporting=into)
    return Run(
        id="run",
        period=Period(2026, 10),
        span=OCTOBER,
        model="",
        basis="EffectiveCost",
        snapshots=(),
        made_at=datetime(2026, 11, 1, tzinfo=UTC),
        teams=team_facts(company, OCTOBER),
        attributed=attributed,
        shares=allocation.shares,
        lines=allocation.lines,
        proofs=(),
        currency=into,
        rates=rates,
    )


@st.composite
def _rate(draw: st.DrawFn, source: str, currency: str, into: str) -> Rate:
    kind = draw(st.sampled_from(["fixed", "daily", "missing"]))
    if kind == "missing":
        return Rate(source, currency, into, RateType.CLOSING, None, missing="no rate")
    if kind == "fixed":
        return Rate(source, currency, into, RateType.MONTH_AVERAGE, draw(RATES))
    quotes = tuple(Quote(day, currency, into, draw(RATES), day, "own") for day in (FIRST, SECOND))
    return Rate(source, currency, into, RateType.DAILY, None, quotes)


def exact_bill(attributed: Iterable[Attributed], into: str) -> Amounts:
    return Amounts.total(
        part.amounts if part.currency == into else part.converted or Amounts()
        for part in attributed
    )


@given(conversions())
def test_converted_lines_are_the_converted_charges(run: Run) -> None:
    prove_conversion(run)
    found = in_one_currency(run)

    for line in run.lines:  # what a line was = what was converted of it + what is left
        own = Amounts.total(part.amounts for part in found.originals.get(line.id, ()))
        rest = Amounts.total(left.amounts for left in found.left if left.id == line.id)
        if line.currency != run.currency:
            assert own + rest == line.amounts
    assert all(line.currency == run.currency for line in found.lines)


@given(conversions())
def test_the_statement_adds_up_to_the_rounded_converted_bill(run: Run) -> None:
    statement = draw_converted(run)
    digits = minor_digits(run.currency)
    exact = exact_bill(run.attributed, run.currency).EffectiveCost

    assert Fraction(statement.total) * 10**digits == to_units(exact, digits)
    for each in (statement, *statement.left):
        assert_adds_up(each)
    lacking = {rate.currency for rate in run.rates if rate.missing}
    assert {left.currency for left in statement.left} <= lacking


def assert_adds_up(statement: Statement) -> None:
    for own in statement.teams:
        assert own.total == sum((line.amount for line in own.lines), own.total - own.total)
    parts = [own.total for own in statement.teams]
    parts += [kept for _, kept in statement.kept]
    assert sum(parts, statement.unallocated) == statement.total


@given(conversions())
def test_the_order_of_charges_means_nothing(run: Run) -> None:
    other = replace(
        run,
        attributed=run.attributed[::-1],
        lines=run.lines[::-1],
        shares=run.shares[::-1],
        rates=run.rates[::-1],
    )
    one, two = draw_converted(run), draw_converted(other)

    assert one.total == two.total
    assert amounts(one) == amounts(two)


def amounts(statement: Statement) -> dict[str, object]:
    lines = [line for own in statement.teams for line in own.lines]
    return {line.id: line.amount for line in (*lines, *statement.unallocated_lines)}
