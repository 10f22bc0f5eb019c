"""What the model says of splits by the Shapley value, at which line and column."""

from __future__ import annotations

from itertools import combinations

import pytest

from workshop import Workshop

DRIVERS = "drivers:\n  - {name: gb, unit: GB, file: gb.csv}\n"
FAULTS = [
    ("{by: shapley}", ["3:12: a split by shapley needs a cost function"]),
    ("{by: shapley, needs: gbs}", ["3:33: no driver is called 'gbs'"]),
    (
        "{by: shapley, needs: gb, coalitions: c.csv}",
        ["3:37: both `needs` and `coalitions`"],
    ),
    (
        "{by: shapley, needs: gb, permutations: 10}",
        ["3:37: `permutations` has no meaning without `cost_of`"],
    ),
    ("{by: driver, driver: gb, needs: gb}", ["3:37: `needs` has no meaning for a split by driver"]),
    (
        "{by: shapley, needs: gb, steps: [{up_to: 8, cost: 9}, {up_to: 8, cost: 9}]}",
        ["3:74: `up_to` must lie above 8"],
    ),
    (
        "{by: shapley, needs: gb, steps: [{up_to: 8, cost: 9}, {up_to: 9, cost: 5}]}",
        ["3:83: a larger capacity costs less than a smaller one"],
    ),
    (
        "{by: shapley, cost_of: {driver: gb, tiers: [{price: 3}, {price: 2}]}}",
        ["3:56: only the last tier has no end"],
    ),
    (
        "{by: shapley, cost_of: {driver: gb, tiers: [{price: -3}]}}",
        ["3:64: '-3' is not an amount of 0 or more"],
    ),
    (
        "{by: shapley, cost_of: {driver: gb, tiers: [{price: 3}]}, permutations: 29}",
        ["3:84: a sample takes at least 30 permutations"],
    ),
]


def written(split: str) -> str:
    return f"pools:\n  - name: p\n    split: {split}\n    service: S\n{DRIVERS}"


@pytest.mark.parametrize(("split", "faults"), FAULTS)
def test_faults_of_cost_functions(shop: Workshop, split: str, faults: list[str]) -> None:
    shop.write("model/gb.csv", "team,period,quantity\nnlp,2026-10,1\n")
    shop.write("model/c.csv", "teams,cost\nnlp,1\n")
    found = shop.faults(written(split))
    assert [fault.removeprefix("model/rules.yaml:") for fault in found] == faults


COALITIONS = [
    ("teams,price\nnlp,1\n", ["1: no column cost"]),
    ("teams,cost\n", ["1: no coalitions"]),
    ("teams,cost\nnlp,1\nvision,2\n", ["1: no cost of nlp|vision"]),
    (
        "teams,cost\nnlp,1\nvision,2\nvision|nlp,3\nnlp|vision,3\n",
        ["5:1: a second cost of nlp|vision"],
    ),
    ("teams,cost\nnlp|nlp,1\n", ["2:1: a team stands twice in one coalition"]),
    ("teams,cost\nnpl,1\n", ["2:1: no team or pool is called 'npl'"]),
    ("teams,cost\nnlp,-1\n", ["2:5: the cost '-1' can't be read"]),
]


@pytest.mark.parametrize(("text", "faults"), COALITIONS)
def test_faults_of_coalitions(shop: Workshop, text: str, faults: list[str]) -> None:
    shop.write("model/c.csv", text)
    found = shop.faults(
        "pools:\n  - {name: p, service: S, split: {by: shapley, coalitions: c.csv}}\n"
    )
    assert [fault.removeprefix("model/c.csv:") for fault in found] == faults


def test_among_has_no_meaning_beside_coalitions(shop: Workshop) -> None:
    shop.write("model/c.csv", "teams,cost\nnlp,1\n")
    split = "{by: shapley, coalitions: c.csv, among: [nlp]}"
    found = shop.faults(f"pools:\n  - name: p\n    split: {split}\n    service: S\n")
    assert found == ["model/rules.yaml:3:45: `among` has no meaning beside `coalitions`"]


def test_coalitions_of_sixty_teams_are_refused_with_what_holds_for_them(
    shop: Workshop,
) -> None:
    names = [f"t{number}" for number in range(60)]
    rows = "".join(f"{name},1\n" for name in names)
    shop.write("model/c.csv", f"teams,cost\n{rows}")
    organisation = "organisation:\n" + "".join(f"  - {{name: {n}, kind: team}}\n" for n in names)
    pools = "pools:\n  - {name: p, service: S, split: {by: shapley, coalitions: c.csv}}\n"
    found = shop.faults(pools, organisation=organisation)
    assert found == ["model/rules.yaml:2:60: coalitions of 60 teams can't be stated one by one"]
    assert "`needs` or `cost_of`" in shop.hints(pools, organisation=organisation)[0]


def test_twelve_teams_have_all_their_coalitions(shop: Workshop) -> None:
    names = [f"t{number:02}" for number in range(12)]
    sets = [c for size in range(1, 13) for c in combinations(names, size)]
    rows = "".join(f"{'|'.join(reversed(who))},{len(who)}\n" for who in sets)
    shop.write("model/c.csv", f"teams,cost\n{rows}")
    organisation = "organisation:\n" + "".join(f"  - {{name: {n}, kind: team}}\n" for n in names)
    made = shop.model(
        "pools:\n  - {name: p, service: S, split: {by: shapley, coalitions: c.csv}}\n",
        organisation=organisation,
    )
    assert made.pools[0].splits[0].value.named == frozenset(names)
    again = shop.model(
        "pools:\n  - {name: p, service: S, split: {coalitions: c.csv, by: shapley}}\n",
        organisation=organisation,
    )
    assert again.hash == made.hash
    shop.write("model/c.csv", f"teams,cost\n{rows}".replace("t00,1\n", "t00,2\n", 1))
    assert (
        shop.model(
            organisation=organisation,
            rules=("pools:\n  - {name: p, service: S, split: {coalitions: c.csv, by: shapley}}\n"),
        ).hash
        != made.hash
    )
