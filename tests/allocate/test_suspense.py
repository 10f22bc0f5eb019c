"""Suspense and modes: what is charged, shown, or waits for evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apportion.allocate.suspend_weak import suspend_weak
from apportion.domain.mode import Mode, least
from apportion.domain.owner import Evidence, OwnerKind
from apportion.domain.result import Attributed
from apportion.model.chargeback import ChargebackTerms
from apportion.model.dated import Dated, Validity
from apportion.model.limits import Exemption
from apportion.model.organisation import Organisation, UnitKind
from apportion.model.pools import Between, BetweenPools, Driver, Method, Pool, Split
from apportion.model.project import Model
from apportion.model.terms.idle import Capacity, Idle, IdleTo
from apportion.model.terms.practical_capacity import PracticalCapacity
from companies import HERE, OCTOBER, charge, model, monthly, pool, team

NOVEMBER = date(2026, 11, 1)


def company(least_evidence: Evidence, *, suspense: str = "") -> Model:
    charged = replace(team("a"), mode=(Dated(Mode.CHARGEBACK),))
    shared = replace(pool("p", Split(Method.EVEN, HERE)), mode=(Dated(Mode.CHARGEBACK),))
    terms = ChargebackTerms(HERE, least_evidence, suspense)
    plain = model([charged, team("b")], [shared, pool("q", Split(Method.EVEN, HERE))])
    return replace(plain, chargeback=(Dated(terms),))


PARTS = st.lists(
    st.builds(
        lambda owner, evidence, amount: replace(charge(owner, amount), evidence=evidence),
        st.sampled_from(["a", "b", "", "pool:p", "pool:q"]),
        st.sampled_from(Evidence),
        st.integers(-9, 9).map(Fraction),
    )
)


@given(PARTS, st.sampled_from(Evidence))
def test_suspense_moves_owners_and_no_money(
    parts: list[Attributed], least_evidence: Evidence
) -> None:
    made = suspend_weak(parts, company(least_evidence), OCTOBER)
    assert [part.amounts for part in made] == [part.amounts for part in parts]
    strength = list(Evidence).index
    for before, after in zip(parts, made, strict=True):
        weak = strength(before.evidence) > strength(least_evidence)
        charged = str(before.owner) in {"team a", "pool p", "pool q"}
        assert bool(after.meant) == (weak and charged)
        assert (after.owner == before.owner) == (not after.meant)


def test_a_team_may_clear_suspense() -> None:
    weak = replace(charge("a", "5"), evidence=Evidence.PATTERN)
    (made,) = suspend_weak([weak], company(Evidence.MAPPED, suspense="b"), OCTOBER)
    assert (made.owner.kind, made.owner.name, made.meant) == (OwnerKind.TEAM, "b", "team a")


def suspends(*pools: Pool, drivers: tuple[Driver, ...] = (), **terms: object) -> set[str]:
    """The pools whose weak charges are suspended; team a is in chargeback, b is not."""
    plain = company(Evidence.MAPPED)
    named = {driver.name: driver for driver in drivers}
    rules = replace(plain, pools=pools, drivers=named, **terms)  # type: ignore[arg-type]
    weak = [replace(charge(f"pool:{one.name}", "5"), evidence=Evidence.PATTERN) for one in pools]
    return {part.meant.removeprefix("pool ") for part in suspend_weak(weak, rules, OCTOBER)} - {""}


def among(name: str, *names: str, mode: Mode | None = None, **more: object) -> Pool:
    made = pool(name, Split(Method.EVEN, HERE, among=names, **more))  # type: ignore[arg-type]
    return replace(made, mode=(Dated(mode),) if mode else ())


def test_a_pool_is_suspended_when_a_team_in_chargeback_may_receive_a_part() -> None:
    assert suspends(among("p"), among("q", "b"), among("r", "a", "b")) == {"p", "r"}
    assert suspends(among("p", excluding=("a",))) == set()
    assert suspends(among("p", mode=Mode.SHOWBACK), among("q", "b", mode=Mode.CHARGEBACK)) == {"q"}
    fallback = Split(Method.EVEN, HERE, among=("a",))
    assert suspends(among("p", "b", fallback=fallback)) == {"p"}


def test_a_pool_is_suspended_when_it_may_pass_cost_to_one_that_is() -> None:
    chain = (among("p", "q", mode=Mode.SHOWBACK), among("q", "r", "b"), among("r", "a"))
    assert suspends(*chain) == {"p", "q", "r"}
    direct = (Dated(Between(BetweenPools.DIRECT)),)
    assert suspends(*chain, allocation=direct) == {"r"}
    by_use = Split(Method.DRIVER, HERE, drivers=(("gb", Fraction(1)),), excluding=("a",))
    use = monthly("gb", {"b": "1", "r": "2"})
    assert suspends(pool("p", by_use), among("r", "a"), drivers=(use,)) == {"p", "r"}


def test_a_pool_is_suspended_when_an_account_or_a_stand_in_is_charged() -> None:
    exempt = Exemption("b", HERE, "policy", Validity(), "a")
    assert suspends(replace(among("p", "b"), exempt=(exempt,))) == {"p"}
    capacity = Capacity(idle=Idle(IdleTo.CENTRAL, account="a"))
    terms = PracticalCapacity("gb", capacity)
    use = monthly("gb", {"b": "1"})
    split = Split(Method.PRACTICAL_CAPACITY, HERE, among=("b",), terms=terms)
    assert suspends(pool("p", split), drivers=(use,)) == {"p"}


def test_without_terms_everything_is_charged() -> None:
    weak = replace(charge("a", "5"), evidence=Evidence.PATTERN)
    rules = replace(company(Evidence.MAPPED), chargeback=())
    assert suspend_weak([weak], rules, OCTOBER) == (weak,)


def test_a_mode_is_inherited_and_dated() -> None:
    product = replace(
        team("prod"),
        kind=UnitKind.PRODUCT,
        mode=(Dated(Mode.CHARGEBACK, Validity(NOVEMBER, None)),),
    )
    own = replace(team("a"), parent=(Dated("prod"),))
    shadow = replace(team("b"), parent=(Dated("prod"),), mode=(Dated(Mode.SHADOW),))
    units = Organisation({unit.name: unit for unit in (product, own, shadow)})
    assert units.mode("a", OCTOBER.start) is Mode.SHOWBACK
    assert units.mode("a", NOVEMBER) is Mode.CHARGEBACK
    assert units.mode("b", NOVEMBER) is Mode.SHADOW


@pytest.mark.parametrize("pair", [(a, b) for a in Mode for b in Mode])
def test_a_line_has_the_lesser_mode(pair: tuple[Mode, Mode]) -> None:
    own, of_pool = pair
    rules = model(
        [replace(team("a"), mode=(Dated(own),))],
        [replace(pool("p", Split(Method.EVEN, HERE)), mode=(Dated(of_pool),))],
    )
    assert rules.line_mode("a", "p", OCTOBER.start) is least(own, of_pool)
    assert rules.line_mode("a", "", OCTOBER.start) is own
