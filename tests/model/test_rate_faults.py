"""Faults in the terms of rates and capacity: what is said, and at which line and column."""

# ruff: noqa: E501
# Tables read best with one case in a line.

from __future__ import annotations

import pytest

from apportion.model.digest import digest
from apportion.model.pools import Method
from apportion.model.terms.standard_rate import StandardRate
from workshop import Workshop

DRIVERS = "drivers:\n  - {name: h, unit: hours, file: h.csv}\n  - {name: res, unit: hours, file: res.csv}\n"
ROWS = "team,pool,period,quantity\nnlp,,2026-10,5\nvision,,2026-10,1\n"


def written(shop: Workshop, rows: str = ROWS) -> None:
    shop.write("model/h.csv", rows)
    shop.write("model/res.csv", ROWS)


SPLITS = [
    ("by: practical_capacity, capacity: 10", ["2:32: a split by practical_capacity needs `driver`"]),
    ("by: practical_capacity, driver: g, capacity: 10", ["2:65: no driver is called 'g'"]),
    ("by: practical_capacity, driver: h", ["2:32: a split by capacity needs `capacity` or `reserved`"]),
    ("by: practical_capacity, driver: h, capacity: 0", ["2:78: a capacity of 0 serves nobody"]),
    ("by: practical_capacity, driver: h, capacity: -5", ["2:78: '-5' is not an amount of 0 or more"]),
    ("by: practical_capacity, driver: h, reserved: res, per: day", ["2:83: `per` has no meaning without `capacity`"]),
    ("by: practical_capacity, driver: h, reserved: r", ["2:78: no driver is called 'r'"]),
    ("by: practical_capacity, driver: h, capacity: 9, idle: reserver", ["2:87: nobody is known to have reserved anything"]),
    ("by: practical_capacity, driver: h, capacity: 9, idle: quota", ["2:87: idle by quota needs a `quota`"]),
    ("by: practical_capacity, driver: h, capacity: 9, idle: nobody", ["2:87: 'nobody' is not a policy on idle capacity"]),
    ("by: practical_capacity, driver: h, capacity: 9, idle: {to: quota, quota: q}", ["2:106: no driver is called 'q'"]),
    ("by: practical_capacity, driver: h, capacity: 9, idle: {to: central, quota: res}", ["2:108: `quota` has no meaning for idle to central"]),
    ("by: practical_capacity, driver: h, capacity: 9, idle: {to: central, account: rec}", ["2:110: no team is called 'rec'"]),
    ("by: practical_capacity, driver: h, capacity: 9, idle: {to: use, account: nlp}", ["2:106: `account` has no meaning for idle to use"]),
    ("by: driver, driver: h, capacity: 9", ["2:56: `capacity` has no meaning for a split by driver"]),
    ("by: standard_rate, rate: 5", ["2:32: a split by standard_rate needs `driver`"]),
    ("by: standard_rate, driver: h", ["2:32: a split by standard_rate needs `rate` or `budget`"]),
    ("by: standard_rate, driver: h, rate: -1", ["2:69: '-1' is not an amount of 0 or more"]),
    ("by: standard_rate, driver: h, rate: 1, currency: dollars", ["2:82: 'dollars' is no currency"]),
    ("by: standard_rate, driver: h, budget: {fixed: 9, quantity: 0}", ["2:92: a budgeted quantity of 0 makes no rate"]),
    ("by: standard_rate, driver: h, budget: {fixed: 9}", ["2:71: a rate budget has no 'quantity'"]),
    ("by: standard_rate, driver: h, rate: [{value: 1, until: 2026-02-02}, {value: 2, from: 2026-02-01}]", ["2:101: two values hold from 2026-02-01"]),
    ("by: even, when_missing: {fallback: {by: standard_rate, driver: h, rate: 1}}", ["2:68: a fallback can't be by standard_rate"]),
    ("by: dual_rate, driver: h, fixed: 60%", ["2:32: a split by dual_rate needs `committed`"]),
    ("by: dual_rate, driver: h, committed: res", ["2:32: a split by dual_rate needs `fixed`"]),
    ("by: dual_rate, driver: h, committed: res, fixed_rate: 5", ["2:32: a split by dual_rate needs `fixed`"]),
    ("by: dual_rate, driver: h, committed: r, fixed: 60%", ["2:70: no driver is called 'r'"]),
    ("by: dual_rate, driver: h, committed: res, fixed: 101%", ["2:82: '101%' is not a percentage or an amount"]),
    ("by: dual_rate, driver: h, committed: res, fixed: {service: x}", ["2:82: a fixed part has no 'services'", "2:83: unknown key 'service' in a fixed part"]),
    ("by: dual_rate, driver: h, committed: res, fixed: 60, among: [nlp, q]", ["2:32: the pool 'p' can't charge the pool 'q' by dual_rate"]),
    ("by: activity", ["2:32: a split by activity needs `activities`"]),
    ("by: activity, activities: {a: {part: 50}}", ["2:63: an activity has no 'driver'"]),
    ("by: activity, activities: {a: {part: 50, driver: h}, b: {part: 40, driver: h}}", ["2:59: the parts of activities sum to 90, not to 100"]),
    ("by: activity, activities: {a: {part: 0.5, driver: h}}", ["2:59: the parts of activities sum to 0.5, not to 1"]),
    ("by: activity, activities: {a: {part: 120, driver: h}, b: {driver: h}}", ["2:59: the parts of activities sum to 120, not to 100"]),
    ("by: activity, activities: {a: {part: 50, driver: h}, b: {services: x, driver: h}}", ["2:86: some activities have a part, and some have services"]),
    ("by: activity, activities: {a: {driver: h}, b: {driver: h}}", ["2:76: both 'a' and 'b' take what the others leave"]),
    ("by: activity, activities: {a: {driver: g}}", ["2:72: no driver is called 'g'"]),
    ("by: activity, activities: {a: {driver: h, per: day}}", ["2:63: a split by capacity needs `capacity` or `reserved`"]),
    ("by: time_driven, events: {h: {minutes: 5}}", ["2:32: a split by capacity needs `capacity` or `reserved`"]),
    ("by: time_driven, capacity: 5", ["2:32: a split by time_driven needs `events`"]),
    ("by: time_driven, capacity: 5, events: {g: {minutes: 5}}", ["2:72: no driver is called 'g'"]),
    ("by: time_driven, capacity: 5, events: {h: {minutes: 0}}", ["2:72: 'h' takes no time"]),
    ("by: time_driven, capacity: 5, events: {h: 5}", ["2:75: an event is expected here, as a mapping, not the text '5'"]),
    ("by: commitment", ["2:32: a split by commitment needs `share_by`"]),
    ("by: commitment, share_by: luck", ["2:59: 'luck' is not a way to share commitments"]),
    ("by: commitment, share_by: used, percentages: {nlp: 100}", ["2:65: `percentages` has no meaning for commitments shared by used"]),
    ("by: commitment, share_by: bought, percentages: {nlp: 90}", ["2:80: the percentages sum to 90, not to 100"]),
    ("by: commitment, share_by: bought, percentages: {nlp: 100}, driver: h", ["2:92: both percentages and a driver"]),
    ("by: commitment, share_by: on_demand", ["2:32: commitments shared by on_demand need `eligible`"]),
    ("by: commitment, share_by: on_demand, eligible: {where: 'EffectiveCost > 1'}", ["2:89: EffectiveCost is not visible to rules"]),
    ("by: commitment, share_by: used, driver: g", ["2:73: no driver is called 'g'"]),
    ("by: commitment, share_by: used, on: ListCost", ["2:65: `on` has no meaning for commitments shared by used"]),
    ("by: standard_rate, driver: h, rate: 1, among: [nlp, q]", ["2:32: the pool 'p' can't charge the pool 'q' by standard_rate"]),
]  # fmt: skip

