"""What makes a share of a capacity fair, whatever is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from apportion.allocate.dominant_resource import Fair, fill_dominant
from apportion.allocate.max_min import fill

NAMES = "abcde"
FIGURES = st.integers(0, 30).map(lambda number: Fraction(number, 3))
ABOVE = st.integers(1, 30).map(lambda number: Fraction(number, 4))
DEMANDS = st.fixed_dictionaries(dict.fromkeys(NAMES, FIGURES))
WEIGHTS = st.fixed_dictionaries(dict.fromkeys(NAMES, ABOVE))
EQUAL = dict.fromkeys(NAMES, Fraction(1))
Quantities = dict[str, Fraction]
RESOURCES = ("cpu", "gb", "gpu")
CLUSTERS = st.fixed_dictionaries(
    dict.fromkeys(
        NAMES,
        st.fixed_dictionaries(
            dict.fromkeys(RESOURCES, st.integers(0, 24).map(lambda n: Fraction(n, 8)))
        ),
    )
)
Cluster = dict[str, Quantities]


def brute_force(demand: Quantities, capacity: Fraction, weights: Quantities) -> Quantities:
    """Try every set of teams that are met; the others share what is left by weight."""
    if sum(demand.values()) <= capacity:
        return demand
    right: list[Quantities] = []
    for size in range(len(demand)):
        for met in combinations(sorted(demand), size):
            others = [name for name in demand if name not in met]
            left = capacity - sum(demand[name] for name in met)
            level = left / sum(weights[name] for name in others)
            if all(demand[name] <= level * weights[name] for name in met) and all(
                demand[name] >= level * weights[name] for name in others
            ):
                right.append({n: demand[n] if n in met else level * weights[n] for n in demand})
    assert all(one == right[0] for one in right)
    return right[0]


@given(DEMANDS, ABOVE, WEIGHTS)
def test_max_min_is_what_brute_force_finds(
    demand: Quantities, capacity: Fraction, weights: Quantities
) -> None:
    assert fill(demand, capacity, weights) == brute_force(demand, capacity, weights)


@given(DEMANDS, ABOVE, WEIGHTS)
def test_max_min_gives_all_there_is_or_all_that_is_asked(
    demand: Quantities, capacity: Fraction, weights: Quantities
) -> None:
    got = fill(demand, capacity, weights)
    assert sum(got.values()) == min(capacity, sum(demand.values()))
    for name, own in got.items():
        assert 0 <= own <= demand[name]
        if own < demand[name]:  # more for it would take from who has no more for its weight
            assert all(got[o] / weights[o] <= own / weights[name] for o in got)


@given(DEMANDS, ABOVE, WEIGHTS, st.permutations(NAMES))
def test_max_min_knows_no_order(
    demand: Quantities, capacity: Fraction, weights: Quantities, order: list[str]
) -> None:
    shuffled = {name: demand[name] for name in order}
    assert fill(shuffled, capacity, weights) == fill(demand, capacity, weights)


@given(DEMANDS, ABOVE, FIGURES)
def test_to_ask_for_more_than_one_needs_brings_no_less_to_others_who_have_less(
    demand: Quantities, capacity: Fraction, more: Fraction
) -> None:
    before = fill(demand, capacity, EQUAL)
    after = fill({**demand, "a": demand["a"] + more}, capacity, EQUAL)
    assert after["a"] >= before["a"]
    for name in "bcde":
        assert after[name] >= min(before[name], capacity / 5)


def filled(cluster: Cluster, weights: Quantities = EQUAL) -> tuple[Fair, Quantities]:
    fair = fill_dominant(cluster, weights)
    return fair, fair.dominant(cluster)


def taken(cluster: Cluster, fair: Fair) -> Iterator[tuple[str, Fraction]]:
    for resource in RESOURCES:
        yield (
            resource,
            sum((fair.met[name] * own[resource] for name, own in cluster.items()), Fraction(0)),
        )


@given(CLUSTERS, WEIGHTS)
def test_drf_uses_no_more_than_there_is(cluster: Cluster, weights: Quantities) -> None:
    fair, _ = filled(cluster, weights)
    for resource, used in taken(cluster, fair):
        assert used == fair.used[resource] <= 1
    assert all(0 <= part <= 1 for part in fair.met.values())


@given(CLUSTERS, WEIGHTS)
def test_drf_is_pareto_efficient(cluster: Cluster, weights: Quantities) -> None:
    fair, _ = filled(cluster, weights)
    for name, own in cluster.items():
        if any(own.values()) and fair.met[name] < 1:
            assert any(own[r] and fair.used[r] == 1 for r in RESOURCES)


@given(CLUSTERS)
def test_drf_gives_each_as_much_as_an_equal_part_of_every_resource(cluster: Cluster) -> None:
    fair, shares = filled(cluster)
    for name, own in cluster.items():
        peak = max(own.values())
        assert shares[name] >= min(peak, Fraction(1, len(cluster)))
        assert not peak or fair.met[name] >= min(Fraction(1), Fraction(1, len(cluster)) / peak)


@given(CLUSTERS, WEIGHTS)
def test_drf_is_max_min_at_each_bottleneck(cluster: Cluster, weights: Quantities) -> None:
    """Whoever isn't met has, of some resource that is used up, no less than others do."""
    fair, shares = filled(cluster, weights)
    for name, own in cluster.items():
        if any(own.values()) and fair.met[name] < 1:
            level = shares[name] / weights[name]
            assert any(
                all(
                    shares[other] / weights[other] <= level
                    for other, theirs in cluster.items()
                    if theirs[r]
                )
                for r in RESOURCES
                if own[r] and fair.used[r] == 1
            )


@given(CLUSTERS)
def test_under_drf_nobody_would_rather_have_what_another_got(cluster: Cluster) -> None:
    fair, _ = filled(cluster)
    for name, own in cluster.items():
        for other, theirs in cluster.items():
            if other != name and any(own.values()):
                could = min(fair.met[other] * theirs[r] / own[r] for r in RESOURCES if own[r])
                assert min(could, Fraction(1)) <= fair.met[name]


@given(CLUSTERS, WEIGHTS, st.permutations(NAMES))
def test_drf_knows_no_order(cluster: Cluster, weights: Quantities, order: list[str]) -> None:
    shuffled = {name: cluster[name] for name in order}
    assert filled(shuffled, weights)[1] == filled(cluster, weights)[1]


@given(DEMANDS, ABOVE, WEIGHTS)
def test_drf_of_one_resource_is_max_min(
    demand: Quantities, capacity: Fraction, weights: Quantities
) -> None:
    cluster = {name: {"gpu": own / capacity} for name, own in demand.items()}
    _, shares = filled(cluster, weights)
    got = fill(demand, capacity, weights)
    assert shares == {name: own / capacity for name, own in got.items()}
