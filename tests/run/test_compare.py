"""Two models on the same charges: what moves, by which change, and that nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from apportion.domain.owner import OwnerKind
from apportion.domain.period import Period
from apportion.model.project import Model
from apportion.run.bring_in import bring_in
from apportion.run.compare import Compared, compare
from apportion.run.compare_values import OwnerDifference, PeriodComparison
from apportion.run.open_project import OpenProject
from bills import row, write_project

OCTOBER = Period(2026, 10)
ROWS = [
    row("60", {"team": "nlp"}),
    row("30", {"team": "cv"}, ServiceName="Storage"),
    row("100", {"service": "platform"}),
    row("40", {"service": "lake"}),
    row("9.99", {}, SubAccountId="22"),
]
OLD = """\
organisation:
  - {name: nlp, kind: team, head_count: 3}
  - {name: cv, kind: team, head_count: 1}
rules:
  - {name: team tag, team_from_tag: team}
pools:
  - {name: platform, tag: {service: platform}, split: {by: even}}
  - {name: lake, tag: {service: lake}, split: {by: even}}
"""


class Lab:
    """A loaded project whose model can be written anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = write_project(folder, ROWS, model=OLD)
        (folder / "model" / "hours.csv").write_text("team,period,quantity\nnlp,2026-10,80\n"
                                                    "cv,2026-10,20\n")  # fmt: skip
        self.project = OpenProject(folder)
        bring_in(self.project)
        self.old = self.project.model

    def model(self, *swaps: tuple[str, str], more: str = "") -> Model:
        text = OLD
        for before, after in swaps:
            assert before in text
            text = text.replace(before, after)
        (self.folder / "model" / "model.yaml").write_text(text + more)
        return self.project.reread_model()

    def compare(self, new: Model, old: Model | None = None) -> Compared:
        return compare(self.project.workspace, old or self.old, new, [OCTOBER])


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path / "company")
    yield made
    made.project.close()


BY_HOURS = ("platform}, split: {by: even}", "platform}, split: {by: driver, driver: hours}")
HOURS = "drivers:\n  - {name: hours, unit: hours, file: hours.csv}\n"
REST = ("pools:", "  - {name: rest, account: '22', team: cv}\npools:")


def owners(found: PeriodComparison) -> Mapping[str, OwnerDifference]:
    (comparison,) = found.comparisons
    return {one.owner.name: one for one in comparison.owners}


def causes(found: PeriodComparison, owner: str) -> dict[str, Decimal]:
    return {found.cause(one.cause): one.amount for one in owners(found)[owner].effects}


def test_two_equal_models_differ_in_nothing(lab: Lab) -> None:
    found = lab.compare(lab.model())
    assert found.changes == ()
    assert {one.difference for one in owners(found.periods[0]).values()} == {Decimal("0.00")}


def test_a_pool_split_by_a_driver_moves_its_lines_alone(lab: Lab) -> None:
    (found,) = lab.compare(lab.model(BY_HOURS, more=HOURS)).periods
    nlp, cv = owners(found)["nlp"], owners(found)["cv"]
    assert (nlp.old, nlp.new, nlp.difference) == (Decimal(130), Decimal(160), Decimal(30))
    assert (cv.old, cv.new, cv.difference) == (Decimal(100), Decimal(70), Decimal(-30))
    cause = "pool platform: split by even → driver hours; driver hours added"
    assert causes(found, "nlp") == {cause: Decimal("30.00")}
    moved = {line.line.pool or line.line.service: line.difference for line in nlp.lines}
    assert moved == {"platform": Decimal(30), "lake": Decimal(0), "Compute": Decimal(0)}


def test_each_change_has_its_own_part(lab: Lab) -> None:
    """A rule gives 9.99 to cv, hours move 30 to nlp, lake by heads moves 10 to nlp."""
    by_heads = ("lake}, split: {by: even}", "lake}, split: {by: head_count}")
    (found,) = lab.compare(lab.model(BY_HOURS, REST, by_heads, more=HOURS)).periods
    assert found.exact
    hours = "pool platform: split by even → driver hours; driver hours added"
    assert causes(found, "cv") == {
        hours: Decimal("-30.00"),
        "pool lake: split by even → head_count": Decimal("-10.00"),
        "rule rest added (team cv)": Decimal("9.99"),
    }
    assert causes(found, "unallocated") == {"rule rest added (team cv)": Decimal("-9.99")}
    assert causes(found, "nlp")[hours] == Decimal("30.00")


