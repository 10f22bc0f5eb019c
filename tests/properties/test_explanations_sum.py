"""Whatever pools charge each other: the parts of every explanation sum to its line, exactly."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from apportion.allocate import allocate
from apportion.allocate.origins import origins, passing_through
from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.errors import ConfigurationError
from apportion.model.pools import Method, Split, WhenMissing
from apportion.run.explain import explain_all
from apportion.run.explain_tree import Node, NodeKind
from apportion.run.statement import currencies
from apportion.run.team_facts import team_facts
from companies import HERE, OCTOBER, charge, model, monthly, pool, team

TEAMS = ["ann", "bob", "cyd"]
POOLS = ["p0", "p1", "p2", "p3"]
AMOUNTS = st.decimals(min_value=-1000, max_value=1000, places=4, allow_nan=False).map(Fraction)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """A run whose pools serve teams and each other, in chains and loops."""
    drivers, pools = [], []
    for name in POOLS:
        used = draw(st.dictionaries(st.sampled_from([*TEAMS, *POOLS]), st.integers(0, 9)))
        used |= {draw(st.sampled_from(TEAMS)): 1} if draw(st.integers(0, 5)) else {}
        drivers.append(monthly(f"use of {name}", {who: str(n) for who, n in used.items()}))
        by = ((f"use of {name}", Fraction(1)),)
        pools.append(
            pool(name, Split(Method.DRIVER, HERE, drivers=by, when_missing=WhenMissing.KEEP))
        )
    owners = st.sampled_from(["", *TEAMS, *(f"pool:{name}" for name in POOLS)])
    charges = draw(
        st.lists(
            st.builds(charge, owners, AMOUNTS, currency=st.sampled_from(["USD", "JPY"])),
            max_size=10,
        )
    )
    rules = model([team(name) for name in TEAMS], pools, drivers)
    try:
        made = allocate(charges, rules, OCTOBER)
    except ConfigurationError:  # pools that charge only each other
        made, charges = allocate([], rules, OCTOBER), []
    return Run(
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


def leaves(node: Node) -> list[Node]:
    return [leaf for part in node.parts for leaf in leaves(part)] if node.parts else [node]


@given(runs())
def test_the_parts_of_every_line_sum_to_it(run: Run) -> None:
    wanted = currencies(run, "USD")
    found = [one for name in TEAMS for one in explain_all(run, wanted, name)]
    found += explain_all(run, wanted)
    assert {one.line.id for one in found} == {line.id for line in run.lines}
    exact = {line.id: line.amounts.EffectiveCost for line in run.lines}
    for one in found:
        one.tree.check()
        assert sum(leaf.amount for leaf in leaves(one.tree)) == exact[one.line.id] == one.exact
        if not any(leaf.again for leaf in leaves(one.tree)):
            assert all(leaf.kind is NodeKind.RULE or not leaf.amount for leaf in leaves(one.tree))
        if one.share is not None:
            assert sum(reason.amount for reason in one.reasons) * one.share == one.exact


@given(runs())
def test_one_pool_alone_has_the_origins_that_all_have(run: Run) -> None:
    for (currency, name), whence in origins(run.shares).items():
        passed: dict[str, dict[str, Fraction]] = {}
        for share in run.shares:
            if share.passed and share.currency == currency:
                passed.setdefault(share.pool, {})[share.receiver.name] = share.fraction
        assert passing_through(name, passed) == whence
