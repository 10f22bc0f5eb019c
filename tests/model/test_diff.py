"""What two models say differently, entry by entry, and every model between them."""

# ruff: noqa: E501
# Tables read best with one case in a line.

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apportion.model.diff import ChangeKind, diff, moves_money, stable
from apportion.model.digest import digest
from apportion.model.mix import Mix, joint_order
from apportion.model.project import Model
from random_models import models
from workshop import Workshop

POOLS = """\
pools:
  - {name: gpu, tag: {service: gpu}, split: {by: even}}
"""
BY_HOURS = """\
pools:
  - {name: gpu, tag: {service: gpu}, split: {by: driver, driver: gpu_hours}}
drivers:
  - {name: gpu_hours, unit: hours, file: hours.csv}
"""
RULES = """\
rules:
  - {name: a, account: "1", team: nlp}
  - {name: b, account: "2", team: nlp}
  - {name: c, account: "3", team: vision}
"""


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    made = Workshop(tmp_path)
    made.write("model/hours.csv", "team,period,quantity\nnlp,2026-10,30\nvision,2026-10,10\n")
    return made


def titles(old: Model, new: Model) -> list[str]:
    return [change.title for change in diff(old, new)]


def test_a_model_differs_in_nothing_from_itself_laid_out_in_another_way(
    workshop: Workshop,
) -> None:
    old = workshop.model(RULES)
    new = workshop.model("# why\n\n" + RULES.replace("{name: a, account", "{account").replace(
        '"1", team: nlp', '"1", team: nlp, name: a'))  # fmt: skip
    assert old.hash == new.hash
    assert diff(old, new) == ()


def test_a_pool_that_is_split_another_way(workshop: Workshop) -> None:
    old = workshop.model(pools=POOLS)
    new = workshop.model(pools=BY_HOURS)
    changes = diff(old, new)
    assert [(c.section, c.name, c.kind) for c in changes] == [
        ("drivers", "gpu_hours", ChangeKind.ADDED),
        ("pools", "gpu", ChangeKind.CHANGED),
    ]
    assert changes[1].title == "pool gpu: split by even → driver gpu_hours"
    assert str(changes[1].place) == "model/pools.yaml:2:12"


def test_a_rule_for_another_team_with_another_condition(workshop: Workshop) -> None:
    old = workshop.model(RULES)
    new = workshop.model(RULES.replace('"2", team: nlp', '"9", team: vision'))
    assert titles(old, new) == [
        "rule b: condition SubAccountId = 2 → SubAccountId = 9, team nlp → team vision"
    ]


def test_a_rule_that_is_moved(workshop: Workshop) -> None:
    old = workshop.model(RULES)
    lines = RULES.splitlines(keepends=True)
    new = workshop.model("".join([lines[0], lines[3], lines[1], lines[2]]))
    (change,) = diff(old, new)
    assert (change.title, change.kind) == ("rule c: moved among the others", ChangeKind.MOVED)


def test_units_drivers_policies_tags_and_budgets(workshop: Workshop) -> None:
    old = workshop.model(
        organisation="organisation:\n  - {name: nlp, kind: team, head_count: 3}\n",
        more="policies:\n  - {charges: tax, policy: central}\ntags:\n  team: {synonyms: [squad]}\n"
        'budgets:\n  - {team: nlp, amount: "100"}\n'
        "drivers:\n  - {name: h, unit: hours, file: h.csv}\n"
        if workshop.write("model/h.csv", "team,period,quantity\nnlp,2026-10,30\n")
        else "",
    )
    workshop.write("model/h.csv", "team,period,quantity\nnlp,2026-10,31\nnlp,2026-11,1\n")
    new = workshop.model(
        organisation="organisation:\n  - {name: nlp, kind: team, head_count: 4}\n"
        "  - {name: cv, kind: team}\n",
        more="policies:\n  - {charges: tax, policy: share}\ntags:\n  team: {synonyms: [crew]}\n"
        'budgets:\n  - {team: nlp, amount: "120.5"}\n'
        "drivers:\n  - {name: h, unit: hours, file: h.csv}\n",
    )
    assert titles(old, new) == [
        "team cv added",
        "team nlp: head count 3 → 4",
        "tag team: synonyms squad → crew",
        "driver h: 2 quantities",
        "budget of team nlp: 100 USD → 120.5 USD",
        "policy on tax: central → share",
    ]


