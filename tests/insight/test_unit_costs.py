"""Unit costs: what isn't metered is said to be so, and savings may be losses."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from apportion.domain.period import Period
from apportion.errors import UsageError
from apportion.insight.unit_cost_values import UnitCost
from apportion.insight.unit_costs import UnitCosts, find_unit_costs, trend
from apportion.run.open_project import OpenProject
from unit_projects import MODEL, UnitProject, charge

MONTH = "2026-10"


def call(name: str, **over: object) -> dict[str, object]:
    made = {"id": name, "start": f"{MONTH}-05T01:00:00Z", "api_key": "k1", "provider": "acme",
            "model": "m1", "requests": 10, "uncached_input_tokens": 1_000_000}  # fmt: skip
    return made | over


def job(name: str, hours: int, **over: object) -> dict[str, object]:
    made = {"id": name, "run": name, "start": f"{MONTH}-06T00:00:00Z",
            "end": f"{MONTH}-06T{hours:02d}:00:00Z", "account": "ann", "status": "success",
            "gpus": 1}  # fmt: skip
    return made | over


@pytest.fixture
def place(tmp_path: Path) -> UnitProject:
    return UnitProject(tmp_path / "project")


def costs(place: UnitProject, **asked: str) -> UnitCosts:
    (run,) = place.runs(MONTH)
    with OpenProject(place.root) as project:
        return find_unit_costs(project.workspace, project.model, run, **asked)


def named(found: UnitCosts) -> Mapping[str, UnitCost]:
    return {" · ".join(filter(None, (one.measure, one.of, one.group))): one for one in found.costs}


def test_calls_without_a_count_of_requests_are_not_metered(place: UnitProject) -> None:
    place.bill(MONTH, charge(MONTH, "6", "Model API", SkuId="m1"))
    place.calls([call("1"), call("2", requests="", uncached_input_tokens=2_000_000, api_key="k2")])
    found = [one for one in costs(place).costs if one.measure == "per successful inference"]
    assert [one.cost for one in found] == [2, 4]
    assert [one.count for one in found] == [10, None]
    assert found[1].figure is None
    assert found[1].note == "not metered: the source counts no requests"


def test_what_failed_as_a_whole_is_an_attempt_and_no_success(place: UnitProject) -> None:
    place.bill(MONTH, charge(MONTH, "6", "Model API", SkuId="m1"))
    place.calls([call("1"), call("2", failed_requests=4), call("3", failed_requests=10)])
    found = named(costs(place))
    assert found["per attempt"].figure == Fraction(6, 30)
    assert found["per successful inference"].figure == Fraction(6, 16)


def test_a_cache_that_is_written_and_hardly_read_costs_money(place: UnitProject) -> None:
    place.bill(MONTH, charge(MONTH, "6", "Model API", SkuId="m1"))
    place.calls([call("1", cache_write_5m_tokens=1_000_000, cache_read_tokens=100_000)])
    (saving,) = costs(place).savings
    assert [saving.gained, saving.paid] == [Fraction(15, 100), 1]
    assert saving.saving == Fraction(-85, 100)
    assert saving.hit_rate == Fraction(1, 21)


def test_savings_of_a_model_without_prices_are_unknown_and_never_guessed(
    place: UnitProject,
) -> None:
    place.bill(MONTH, charge(MONTH, "6", "Model API", SkuId="m9"))
    place.calls([call("1", model="m9", cache_read_tokens=7), call("2", model="m9", tier="batch")])
    found = {one.kind: one for one in costs(place).savings}
    assert found["cache saving"].unknown == 7
    assert found["batch saving"].unknown == 1_000_000
    assert all(one.saving == 0 and one.currency == "" for one in found.values())


def test_list_prices_give_the_saving_of_a_batch(place: UnitProject) -> None:
    place.bill(MONTH, charge(MONTH, "6", "Model API", 20, SkuId="gpt-4.1"))
    at = {"provider": "openai", "model": "gpt-4.1", "start": f"{MONTH}-20T01:00:00Z"}
    place.calls([call("1", tier="batch", output_tokens=500, **at)])
    (saving,) = costs(place).savings
    assert saving.kind == "batch saving"
    assert saving.saving == Fraction(1_000_000 * 1, 10**6) + Fraction(500 * 4, 10**6)


def test_where_prices_depend_on_the_request_the_saving_does_too(place: UnitProject) -> None:
    place.bill(MONTH, charge(MONTH, "6", "Model API", SkuId="gpt-5.4"))
    of = {"provider": "openai", "model": "gpt-5.4", "requests": 1}
    short = call("1", uncached_input_tokens=100_000, cache_read_tokens=100_000, **of)
    long = call("2", uncached_input_tokens=200_000, cache_read_tokens=100_000, **of)
    place.calls([short, long])
    (saving,) = costs(place).savings
    # 2.50 - 0.25 for a million of the short prompt, 5.00 - 0.50 for one of the long prompt
    assert saving.saving == Fraction(100_000, 10**6) * (Fraction(9, 4) + Fraction(9, 2))


def test_an_unpriced_model_is_split_by_tokens(place: UnitProject) -> None:
    place.bill(MONTH, charge(MONTH, "6", "Model API", SkuId="m9"))
    place.calls([call("1", model="m9", uncached_input_tokens=10, output_tokens=20)])
    found = named(costs(place))
    assert found["per 1M tokens · uncached input"].cost == 2
    assert found["per 1M tokens · output"].cost == 4
    assert found["per 1M tokens · blended"].figure == Fraction(6 * 10**6, 30)


def test_hours_that_did_work_and_capacity_are_said_where_they_are_missing(
    place: UnitProject,
) -> None:
    place.bill(MONTH, charge(MONTH, "60", "Cluster"))
    place.jobs([job("1", 10), job("2", 20, account="bob", status="failed")])
    found = named(costs(place))
    assert found["per GPU hour allocated · gpus"].figure == 2
    assert found["per GPU hour used · gpus"].figure is None
    assert found["per GPU hour provisioned · gpus"].note.startswith("not metered")
    assert found["per successful run"].figure == 60
    assert found["per lost run"].figure == 40


def test_a_pool_of_servers_that_goes_by_tokens_has_a_cost_per_call(place: UnitProject) -> None:
    place.model(
        MODEL.replace("split: {by: driver, driver: gpu_hours", "split: {by: driver, driver: out")
        + "  - {name: out, unit: tokens, usage: {meter: output_tokens, sources: [calls]}}\n"
    )
    place.bill(MONTH, charge(MONTH, "60", "Cluster"))
    place.calls([call("1", output_tokens=250_000, uncached_input_tokens=1_000_000)])
    found = named(costs(place))
    assert found["per successful inference"].figure == 6
    assert found["per 1M tokens · uncached input"].cost == 30  # 2 of 2 + 2 at prices
    assert found["per 1M tokens · output"].cost == 30


def test_the_model_declares_units_of_the_business(place: UnitProject) -> None:
    place.model(
        MODEL + "unit_costs:\n"
        "  - {name: thousand tokens, meter: tokens, per: 1000, pools: [llm], services: Compute}\n"
        "  - {name: order, meter: orders}\n"
        "  - {name: old, meter: tokens, until: 2026-10-01}\n"
    )
    place.bill(
        MONTH,
        charge(MONTH, "6", "Model API", SkuId="m1"),
        charge(MONTH, "5", "Compute", Tags='{"team": "ann"}'),
        charge(MONTH, "9", "Storage", Tags='{"team": "ann"}'),
    )
    place.calls([call("1", output_tokens=100_000)])
    found = named(costs(place))
    assert found["per thousand tokens"].figure == Fraction(11 * 1000, 1_100_000)
    assert found["per thousand tokens"].formula.endswith("÷ tokens × 1,000")
    assert found["per order"].cost == 20
    assert found["per order"].note == "not metered: no usage has orders in the period"
    assert "per old" not in found


def test_a_trend_tells_which_months_it_lacks(place: UnitProject) -> None:
    for month in ("2026-08", "2026-10"):
        place.bill(month, charge(month, "60", "Cluster"))
    place.jobs([job("1", 10)])
    place.runs("2026-08", "2026-10")
    with OpenProject(place.root) as project:
        last = Period.parse("2026-10")
        found, missing = trend(project.workspace, project.model, last, 3, team="", by="")
    assert [str(one.run.period) for one in found] == ["2026-08", "2026-10"]
    assert [str(one) for one in missing] == ["2026-09"]


def test_a_changed_model_is_refused(place: UnitProject) -> None:
    place.bill(MONTH, charge(MONTH, "6", "Model API", SkuId="m1"))
    place.calls([call("1")])
    (run,) = place.runs(MONTH)
    place.model(MODEL + "  - {name: other, unit: GB, usage: {meter: storage_gb_hours}}\n")
    with OpenProject(place.root) as project, pytest.raises(UsageError, match="model has changed"):
        find_unit_costs(project.workspace, project.model, run)
