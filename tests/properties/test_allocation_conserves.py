"""Money in is money out, whatever the pools: exact before rounding, to the unit after it."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from apportion.allocate import allocate
from apportion.domain.amounts import Amounts
from apportion.domain.money import largest_remainder, to_units
from apportion.domain.period import Period
from apportion.domain.result import Attributed, Line, Run
from apportion.model.pools import Method, Pool, Split, WhenMissing
from apportion.model.project import Model
from apportion.model.terms import TERMS
from apportion.run.statement import draw_statement
from apportion.run.team_facts import team_facts
from companies import HERE, OCTOBER, charge, model, monthly, pool, team

NAMES = ["ann", "bob", "cyd", "dee"]
AMOUNTS = st.decimals(min_value=-(10**6), max_value=10**6, places=6, allow_nan=False).map(Fraction)
QUANTITIES = st.dictionaries(
    st.sampled_from(NAMES), st.decimals(min_value=-3, max_value=9, places=2).map(str)
)


@st.composite
def splits(draw: st.DrawFn) -> Split:
    method = draw(st.sampled_from([method for method in Method if method not in TERMS]))
    policy = draw(st.sampled_from([WhenMissing.KEEP, WhenMissing.FALLBACK]))
    among = tuple(sorted(draw(st.sets(st.sampled_from(NAMES), min_size=1))))
    drivers: tuple[tuple[str, Fraction], ...] = ()
    if method is Method.DRIVER:
        drivers = (("gb", Fraction(1)),)
    elif method is Method.WEIGHTED:
        weight = Fraction(draw(st.integers(0, 10)), 10)
        drivers = (("gb", weight), ("h", 1 - weight))
    return Split(
        method,
        HERE,
        among=() if method is Method.FIXED else among,
        percentages=tuple((name, Fraction(100, len(among))) for name in among)
        if method is Method.FIXED
        else (),
        drivers=drivers,
        on=draw(st.sampled_from(["ListCost", "EffectiveCost"])),
        when_missing=policy,
        fallback=Split(Method.EVEN, HERE) if policy is WhenMissing.FALLBACK else None,
    )


@st.composite
def companies(draw: st.DrawFn) -> tuple[Model, list[Attributed]]:
    pools: list[Pool] = [
        pool(f"p{number}", draw(splits())) for number in range(draw(st.integers(0, 4)))
    ]
    owners = ["", *NAMES, *(f"pool:{each.name}" for each in pools)]
    teams = [team(name, draw(st.integers(0, 9))) for name in NAMES]
    drivers = [monthly("gb", draw(QUANTITIES)), monthly("h", draw(QUANTITIES))]
    charges = draw(
        st.lists(
            st.builds(
                charge,
                st.sampled_from(owners),
                AMOUNTS,
                currency=st.sampled_from(["USD", "JPY", "KWD"]),
            ),
            max_size=12,
        )
    )
    return model(teams, pools, drivers), charges


def total(lines: tuple[Line, ...], currency: str) -> Fraction:
    return Amounts.total(line.amounts for line in lines if line.currency == currency).EffectiveCost


@given(companies())
def test_lines_sum_to_the_charges_exactly(company: tuple[Model, list[Attributed]]) -> None:
    rules, charges = company
    made = allocate(charges, rules, OCTOBER)
    for currency in ("USD", "JPY", "KWD"):
        billed = [c.amounts.EffectiveCost for c in charges if c.currency == currency]
        assert total(made.lines, currency) == sum(billed, Fraction(0))


@given(companies())
def test_shares_of_a_pool_sum_to_one(company: tuple[Model, list[Attributed]]) -> None:
    rules, charges = company
    shares = allocate(charges, rules, OCTOBER).shares
    for name, currency in {(share.pool, share.currency) for share in shares}:
        own = [s.fraction for s in shares if (s.pool, s.currency) == (name, currency)]
        assert sum(own) == 1
        assert all(fraction > 0 for fraction in own)


@given(companies(), st.randoms())
def test_the_order_of_charges_does_not_matter(
    company: tuple[Model, list[Attributed]], random: object
) -> None:
    rules, charges = company
    shuffled = list(charges)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert allocate(shuffled, rules, OCTOBER).lines == allocate(charges, rules, OCTOBER).lines


@given(companies())
def test_a_statement_adds_up_at_every_level(company: tuple[Model, list[Attributed]]) -> None:
    rules, charges = company
    made = allocate(charges, rules, OCTOBER)
    run = Run(
        id="r",
        period=Period(2026, 10),
        span=OCTOBER,
        model="m",
        basis="EffectiveCost",
        snapshots=(),
        made_at=datetime.now(UTC),
        teams=team_facts(rules, OCTOBER),
        attributed=tuple(charges),
        shares=made.shares,
        lines=made.lines,
        proofs=(),
    )
    for currency, digits in (("USD", 2), ("JPY", 0), ("KWD", 3)):
        drawn = draw_statement(run, currency)
        exact = total(made.lines, currency)
        assert drawn.total == to_units(exact, digits) * Fraction(1, 10**digits)
        parts = [t.total for t in drawn.teams] + [kept for _, kept in drawn.kept]
        assert sum(parts) + drawn.unallocated == drawn.total
        for own in drawn.teams:
            assert sum(line.amount for line in own.lines) == own.total
        assert sum(line.amount for line in drawn.unallocated_lines) == drawn.unallocated
        assert Fraction(drawn.total) - Fraction(drawn.rounding) == exact
        assert abs(Fraction(drawn.rounding)) <= Fraction(1, 2 * 10**digits)


@given(st.dictionaries(st.text(max_size=3), AMOUNTS, min_size=1, max_size=9))
def test_rounding_moves_no_part_by_a_whole_unit(parts: dict[str, Fraction]) -> None:
    units = to_units(sum(parts.values(), Fraction(0)), 0)
    rounded = largest_remainder(units, parts, {key: key for key in parts})
    assert sum(rounded.values()) == units
    assert all(abs(rounded[key] - parts[key]) < 1 for key in parts)