SAYINGS = [
    ("by: practical_capacity, driver: gb, capacity: 1000", "by: practical_capacity, driver: gb, capacity: 1100",
     "capacity 1000 a month → 1100 a month"),
    ("by: standard_rate, driver: gb, rate: 3.2", "by: standard_rate, driver: gb, rate: 0.0035", "rates 3.2 → 0.0035"),
    ("by: dual_rate, driver: gb, committed: gb, fixed: 60%", "by: dual_rate, driver: gb, committed: gb, fixed: 50%",
     "fixed part 0.6 → 0.5"),
    ("by: activity, activities: {a: {driver: gb, capacity: 9}}", "by: activity, activities: {a: {driver: gb, capacity: 8}}",
     "activities a capacity 9 a month → 8 a month"),
    ("by: time_driven, events: {gb: {minutes: 3}}, capacity: 9", "by: time_driven, events: {gb: {minutes: 4}}, capacity: 9",
     "events gb minutes 3 → 4"),
    ("by: even, when_missing: keep", "by: even, when_missing: {fallback: {by: head_count}}",
     "when missing keep → fallback, fallback nothing → method head_count"),
    ("by: driver, driver: gb, at_most: 5", "by: driver, driver: gb, at_most: 6, grain: day",
     "at most 5 → 6, by day no → yes"),
    ("by: driver, driver: gb, tiers: [{up_to: 9, weight: 1}, {weight: 2}]", "by: driver, driver: gb, tiers: [{up_to: 9, weight: 1}, {weight: 3}]",
     "tiers up to 9, weight 1, weight 2 → up to 9, weight 1, weight 3"),
    ("by: fixed, percentages: {nlp: 50, vision: 50}", "by: fixed, percentages: {nlp: 60, vision: 40}",
     "split by fixed (nlp 50 %, vision 50 %) → fixed (nlp 60 %, vision 40 %)"),
    ("by: shapley, cost_of: {driver: gb, tiers: [{price: 9}]}", "by: shapley, cost_of: {driver: gb, tiers: [{price: 8}]}",
     "tiers price 9 → price 8"),
    ("by: commitment, share_by: used", "by: commitment, share_by: bought", "share by used → bought"),
]  # fmt: skip


@pytest.mark.parametrize(("was", "now", "said"), SAYINGS)
def test_a_split_says_which_of_its_terms_changed(
    workshop: Workshop, was: str, now: str, said: str
) -> None:
    workshop.write("model/gb.csv", "team,period,quantity\nnlp,2026-10,30\n")
    text = "pools: [{name: p, service: S, split: {%s}}]\ndrivers: [{name: gb, unit: GB, file: gb.csv}]\n"
    old, new = workshop.model(pools=text % was), workshop.model(pools=text % now)
    assert titles(old, new) == [f"pool p: {said}"]


TERMS = [
    ("limits: [{caps: {nlp: 20%}, minimum_fee: 5}]", "limits: [{caps: {nlp: 25%}, minimum_fee: 5}]", "limits caps nlp 20 % → 25 %"),
    ("title: P", "title: P, limits: [{floors: {nlp: 5}}]", "limits nothing → currency USD, floors nlp 5"),
    ("exempt: [{team: nlp, because: x, until: 2027-01-01}]", "exempt: [{team: nlp, because: x, until: 2027-02-01}]",
     "exempt nlp valid until 2027-01-01 → until 2027-02-01"),
    ("cost_behaviour: {fixed: 60, driver: gb}", "cost_behaviour: {fixed: 50, driver: gb}", "behaviour fixed 0.6 → 0.5"),
]  # fmt: skip


