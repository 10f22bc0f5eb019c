"""Coverage sums to the total and to exactly 100 %, whatever the bill; zero is n/a."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.result import Attributed
from apportion.insight.compliance import from_states
from apportion.insight.coverage import draw_coverage
from companies import charge

amounts = st.decimals(
    min_value=Decimal("-1e9"), max_value=Decimal("1e9"), places=6, allow_nan=False
).map(Fraction)
owners = st.sampled_from(["nlp", "cv", "pool:platform", ""])
bills = st.lists(st.tuples(owners, amounts), max_size=12)


def bill(parts: list[tuple[str, Fraction]]) -> list[Attributed]:
    return [charge(owner, amount) for owner, amount in parts]


@given(bills)
def test_printed_percents_sum_to_100_and_amounts_to_the_total(
    parts: list[tuple[str, Fraction]],
) -> None:
    found = draw_coverage(bill(parts), "USD", "EffectiveCost")
    three = (found.direct, found.shared, found.unallocated)
    assert sum(part.amount for part in three) == found.total
    if sum(amount for _, amount in parts):
        assert sum(part.percent or 0 for part in three) == 100
    else:
        assert [part.percent for part in three] == [None] * 3


def test_thirds_are_rounded_so_that_nothing_is_lost() -> None:
    parts = [("nlp", Fraction(1)), ("pool:platform", Fraction(1)), ("", Fraction(1))]
    found = draw_coverage(bill(parts), "USD", "EffectiveCost")
    percents = [str(p.percent) for p in (found.direct, found.shared, found.unallocated)]
    assert sorted(percents) == ["33.33", "33.33", "33.34"]


def test_other_currencies_stay_apart() -> None:
    parts = [charge("nlp", "10"), charge("", "30", currency="EUR")]
    assert draw_coverage(parts, "USD", "EffectiveCost").unallocated.amount == 0
    assert draw_coverage(parts, "EUR", "EffectiveCost").unallocated.percent == 100


def test_compliance_needs_every_required_tag() -> None:
    # Two required tags, team and env: 3 exact, 2 another spelling, 1 not allowed, 0 missing.
    costs = {"33": Decimal(50), "23": Decimal(10), "31": Decimal(15), "03": Decimal(25)}
    found = from_states(costs, ("team", "env"))
    assert found.compliant == 60
    assert found.taggable == 100
    assert str(found.percent) == "60.00"
    team, env = found.keys
    assert [int(c) for c in (team.exact, team.otherwise, team.strange, team.missing)] == [
        65,
        10,
        0,
        25,
    ]
    assert env.compliant == 85
    assert env.strange == 15
    assert str(env.percent) == "85.00"


def test_compliance_of_nothing_is_not_a_number() -> None:
    assert from_states({}, ("team",)).percent is None
    assert from_states({"": Decimal(5)}, ()).percent is None


def test_what_counts_on_another_bill_is_no_part_of_the_whole() -> None:
    again = replace(charge("nlp", "7"), owner=Owner(OwnerKind.LEFT_OUT, "Claude"))
    found = draw_coverage([charge("nlp", "10"), charge("", "30"), again], "USD", "EffectiveCost")
    told = [found.total, found.direct.percent or 0, found.unallocated.percent or 0]
    assert told == [40, 25, 75]
