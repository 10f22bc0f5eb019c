"""What two models say differently, entry by entry, and every model between them."""

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
