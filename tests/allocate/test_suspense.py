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
from apportion.model.organisation import Organisation, UnitKind
from apportion.model.pools import Method, Split
from apportion.model.project import Model
from companies import HERE, OCTOBER, charge, model, pool, team

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
        charged = str(before.owner) in {"team a", "pool p"}
        assert bool(after.meant) == (weak and charged)
        assert (after.owner == before.owner) == (not after.meant)


def test_a_team_may_clear_suspense() -> None:
    weak = replace(charge("a", "5"), evidence=Evidence.PATTERN)
    (made,) = suspend_weak([weak], company(Evidence.MAPPED, suspense="b"), OCTOBER)
    assert (made.owner.kind, made.owner.name, made.meant) == (OwnerKind.TEAM, "b", "team a")


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