@pytest.mark.parametrize(("was", "now", "said"), TERMS)
def test_terms_of_a_pool_say_what_changed(
    workshop: Workshop, was: str, now: str, said: str
) -> None:
    workshop.write("model/gb.csv", "team,period,quantity\nnlp,2026-10,30\n")
    text = "pools: [{name: p, service: S, split: {by: even}, %s}]\ndrivers: [{name: gb, unit: GB, file: gb.csv}]\n"
    old, new = workshop.model(pools=text % was), workshop.model(pools=text % now)
    assert titles(old, new) == [f"pool p: {said}"]


def test_dated_splits_say_when(workshop: Workshop) -> None:
    text = (
        "pools: [{name: p, service: S, split: [{by: even, until: 2026-10-10}, "
        "{by: fixed, percentages: {nlp: %s, vision: 50}, from: 2026-10-%s}]}]\n"
    )
    old, new = workshop.model(pools=text % (50, 10)), workshop.model(pools=text % ("50.0", 11))
    (title,) = titles(old, new)
    assert title.startswith("pool p: split by even until 2026-10-10 then fixed (nlp 50 %")


def test_sections_without_entries_say_what_changed(workshop: Workshop) -> None:
    text = (
        "chargeback: [{least_evidence: %s, coverage: %s}]\n"
        "allocation: [{between_pools: %s, because: %s}]\n"
    )
    old = workshop.model(more=text % ("mapped", 90, "direct", "a"))
    new = workshop.model(more=text % ("tagged", 95, "direct", "b"))
    assert titles(old, new) == [
        "allocation: its reason",
        "chargeback: least evidence mapped → tagged, coverage 90 → 95",
    ]


def test_a_reason_or_a_title_moves_no_money(workshop: Workshop) -> None:
    old = workshop.model(RULES, pools=POOLS)
    new = workshop.model(
        RULES.replace("team: vision", "team: vision, because: agreed"),
        pools=POOLS.replace("tag:", "title: GPUs, tag:"),
    )
    assert [(c.title, moves_money(c)) for c in diff(old, new)] == [
        ("rule c: its reason", False),
        ("pool gpu: title gpu → GPUs", False),
    ]


def test_few_entries_count_as_moved() -> None:
    old = dict.fromkeys("abcdefgh")
    assert stable(old, dict.fromkeys("habcdefg")) == frozenset("abcdefg")
    assert stable(old, dict.fromkeys("bacdxfgh")) >= frozenset("cdfgh")
    assert stable(old, {}) == frozenset()


@given(st.permutations("abcde"), st.permutations("abcde"), st.integers(0, 5), st.integers(0, 5))
def test_a_joint_order_is_both_orders(one: list[str], two: list[str], n: int, m: int) -> None:
    slots = joint_order(dict.fromkeys(one[:n]), dict.fromkeys(two[:m]))
    assert [slot.name for slot in slots if slot.in_old] == one[:n]
    assert [slot.name for slot in slots if slot.in_new] == two[:m]


@given(models(), models())
def test_no_change_is_the_old_model_and_all_of_them_the_new(old: Model, new: Model) -> None:
    mix = Mix(old, new)
    assert mix.of(()) is old
    assert mix.of(mix.changes) is (new if mix.changes else old)
    if mix.changes:
        # What one change alone says is told by the difference to the old model, and nothing else.
        for change in mix.changes[:3]:
            between = diff(old, mix.of([change]))
            assert {c.key for c in between if not c.moved} <= {change.key}
            assert between
    assert (digest(old) == digest(new)) == (not mix.changes)


@given(models(), models())
def test_the_changes_left_over_lead_to_the_new_model(old: Model, new: Model) -> None:
    mix = Mix(old, new)
    for taken in list(combinations(mix.changes, 2))[:3]:
        left = diff(mix.of(taken), new)
        assert {c.key for c in left if not c.moved} <= {c.key for c in mix.changes} - {
            c.key for c in taken
        }
