"""`apportion check` remarks on what is allowed and rarely meant."""

# ruff: noqa: E501
# Tables read best with one case in a line.

from __future__ import annotations

from pathlib import Path

import pytest

from apportion.domain.finding import Finding
from apportion.errors import ConfigurationError
from apportion.model.check import check
from apportion.model.read_project import read_project
from workshop import Workshop

QUIET = """\
organisation:
  - {name: nlp, kind: team, cost_center: C1, head_count: 3}
  - {name: vision, kind: team, cost_center: C2, head_count: 4}
"""
TAG = "  - {name: of the tag, team_from_tag: team}\n"


def remarks(shop: Workshop, rules: str = "", organisation: str = QUIET) -> list[str]:
    shop.write("model/organisation.yaml", organisation)
    shop.write("model/rules.yaml", rules or "rules:\n" + TAG)
    found: tuple[Finding, ...] = check(read_project(shop.root))
    assert all(finding.hint for finding in found)
    return [f"{f.place}: {f.code}: {f.message}" for f in found]


def codes(found: list[str]) -> list[str]:
    return [line.split(": ")[1] for line in found]


def test_a_sound_model_gets_no_remark(shop: Workshop) -> None:
    assert remarks(shop) == []


def test_faults_raise(shop: Workshop) -> None:
    with pytest.raises(ConfigurationError, match="no team is called"):
        remarks(shop, "rules: [{name: r, team: rec}]")


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("tag: {team: nlp}", "tag: {team: nlp}"),
        ("tag: {team: [nlp, text]}", "tag: {team: nlp}"),
        ("service: S3", "service: S3, region: eu"),
        ("service: S3, region: eu", "region: eu, service: S3"),
        ("where: \"ServiceName = 'S3'\"", "service: S3"),
        ("where: \"lower(tag.a) = 'b'\"", "where: \"LOWER(tag.a)='b'\""),
        ("resource_name: a*", "resource_name: a*"),
        ("service: S3", "service: S3, from: 2026-01-01"),
        ("because: all of it", "service: S3"),
    ],
)
def test_a_rule_that_an_earlier_one_leaves_nothing_never_matches(
    shop: Workshop, earlier: str, later: str
) -> None:
    found = remarks(
        shop,
        f"rules:\n  - {{name: a, {earlier}, team: nlp, because: x}}\n".replace(
            "because: all of it, team: nlp, because: x", "team: nlp, because: all of it"
        )
        + f"  - {{name: b, {later}, team: vision, because: y}}\n{TAG}",
    )
    assert found[0] == (
        "model/rules.yaml:3:12: rule-never-matches: "
        "the rule 'b' never matches: the rule 'a' comes first"
    )


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("tag: {team: nlp}", "tag: {team: [nlp, text]}"),
        ("service: S3, region: eu", "service: S3"),
        ("service: S3, from: 2026-01-01", "service: S3"),
        ("service: S3, until: 2026-01-01", "service: S3, from: 2025-12-31"),
        ("resource_name: a*", "resource_name: ab*"),
    ],
)
def test_a_rule_that_still_may_match_gets_no_remark(
    shop: Workshop, earlier: str, later: str
) -> None:
    assert not remarks(
        shop,
        f"rules:\n  - {{name: a, {earlier}, team: nlp, because: x}}\n"
        f"  - {{name: b, {later}, team: vision, because: y}}\n{TAG}",
    )


def test_two_earlier_rules_together_may_leave_nothing(shop: Workshop) -> None:
    found = remarks(
        shop,
        "rules:\n  - {name: a, account: '1', team: nlp}\n  - {name: b, account: '2', team: nlp}\n"
        f"  - {{name: c, account: ['1', '2'], team: vision}}\n{TAG}",
    )
    assert codes(found) == ["rule-never-matches"]


def test_pools_come_before_rules(shop: Workshop) -> None:
    found = remarks(
        shop,
        "pools: [{name: p, service: S3, split: {by: even}}]\n"
        "rules: [{name: a, service: S3, team: nlp}]\n",
    )
    assert "the pool 'p' comes first" in found[0]


