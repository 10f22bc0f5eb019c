"""Policies move money, and lose none: whatever they are, lines sum to charges, exactly."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from apportion.allocate import allocate
from apportion.allocate.policy_pools import Policies
from apportion.domain.amounts import Amounts
from apportion.domain.result import LineKind
from apportion.model.policies import DEFAULT_PLACE, PolicyKind, PolicyPool
from companies import OCTOBER, charge, model, same, team

NAMES = ["ann", "bob", "cyd"]
PROVIDERS = ["AWS", "Microsoft", ""]
AMOUNTS = st.decimals(min_value=-(10**6), max_value=10**6, places=6, allow_nan=False).map(Fraction)
CENTRAL = PolicyPool("central tax", PolicyKind.TAX, DEFAULT_PLACE)
SHARED = [
    PolicyPool(f"support of {name}", PolicyKind.SUPPORT, DEFAULT_PLACE, True, name, default=True)
    for name in PROVIDERS
]
USAGE = st.dictionaries(
    st.tuples(st.sampled_from(PROVIDERS), st.just("USD")),
    st.dictionaries(st.sampled_from(NAMES), AMOUNTS.map(same)),
)
OWNERS = ["", *NAMES, "pool:central tax", *(f"pool:{pool.name}" for pool in SHARED)]
CHARGES = st.lists(st.builds(charge, st.sampled_from(OWNERS), AMOUNTS), max_size=12)


@given(CHARGES, USAGE)
def test_lines_sum_to_the_charges(
    charges: list[object], usage: dict[tuple[str, str], dict[str, Amounts]]
) -> None:
    teams = model([team(name) for name in NAMES])
    made = allocate(charges, teams, OCTOBER, Policies.of([CENTRAL, *SHARED], usage))  # type: ignore[arg-type]
    billed = sum((one.amounts.EffectiveCost for one in charges), Fraction(0))  # type: ignore[attr-defined]
    assert sum((line.amounts.EffectiveCost for line in made.lines), Fraction(0)) == billed
    central = [line for line in made.lines if line.pool == "central tax"]
    assert all(line.kind is LineKind.KEPT for line in central)
    for pool in SHARED:
        shares = [share for share in made.shares if share.pool == pool.name]
        assert sum((share.fraction for share in shares), Fraction(0)) == bool(shares)


@given(CHARGES)
def test_nobody_carries_support_of_a_provider_that_nobody_uses(charges: list[object]) -> None:
    teams = model([team(name) for name in NAMES])
    made = allocate(charges, teams, OCTOBER, Policies.of([CENTRAL, *SHARED], {}))  # type: ignore[arg-type]
    assert all(line.kind is not LineKind.SHARED for line in made.lines)
