"""Policies of governance: what is demanded, what a month came to, and what breaks them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from apportion.domain.finding import Level
from apportion.domain.period import Period
from apportion.errors import NotLoaded, UsageError
from apportion.govern.change_model import review_model
from apportion.govern.check_policies import check_policies
from apportion.govern.export_policies import export_policies
from apportion.govern.judged import Judged
from bills import row
from commands import apportion
from small_projects import MODEL, OCTOBER, Small
from workshop import Workshop

TODAY = date(2026, 11, 25)
WHO = "owner: finops, because: decision 7"


@pytest.fixture
def place(tmp_path: Path) -> Small:
    """Of USD 200: 100 is nlp's and 50 cv's by a tag, 40 is nobody's, 10 is shared."""
    small = Small(tmp_path / "small")
    small.bill(
        row("100.00", {"team": "nlp", "env": "prod"}, ResourceId="vm-1", SubAccountId="a-1"),
        row("50.00", {"team": "cv", "env": "test"}, ResourceId="vm-2", SubAccountId="a-2"),
        row("40.00", {}, ResourceId="vm-3", SubAccountId="a-3"),
        row("10.00", {}, ServiceName="Shared", ResourceId="", ResourceName=""),
    )
    small.write(MODEL)
    return small


def demand(place: Small, *policies: str) -> None:
    text = "governance:\n" + "".join(f"  - {{{one}, {WHO}}}\n" for one in policies)
    (place.root / "model/governance.yaml").write_text(text)


def judged(place: Small, *policies: str, today: date = TODAY) -> tuple[Judged, ...]:
    demand(place, *policies)
    place.run()
    with place.open() as project:
        return check_policies(project, OCTOBER, today=today)


def codes(found: tuple[Judged, ...]) -> list[str]:
    return [finding.code for one in found for finding in one.findings]


def test_coverage_is_the_cost_that_has_an_owner(place: Small) -> None:
    kept, broken = judged(
        place,
        "name: low, check: coverage, at_least: 80",
        "name: high, check: coverage, at_least: 80.01",
    )
    assert [one.percent for one in kept.figures] == [Decimal("80.00")]
    assert (kept.kept, broken.kept, broken.fails) == (True, False, True)
    (told,) = broken.findings
    assert told.code == "coverage-below-policy"
    assert told.message == ("USD: 80.00 % of cost has an owner; policy 'high' demands 80.01 %")
    assert told.place is not None
    assert (told.place.file, told.place.line) == ("model/governance.yaml", 3)


def test_weak_evidence_is_a_part_of_what_is_owned(place: Small) -> None:
    place.write(MODEL.replace("team_from_tag: team", "service: Comp*, team: nlp"))
    found = judged(
        place,
        "name: a, check: weak_evidence, at_most: 95",
        "name: b, check: weak_evidence, at_most: 94.99, level: warning",
        "name: c, check: weak_evidence, at_most: 100, least_evidence: tagged",
    )
    assert [one.figures[0].percent for one in found] == [Decimal(95), Decimal(95), Decimal(100)]
    assert codes(found) == ["weak-evidence-above-policy"]
    assert [one.kept for one in found] == [True, False, True]
    assert not any(one.fails for one in found)


def test_idle_capacity_without_any_is_not_judged_as_zero(place: Small) -> None:
    (found,) = judged(place, "name: idle, check: idle, at_most: 0")
    assert [(one.currency, one.percent) for one in found.figures] == [("USD", None)]
    assert found.kept