def test_rules_of_a_team_that_ended_leave_room(shop: Workshop) -> None:
    found = remarks(
        shop,
        "rules:\n  - {name: a, service: S3, team: old}\n  - {name: b, service: S3, team: nlp}\n"
        f"  - {{name: c, service: EC2, team: old, from: 2026-06-01}}\n{TAG}",
        QUIET + "  - {name: old, kind: team, cost_center: C3, until: 2026-06-01}\n",
    )
    assert found == [
        (
            "model/rules.yaml:4:12: rule-outside-team: the rule 'c' never holds: "
            "on its days there is no team 'old'"
        )
    ]


def test_rules_by_the_look_of_a_name_should_say_why(shop: Workshop) -> None:
    found = remarks(
        shop,
        "rules:\n  - {name: a, resource_name: x*, team: nlp}\n"
        "  - {name: b, where: \"RegionId LIKE 'x%'\", team: nlp, because: asked}\n"
        f"{TAG}  - {{name: c, team: nlp}}\n",
    )
    assert found == [
        (
            "model/rules.yaml:2:12: rule-without-reason: "
            "the rule 'a' goes by a name pattern and doesn't say why"
        ),
        (
            "model/rules.yaml:5:12: rule-without-reason: "
            "the rule 'c' matches everything and doesn't say why"
        ),
    ]


def test_values_that_a_tag_may_not_have(shop: Workshop) -> None:
    found = remarks(
        shop,
        "tags: {env: {values: [prod, test], aliases: {prod: [live]}}}\n"
        "rules:\n  - {name: a, tag: {env: [Live, tset]}, team: nlp}\n" + TAG,
    )
    assert found == [
        (
            "model/rules.yaml:3:12: value-not-allowed: "
            "'a' asks for tag.env = 'tset', which `tags` doesn't allow"
        )
    ]


ORGANISATION = [
    ("{name: a, kind: team}", "team-without-cost-center"),
    ("{name: a, kind: product}", "product-without-stage"),
    ("{name: NLP, kind: team, cost_center: C}", "names-look-alike"),
    ("{name: n\N{CYRILLIC SMALL LETTER ER}x, kind: team, cost_center: C}", "name-of-several-scripts"),
    ("{name: nl\N{CYRILLIC SMALL LETTER ER}, kind: team, cost_center: C}", "name-of-several-scripts names-look-alike"),
    ("{name: \N{FULLWIDTH LATIN SMALL LETTER N}lp, kind: team, cost_center: C}", "name-of-several-scripts names-look-alike"),
    ("{name: \N{LATIN SMALL LETTER N WITH TILDE}lp, kind: team, cost_center: C}", ""),
    ("{name: \N{CJK UNIFIED IDEOGRAPH-8BED}\N{CJK UNIFIED IDEOGRAPH-8A00}, kind: team, cost_center: C}", ""),
    ("{name: AI \N{CJK UNIFIED IDEOGRAPH-8BED}\N{HIRAGANA LETTER A}, kind: team, cost_center: C}", ""),
    ("{name: c, kind: team, cost_center: C, parent: p, until: 2026-01-01}\n  - {name: p, kind: product, stage: s, from: 2026-01-01}", "unit-outside-parent"),
]  # fmt: skip


@pytest.mark.parametrize(("unit", "expected"), ORGANISATION)
def test_remarks_on_the_organisation(shop: Workshop, unit: str, expected: str) -> None:
    assert codes(remarks(shop, organisation=f"{QUIET}  - {unit}\n")) == expected.split()


def test_a_team_that_nothing_reaches(shop: Workshop) -> None:
    found = remarks(shop, "rules: [{name: a, service: S3, team: nlp}]")
    assert found == [
        (
            "model/organisation.yaml:3:12: team-unreached: "
            "no rule, list or pool gives anything to the team 'vision'"
        )
    ]