def test_what_two_changes_do_together_they_share(lab: Lab) -> None:
    """Direct cost weighs the platform, and a rule adds to cv's: both move the same line.

    Even 50:50. By direct cost 60:30, nlp gets 66.67. With the rule 60:39.99, 60.01. The rule
    alone moves nothing of it. Direct cost: (16.67 + 10.01) ÷ 2; the rule: (0 - 6.66) ÷ 2.
    """
    direct = ("platform}, split: {by: even}", "platform}, split: {by: direct_cost}")
    (found,) = lab.compare(lab.model(direct, REST)).periods
    line = next(one for one in owners(found)["nlp"].lines if one.line.pool == "platform")
    both, alone = Fraction(6000, 9999) * 100 - 50, Fraction(2, 3) * 100 - 50
    effects = {found.cause(one.cause): one.exact for one in line.effects}
    assert effects == {
        "pool platform: split by even → direct_cost": (both + alone) / 2,
        "rule rest added (team cv)": (both - alone) / 2,
    }
    assert sum(one.amount for one in line.effects) == line.difference == Decimal("10.01")


def test_a_team_that_comes_with_its_rule_and_pool_is_one_cause(lab: Lab) -> None:
    new = lab.model(
        ("  - {name: cv,", "  - {name: rec, kind: team}\n  - {name: cv,"),
        ("pools:", "  - {name: for rec, account: '22', team: rec}\npools:"),
        ("lake}, split: {by: even}", "lake}, split: {by: even, among: [rec, nlp]}"),
    )
    (found,) = lab.compare(new).periods
    assert len(found.causes) == 1
    assert owners(found)["rec"].new == Decimal("63.32")  # 100 ÷ 3, 40 ÷ 2, 9.99


def test_changes_that_move_no_money_are_no_causes(lab: Lab) -> None:
    compared = lab.compare(lab.model(("{by: even}", "{by: even}, because: agreed"), more=(
        'budgets:\n  - {team: nlp, amount: "5"}\n')))  # fmt: skip
    assert len(compared.changes) == 3
    assert compared.periods[0].causes == ()


def test_changes_that_cannot_be_tried_apart_are_one_cause(lab: Lab) -> None:
    """The team leaves; what remains of its percentage is an error unless the split changes too."""
    by_parts = ("lake}, split: {by: even}",
                "lake}, split: {by: fixed, percentages: {nlp: 60, cv: 40}}")  # fmt: skip
    old = lab.model(by_parts)
    new = lab.model(
        ("lake}, split: {by: even}", "lake}, split: {by: fixed, percentages: {nlp: 100}}"),
        ("{name: cv, kind: team", "{name: cv, kind: team, until: 2026-10-01"),
    )
    (found,) = lab.compare(new, old).periods
    assert [len(cause.changes) for cause in found.causes] == [2]
    assert owners(found)["nlp"].new == Decimal("200.00")


def test_many_changes_are_sampled_and_still_sum(lab: Lab) -> None:
    rules = "".join(
        f"  - {{name: rule {n}, where: \"ServiceName = 'Compute' AND length(ResourceName) > {n}\","
        f" team: {'nlp' if n % 2 else 'cv'}}}\n"
        for n in range(10)
    )
    (found,) = lab.compare(lab.model(("rules:\n", f"rules:\n{rules}"))).periods
    assert len(found.causes) == 10
    assert not found.exact
    for owner in owners(found).values():
        assert sum(one.exact for one in owner.effects) == owner.exact
        assert sum(one.amount for one in owner.effects) == owner.difference


def test_lines_and_owners_sum_in_every_column(lab: Lab) -> None:
    (found,) = lab.compare(lab.model(BY_HOURS, REST, more=HOURS)).periods
    (comparison,) = found.comparisons
    for name in ("old", "new", "difference", "exact"):
        values = [getattr(one, name) for one in comparison.owners]
        assert sum(values) == (comparison.total if name in {"old", "new"} else 0)
        for owner in comparison.owners:
            assert sum(getattr(line, name) for line in owner.lines) == getattr(owner, name)
    kinds = [one.owner.kind for one in comparison.owners]
    assert kinds[-1] is OwnerKind.UNALLOCATED
