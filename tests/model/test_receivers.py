"""A name that a team and a pool have: nobody is charged before it is clear who is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from apportion.allocate import allocate
from apportion.errors import ConfigurationError
from apportion.model.pools import Method, Split
from companies import HERE, OCTOBER, charge, model, pool, team
from workshop import Workshop

OWN = "  - {name: platform, from_team: platform, split: {by: even, excluding: [platform]}}\n"
DRIVERS = "drivers: [{name: gb, unit: GB, file: gb.csv}]\n"
ROWS = "team,pool,period,quantity\nnlp,,2026-10,50\n"
COALITIONS = "teams,cost\nnlp,1\nplatform,1\nnlp|platform,2\n"
SAID = "'platform' is a team and a pool, so that nobody knows whom this means"


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    made = Workshop(tmp_path)
    made.write("model/gb.csv", ROWS)
    made.write("model/c.csv", COALITIONS)
    return made


def net(split: str) -> str:
    return f"pools:\n{OWN}  - {{name: net, service: Net, split: {{{split}}}}}\n{DRIVERS}"


@pytest.mark.parametrize(
    "split",
    [
        "by: even, among: [nlp, platform]",
        "by: fixed, percentages: {nlp: 50, platform: 50}",
        "by: shapley, coalitions: c.csv",
        "by: commitment, share_by: used",
    ],
)
def test_a_name_of_both_is_refused_as_a_receiver(shop: Workshop, split: str) -> None:
    assert {fault.split(": ", 1)[1] for fault in shop.faults(net(split))} == {SAID}
    (hint, *_) = shop.hints(net(split))
    assert hint.startswith("rename the pool, say to `platform-cost`")


def test_a_driver_row_of_such_a_pool_is_refused(shop: Workshop) -> None:
    shop.write("model/gb.csv", ROWS + ",platform,2026-10,50\nplatform,,2026-10,5\n")
    assert shop.faults(net("by: driver, driver: gb")) == [f"model/gb.csv:3:2: {SAID}"]
    with pytest.raises(ConfigurationError, match=r"the team is at .*, the pool at "):
        shop.model(net("by: driver, driver: gb"))


def test_a_pool_that_is_no_receiver_may_have_the_name_of_its_team(shop: Workshop) -> None:
    shop.write("model/gb.csv", ROWS + "platform,,2026-10,50\n")
    made = shop.model(net("by: driver, driver: gb, multipliers: {teams: {platform: 2}}"))
    assert [row.team for row in made.drivers["gb"].rows] == ["nlp", "platform"]
    shop.model(net("by: commitment, share_by: used, excluding: [platform]"))


def test_a_team_carries_its_part_of_a_pool_of_its_name() -> None:
    gpu = pool("gpu", Split(Method.EVEN, HERE))
    made = allocate([charge("pool:gpu", "90")], model([team("gpu"), team("cv")], [gpu]), OCTOBER)
    assert {line.owner.name: line.amounts.BilledCost for line in made.lines} == {
        "gpu": 45,
        "cv": 45,
    }


def test_a_pool_with_the_name_of_a_product_passes_its_part_on(shop: Workshop) -> None:
    shop.write("model/gb.csv", ROWS + ",assistant,2026-10,50\n")
    pools = "  - {name: assistant, service: A, split: {by: even, among: [vision]}}\n"
    made = shop.model(net("by: driver, driver: gb").replace(OWN, pools))
    lines = allocate([charge("pool:net", "100")], made, OCTOBER).lines
    assert {one.owner.name: one.amounts.BilledCost for one in lines} == {"nlp": 50, "vision": 50}