TAKEOVER = "grandfather: {months: 2, from: 2026-10, previous: {by: even}}"


def test_rates_cannot_take_over_step_by_step(shop: Workshop) -> None:
    written(shop)
    how = f"by: standard_rate, driver: h, rate: 1, {TAKEOVER}"
    text = f"pools:\n- {{name: p, service: x, split: {{{how}}}}}{OTHER}{DRIVERS}"
    assert shop.faults(text) == [
        "model/rules.yaml:2:85: rates and amounts in money can't take over step by step"
    ]


OTHER = "\n- {name: q, service: y, split: {by: even}}\n"


@pytest.mark.parametrize(("split", "faults"), SPLITS)
def test_faults_of_rates_and_capacity(shop: Workshop, split: str, faults: list[str]) -> None:
    written(shop)
    text = f"pools:\n- {{name: p, service: x, split: {{{split}}}}}{OTHER}{DRIVERS}"
    assert shop.faults(text) == [f"model/rules.yaml:{fault}" for fault in faults]


def test_a_pool_that_uses_what_is_charged_by_a_rate(shop: Workshop) -> None:
    written(shop, ROWS + ",q,2026-10,4\n")
    how = "by: standard_rate, driver: h, rate: 1"
    text = f"pools:\n- {{name: p, service: x, split: {{{how}}}}}{OTHER}{DRIVERS}"
    assert shop.faults(text) == [
        "model/rules.yaml:2:32: the pool 'p' can't charge the pool 'q' by standard_rate"
    ]
    shop.model(text.replace("rate: 1", "rate: 1, excluding: [q]"))