@pytest.mark.parametrize(
    ("tags", "exempt", "percent"),
    [
        ("{team: }", "", "78.94"),  # 150 of 190: all that name a resource
        ("{team: , env: }", "", "78.94"),
        ("{team: , env: [prod, dev]}", "", "52.63"),  # test isn't allowed: 100 of 190
        ("{team: [nlp]}", "", "52.63"),
        ("{team: }", "{account: a-3, until: 2026-11-01, because: x}", "100.00"),
        ("{team: }", "{account: a-3, until: 2026-10-01, because: x}", "78.94"),  # ended
        ("{team: , env: [prod]}", "{team: cv, until: 2027-01-01, because: x}", "71.42"),
        ("{team: }", "{service: Compute, until: 2027-01-01, because: x}", None),
    ],
)
def test_tags_that_a_policy_requires(
    place: Small, tags: str, exempt: str, percent: str | None
) -> None:
    left_out = f", exempt: [{exempt}]" if exempt else ""
    (found,) = judged(place, f"name: t, check: tags, at_least: 79, tags: {tags}{left_out}")
    figures = [one.percent for one in found.figures]
    if percent is None:
        assert figures == []
        assert found.kept
    else:
        assert [one is not None and abs(one - Decimal(percent)) < Decimal("0.011")
                for one in figures] == [True]  # fmt: skip
        assert found.kept is (Decimal(percent) >= 79)


def test_without_tags_of_its_own_a_policy_requires_those_of_the_taxonomy(place: Small) -> None:
    place.write(MODEL + "tags:\n  env: {required: true, values: [prod], aliases: {prod: [test]}}\n")
    (found,) = judged(place, "name: t, check: tags, at_least: 50")
    assert found.kept  # test is a spelling of prod here: 150 of 190
    assert found.figures[0].percent == Decimal("78.95")


def test_tags_are_not_judged_by_another_model_than_the_runs(place: Small) -> None:
    judged(place, "name: t, check: tags, at_least: 50, tags: {team: }")
    place.write(MODEL.replace("split: {by: even}", "split: {by: even, among: [cv]}"))
    with place.open() as project:
        (found,) = check_policies(project, OCTOBER, today=TODAY)
    assert codes((found,)) == ["model-changed"]
    assert not found.looked
    assert not found.fails


def test_a_policy_alone_changes_no_run(place: Small) -> None:
    place.run()
    with place.open() as project:
        before = project.model.hash
    demand(place, "name: t, check: coverage, at_least: 50")
    with place.open() as project:
        assert project.model.hash == before


POOL = "  - {name: shared, service: Shared, split: {by: even}"


@pytest.mark.parametrize(
    ("until", "policy", "wanted"),
    [
        ("2027-06-01", "", []),
        ("2026-12-25", "", ["exemption-ends-soon"]),
        ("2026-12-26", "", []),
        ("2027-01-24", "warn_days: 60", ["exemption-ends-soon"]),
        ("2026-11-25", "", ["exemption-ended"]),
        ("2027-01-01", "months: 12", []),
        ("2027-01-02", "months: 12, warn_days: 0", ["exemption-too-long"]),
    ],
)
def test_exemptions_end_and_are_told_of_before(
    place: Small, until: str, policy: str, wanted: list[str]
) -> None:
    exempt = f"exempt: [{{team: lab, from: 2026-01-01, until: {until}, because: pilot}}]"
    place.write(MODEL.replace(POOL, f"{POOL}, {exempt}"))
    asked = "name: ends, check: exemptions" + (f", {policy}" if policy else "")
    found = judged(place, asked)
    assert codes(found) == wanted
    assert found[0].kept is (wanted in ([], ["exemption-ends-soon"]))


def test_a_model_is_looked_through_every_quarter(place: Small) -> None:
    policy = "name: looked, check: review"
    (found,) = judged(place, policy)
    assert "nobody has looked through the model yet" in found.findings[0].message
    with place.open() as project:
        when = review_model(project, actor="ann", because="all pools").at.date()
    (found,) = judged(place, policy, today=when)
    assert found.kept
    later = Period(when.year, when.month).next().next().next().until
    (found,) = judged(place, policy, today=later)
    assert codes((found,)) == ["model-not-reviewed"]
    place.write(MODEL.replace("{by: even}", "{by: even, among: [nlp]}"))
    (found,) = judged(place, policy, today=when)
    assert "has changed since ann looked through it" in found.findings[0].message


def test_rules_say_why_and_who_answers_for_them(place: Small) -> None:
    rule = "{name: by tag, team_from_tag: team"
    place.write(MODEL.replace(rule, f"{rule}, because: tags are ours, owner: ann"))
    found = judged(place, "name: answered, check: reasons, level: warning")
    (told,) = found[0].findings
    assert (told.code, told.level) == ("reason-missing", Level.WARNING)
    assert told.message == "the split of pool 'shared' doesn't say why and who answers for it"


