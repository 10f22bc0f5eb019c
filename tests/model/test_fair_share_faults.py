"""What the model says of fair shares of a capacity, at which line and column."""

from __future__ import annotations

from fractions import Fraction

import pytest

from apportion.model.terms.fair_shares import DominantResource, Left, MaxMin
from apportion.model.terms.per_period import Per, PerPeriod
from workshop import Workshop

DRIVERS = "drivers:\n  - {name: d, unit: GPUs, file: d.csv}\n"
FAULTS = [
    ("{by: max_min, driver: d}", ["3:12: a split by max_min needs `capacity`"]),
    ("{by: max_min, capacity: 3}", ["3:12: a split by max_min needs `driver`"]),
    ("{by: max_min, driver: e, capacity: 3}", ["3:34: no driver is called 'e'"]),
    ("{by: max_min, driver: d, capacity: 0}", ["3:47: a capacity of 0 serves nobody"]),
    (
        "{by: max_min, driver: d, capacity: 3, entitlements: {nlp: 0}}",
        ["3:70: 'nlp' is entitled to nothing"],
    ),
    (
        "{by: max_min, driver: d, capacity: 3, entitlements: {npl: 1}}",
        ["3:65: no team or pool is called 'npl'"],
    ),
    (
        "{by: max_min, driver: d, capacity: 3, left: idle}",
        ["3:50: `left` has no meaning for a split by max_min"],
    ),
    ("{by: dominant_resource}", ["3:12: a split by dominant_resource needs `resources`"]),
    (
        "{by: dominant_resource, resources: {gpu: {driver: d}}}",
        ["3:53: a resource has no 'capacity'"],
    ),
    (
        "{by: dominant_resource, resources: {gpu: {driver: e, capacity: 0}}}",
        ["3:62: no driver is called 'e'", "3:75: a capacity of 0 serves nobody"],
    ),
]


def written(split: str) -> str:
    return f"pools:\n  - name: p\n    split: {split}\n    service: S\n{DRIVERS}"


@pytest.mark.parametrize(("split", "faults"), FAULTS)
def test_faults_of_fair_shares(shop: Workshop, split: str, faults: list[str]) -> None:
    shop.write("model/d.csv", "team,period,quantity\nnlp,2026-10,1\n")
    found = shop.faults(written(split))
    assert [fault.removeprefix("model/rules.yaml:") for fault in found] == faults


def test_what_is_stated_is_what_is_read(shop: Workshop) -> None:
    shop.write("model/d.csv", "team,period,quantity\nnlp,2026-10,1\n")
    one = shop.model(
        written("{by: max_min, driver: d, capacity: 3, per: day, entitlements: {nlp: 2}}")
    )
    terms = one.pools[0].splits[0].value.terms
    assert isinstance(terms, MaxMin)
    assert terms.capacity == PerPeriod(Fraction(3), Per.DAY)
    assert terms.weights == (("nlp", Fraction(2)),)
    several = "{by: dominant_resource, resources: {gpu: {driver: d, capacity: 64}}, left: charged}"
    other = shop.model(written(several)).pools[0].splits[0].value
    assert isinstance(other.terms, DominantResource)
    assert other.terms.left is Left.CHARGED
    assert other.driver_names == ("d",)
    assert shop.model(written(several.replace("64", "65"))).hash != one.hash


def test_cost_behaviour_names_a_driver_and_is_no_more_than_all(shop: Workshop) -> None:
    shop.write("model/d.csv", "team,period,quantity\nnlp,2026-10,1\n")
    pools = "pools:\n  - name: p\n    split: {by: even}\n    service: S\n    cost_behaviour: "
    assert shop.faults(f"{pools}{{fixed: 120, driver: e}}\n{DRIVERS}") == [
        "model/rules.yaml:5:29: more than 100 % of the cost is fixed",
        "model/rules.yaml:5:42: no driver is called 'e'",
    ]
    made = shop.model(f"{pools}{{fixed: 40%, driver: d}}\n{DRIVERS}")
    assert made.pools[0].behaviour is not None
    assert made.pools[0].behaviour.fixed == Fraction(2, 5)
    from apportion.model.remarks_pools import unused_drivers

    assert list(unused_drivers(made)) == []