def test_an_unknown_team_has_no_reservation(shop: Workshop) -> None:
    written(shop)
    shop.write("model/res.csv", "team,period,quantity\nnlpp,2026-10,5\n")
    how = "by: practical_capacity, driver: h, reserved: res"
    text = f"pools:\n- {{name: p, service: x, split: {{{how}}}}}{OTHER}{DRIVERS}"
    assert shop.faults(text) == ["model/res.csv:2:1: no team or pool is called 'nlpp'"]


def test_a_rate_is_made_from_its_budget(shop: Workshop) -> None:
    written(shop)
    how = "by: standard_rate, driver: h, budget: {fixed: 900, quantity: 300, variable_rate: 2}"
    text = f"pools:\n- {{name: p, service: x, split: {{{how}}}}}{OTHER}{DRIVERS}"
    split = shop.model(text).pools[0].splits[0].value
    assert split.method is Method.STANDARD_RATE
    assert isinstance(split.terms, StandardRate)
    assert [dated.value for dated in split.terms.rates] == [5]
    assert split.terms.currency == "USD"


def test_a_model_with_rates_is_read_from_the_cache_and_its_digest_tells_terms_apart(
    shop: Workshop,
) -> None:
    written(shop)
    how = "by: practical_capacity, driver: h, capacity: 9, reserved: res"
    text = f"pools:\n- {{name: p, service: x, split: {{{how}}}}}{OTHER}{DRIVERS}"
    first = shop.model(text)
    assert shop.model(text) == first
    other = shop.model(text.replace("capacity: 9", "capacity: 8"))
    assert digest(other) != digest(first)


def test_a_pool_of_commitments_states_its_condition(shop: Workshop) -> None:
    text = "pools:\n- {name: p, from_team: nlp, split: {by: commitment, share_by: used}}"
    assert shop.faults(text) == [
        "model/rules.yaml:2:24: a pool of commitments says itself which charges it takes"
    ]


def test_eligible_usage_is_read_from_the_cache_and_is_part_of_the_digest(shop: Workshop) -> None:
    eligible = "by: commitment, share_by: on_demand, eligible: {where: \"ServiceName LIKE 'C%'\"}"
    text = f"pools:\n- {{name: p, service: x, split: {{{eligible}}}}}"
    first = shop.model(text)
    assert shop.model(text) == first
    assert digest(shop.model(text.replace("C%", "D%"))) != digest(first)