def test_a_policy_holds_on_its_days(place: Small) -> None:
    assert judged(place, "name: t, check: coverage, at_least: 99, from: 2026-11-01") == ()
    assert judged(place, "name: t, check: reasons, until: 2026-11-25") == ()


def test_without_a_run_there_is_nothing_to_look_at(place: Small) -> None:
    demand(place, "name: t, check: coverage, at_least: 99", "name: u, check: idle, at_most: 9")
    with place.open() as project:
        found = check_policies(project, today=TODAY)
        assert [(one.looked, one.fails) for one in found] == [(False, False)] * 2
        with pytest.raises(NotLoaded):
            check_policies(project, OCTOBER, today=TODAY)


def test_the_command_fails_where_a_policy_is_broken(place: Small) -> None:
    judged(place, "name: t, check: coverage, at_least: 99")
    found = apportion(place.root, "policy", "check", "--json", expect=1)
    (one,) = found["policies"]
    assert (found["ok"], one["kept"], one["figures"]) == (
        False,
        False,
        [{"currency": "USD", "percent": "80.00"}],
    )
    assert "broken" in apportion(place.root, "policy", "check", expect=1)
    demand(place, "name: t, check: coverage, at_least: 80")
    assert apportion(place.root, "policy", "check", "--period", "2026-10", "--json")["ok"]
    (listed,) = apportion(place.root, "policy", "list", "--json")["policies"]
    assert listed["demands"] == "cost with an owner: at least 80.00 %"


def test_required_tags_are_written_for_other_tools(place: Small) -> None:
    demand(place, 'name: "Tags, please", check: tags, at_least: 90, tags: {team: , env: [prod]}')
    with place.open() as project:
        custodian = export_policies(project.model, "custodian", ("aws.s3", "aws.ec2"))
        rego = export_policies(project.model, "rego")
        with pytest.raises(UsageError, match="nothing is called 'sentinel'"):
            export_policies(project.model, "sentinel")
    import yaml

    first, second = yaml.safe_load(custodian)["policies"]
    assert (first["name"], second["resource"]) == ("tags-please-aws-s3", "aws.ec2")
    assert first["filters"] == [
        {
            "or": [
                {"tag:team": "absent"},
                {"tag:env": "absent"},
                {"type": "value", "key": "tag:env", "op": "not-in", "value": ["prod"]},
            ]
        }
    ]
    assert '"env": [\n    "prod"\n  ]' in rego
    assert rego.startswith("package apportion.tags\n")


def test_without_a_tag_policy_there_is_nothing_to_write(place: Small) -> None:
    with place.open() as project, pytest.raises(UsageError, match="no policy requires a tag"):
        export_policies(project.model, "rego")


TAGS = "name: a, check: tags, at_least: 1"


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ("name: a, check: coverage", "a check of coverage needs `at_least`"),
        ("name: a, check: idle, at_least: 5", "`at_least` has no meaning for a check of idle"),
        ("name: a, check: review, tags: {env: }", "`tags` has no meaning for a check of review"),
        ("name: a, check: idle, at_most: 101", "101 is more than 100 percent"),
        ("name: a, check: idel, at_most: 1", "'idel' is not something to check"),
        (f"{TAGS}, exempt: [{{team: x, until: 2027-01-01, because: x}}]", "no team is called 'x'"),
        (f"{TAGS}, exempt: [{{team: nlp, because: x}}]", "an exemption from tags has no 'until'"),
    ],
)
def test_a_policy_that_can_not_be_is_a_fault_with_its_place(
    tmp_path: Path, policy: str, told: str
) -> None:
    shop = Workshop(tmp_path)
    faults = shop.faults(governance=f"governance:\n  - {{{policy}, {WHO}}}\n")
    assert any(told in one and one.startswith("model/governance.yaml:2:") for one in faults)


def test_a_policy_says_who_answers_for_it_and_why(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    faults = shop.faults(governance="governance:\n  - {name: a, check: review}\n")
    assert [one.split(": ", 1)[1] for one in faults] == [
        "a policy of governance has no 'because'",
        "a policy of governance has no 'owner'",
    ]
