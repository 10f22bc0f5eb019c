"""The digest of a model changes with what it says, and with nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workshop import Workshop

MODEL = """\
tags:
  team: {synonyms: [squad, group], required: true, aliases: {nlp: [text, language]}}
rules:
  - {name: a, tag: {team: nlp, env: [prod, dr]}, service: S3, team: nlp, because: why}
  - {name: b, where: "RegionId = 'eu' AND lower(tag.env) = 'prod'", team: vision}
  - {name: list, resources: list.csv}
inherit:
  - {name: i, child: tag.cluster, parent: ResourceName}
pools:
  - {name: p, service: x, split: {by: fixed, percentages: {nlp: 50, vision: 50}}}
  - {name: q, service: y, split: {by: driver, driver: gb}}
drivers:
  - {name: gb, unit: GB, file: gb.csv}
budgets:
  - {team: nlp, amount: "12000.00"}
"""
LIST = "ResourceId,team,from\ni-1,nlp,\ni-2,vision,2026-01-01\n"
GB = "team,period,quantity\nnlp,2026-10,5\nvision,2026-10,4.5\n"


def digest_of(shop: Workshop, text: str = MODEL, listed: str = LIST, gb: str = GB) -> str:
    shop.write("model/list.csv", listed)
    shop.write("model/gb.csv", gb)
    return shop.model(text).hash


def test_layout_and_comments_do_not_count(make_shop: Callable[[str], Workshop]) -> None:
    plain = digest_of(make_shop("a"))
    block = yaml.safe_dump(
        yaml.safe_load(MODEL), default_flow_style=False, sort_keys=True, width=20
    )
    assert "\n- " in block
    assert digest_of(make_shop("b"), "# a comment\n\n\n" + block) == plain
    spaced = MODEL.replace("RegionId = 'eu' AND", "RegionId='eu'   and")
    assert digest_of(make_shop("c"), spaced) == plain
    assert digest_of(make_shop("d"), MODEL.replace("12000.00", "12000")) == plain


def test_names_of_files_do_not_count(make_shop: Callable[[str], Workshop]) -> None:
    plain = digest_of(make_shop("a"))
    other = make_shop("b")
    other.write("model/elsewhere/gb.csv", GB)
    moved = MODEL.replace("gb.csv", "elsewhere/gb.csv")
    assert digest_of(other, moved) == plain


def test_the_order_of_rows_does_not_count(make_shop: Callable[[str], Workshop]) -> None:
    plain = digest_of(make_shop("a"))
    listed = "ResourceId,from,team,note\ni-2,2026-01-01,vision,x\ni-1,,nlp,y\n"
    gb = "quantity,team,period\n4.50,vision,2026-10\n\n5.0,nlp,2026-10\n"
    assert digest_of(make_shop("b"), MODEL, listed, gb) == plain


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[prod, dr]", "[prod]"),
        ("because: why", "because: because"),
        ("lower(", "upper("),
        ("synonyms: [squad, group]", "synonyms: [group, squad]"),
        ("required: true", "required: false"),
        ("nlp: 50, vision: 50", "nlp: 51, vision: 49"),
        ('"12000.00"', '"12000.01"'),
        ("name: i", "name: j"),
        ("unit: GB", "unit: TB"),
        ("team: vision}", "team: vision, from: 2026-01-01}"),
    ],
)
def test_every_statement_counts(make_shop: Callable[[str], Workshop], old: str, new: str) -> None:
    assert old in MODEL
    assert digest_of(make_shop("a")) != digest_of(make_shop("b"), MODEL.replace(old, new))


def test_lists_and_quantities_count(make_shop: Callable[[str], Workshop]) -> None:
    plain = digest_of(make_shop("a"))
    assert digest_of(make_shop("b"), MODEL, LIST.replace("i-2", "i-3")) != plain
    assert digest_of(make_shop("c"), MODEL, LIST, GB.replace("4.5", "4.6")) != plain


def test_the_order_of_rules_counts(make_shop: Callable[[str], Workshop]) -> None:
    one = "rules: [{name: a, service: x, team: nlp}, {name: b, service: y, team: vision}]"
    other = "rules: [{name: b, service: y, team: vision}, {name: a, service: x, team: nlp}]"
    assert digest_of(make_shop("a"), one) != digest_of(make_shop("b"), other)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**20))
def test_the_order_in_which_the_disk_lists_files_does_not_count(
    make_shop: Callable[[str], Workshop], seed: int
) -> None:
    sections = yaml.safe_load(MODEL)
    names = [f"{n:02}" for n in range(len(sections))]
    chance = random.Random(seed)
    shop = make_shop(f"s{seed}")
    pairs = list(zip(names, sections.items(), strict=True))
    chance.shuffle(pairs)
    for name, (section, content) in pairs:
        shop.write(f"model/parts/{name}.yaml", yaml.safe_dump({section: content}))
    assert digest_of(shop, "") == digest_of(make_shop(f"whole{seed}"))