POOLS = [
    ("{by: even, excluding: [nlp, vision]}", "pool-without-receivers"),
    ("{by: even, among: [nlp], excluding: [nlp]}", "pool-without-receivers"),
    ("{by: driver, driver: gb, when_missing: {fallback: {by: even, excluding: [nlp, vision]}}}", "pool-without-receivers"),
    ("{by: head_count}", ""),
    ("[{by: even, among: [nlp], until: 2026-01-01}, {by: even, from: 2026-01-01}]", ""),
    ("[{by: even, until: 2026-10-10}, {by: even, from: 2026-10-12}]", "split-gap"),
    ("[{by: even, from: 2026-10-12}, {by: even, until: 2026-10-10}]", "split-gap"),
    ("[{by: even, from: 2026-10-12, until: 2026-10-14}]", ""),
    ("[{by: even, until: 2026-10-14}], until: 2026-10-15", "split-gap"),
    ("[{by: even, from: 2026-10-14}], from: 2026-10-13", "split-gap"),
    ("[{by: even, from: 2026-10-14}], from: 2026-10-14", ""),
]  # fmt: skip


@pytest.mark.parametrize(("split", "expected"), POOLS)
def test_remarks_on_pools(shop: Workshop, split: str, expected: str) -> None:
    shop.write("model/gb.csv", "team,period,quantity\nnlp,2026-10,1\n")
    drivers = "drivers: [{name: gb, unit: GB, file: gb.csv}]\n" if "gb" in split else ""
    found = remarks(
        shop, f"pools: [{{name: p, service: x, split: {split}}}]\n{drivers}rules:\n{TAG}"
    )
    assert codes(found) == expected.split()


def test_a_gap_between_splits_says_its_days(shop: Workshop) -> None:
    split = "[{by: even, until: 2026-10-10}, {by: even, from: 2026-10-12}]"
    found = remarks(shop, f"pools: [{{name: p, service: x, split: {split}}}]\nrules:\n{TAG}")
    assert found[0].endswith(
        "no split of the pool 'p' holds from 2026-10-10 until 2026-10-12: it keeps its cost of "
        "these days"
    )


def test_a_split_by_head_count_needs_head_counts(shop: Workshop) -> None:
    found = remarks(
        shop,
        "pools: [{name: p, service: x, split: {by: head_count}}]\nrules:\n" + TAG,
        QUIET.replace(", head_count: 4", ""),
    )
    assert codes(found) == ["team-without-head-count"]


def test_two_pools_of_one_team(shop: Workshop) -> None:
    found = remarks(
        shop,
        "pools:\n  - {name: p, from_team: nlp, split: {by: even, excluding: [nlp]}}\n"
        "  - {name: q, from_team: nlp, split: {by: even, excluding: [nlp]}}\nrules:\n" + TAG,
    )
    assert found == [
        (
            "model/rules.yaml:3:12: pools-of-one-team: "
            "the pools 'p' and 'q' both take the cost of 'nlp'; the first gets it"
        )
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("nlp,2026-10,,1\n", "driver-unused"),
        ("", "driver-unused driver-empty"),
        ("nlp,2026-10,,1\nnlp,,2026-10-04,2\nnlp,,2026-10-05,2\n", "driver-unused driver-counted-twice"),
        ("nlp,2026-10,,1\nnlp,,2026-11-04,2\nvision,,2026-10-05,2\n", "driver-unused"),
    ],
)  # fmt: skip
def test_remarks_on_drivers(shop: Workshop, rows: str, expected: str) -> None:
    shop.write("model/gb.csv", "team,period,day,quantity\n" + rows)
    found = remarks(shop, f"drivers: [{{name: gb, unit: GB, file: gb.csv}}]\nrules:\n{TAG}")
    assert sorted(codes(found)) == sorted(expected.split())


def test_a_password_in_the_project_file(shop: Workshop, tmp_path: Path) -> None:
    shop.write(
        "apportion.yaml",
        "name: A\ncurrency: USD\nlocations: {books: 'postgresql://me:secret@host/db'}\n",
    )
    (found,) = remarks(shop)
    assert found.startswith("apportion.yaml:3:37: password-in-file")
    assert "secret" not in found
