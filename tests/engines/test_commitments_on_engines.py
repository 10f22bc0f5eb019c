"""Whose charges of commitments would be without their pool, on every engine."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

import apportion
from apportion.domain.owner import OwnerKind
from apportion.domain.period import Period
from apportion.domain.result import Line, LineKind
from apportion.run.bring_in import bring_in
from apportion.run.evaluate import evaluate
from apportion.run.span import evaluate_span
from apportion.run.workspace import Workspace
from apportion.store.engine import Engine
from bills import Row, row, write_project


def of_plan(status: str, cost: str, team: str = "") -> Row:
    tags = {"team": team} if team else {}
    plan = {"CommitmentDiscountId": "plan", "CommitmentDiscountStatus": status}
    return row(cost, tags, SubAccountId="7") | plan


ROWS = [
    of_plan("Unused", "20"),
    of_plan("Used", "150", "nlp"),
    of_plan("Used", "50", "cv"),
    row("40", {"team": "cv"}),
    row("5", {"fee": "yes"}),
]

MODEL = """\
organisation:
  - {name: nlp, kind: team}
  - {name: cv, kind: team}
rules:
  - {name: fee, tag: {fee: "yes"}, pool: plans}
  - {name: team tag, team_from_tag: team}
  - {name: fees, tag: {fee: "yes"}, team: cv}
  - {name: account, account: "7", team: cv, from: 2026-10-02}
pools:
  - name: plans
    where: CommitmentDiscountStatus = 'Unused'
    from: 2026-10-01
    split: SPLIT
"""


def lines(
    folder: Path, engine: Engine, split: str, *, span: bool = False, rows: list[Row] = ROWS
) -> tuple[Line, ...]:
    write_project(folder, rows, model=MODEL.replace("SPLIT", split))
    with apportion.open_project(folder) as project:
        bring_in(project)
        workspace = Workspace(project.settings, project.books, project.lake, engine)
        if span:
            days = date(2026, 10, 1), date(2026, 11, 1)
            return evaluate_span(workspace, project.model, *days).lines
        return evaluate(workspace, project.model, Period(2026, 10)).lines


def pooled(found: tuple[Line, ...], kind: LineKind) -> dict[str, Fraction]:
    return {
        line.owner.name: line.amounts.EffectiveCost
        for line in found
        if line.pool and line.kind is kind and line.owner.kind is OwnerKind.TEAM
    }


BOUGHT = "{by: commitment, share_by: bought}"
ELSE_CV = "when_missing: {fallback: {by: fixed, percentages: {cv: 100}}}"
USING = f"{{by: commitment, share_by: used, {ELSE_CV}}}"
ON_DEMAND = '{by: commitment, share_by: on_demand, eligible: {where: "tag.team IS NOT NULL"}}'


@pytest.mark.parametrize("span", [False, True])
@pytest.mark.parametrize(
    ("split", "idle", "shared"),
    [
        # The unused part is of account 7, the fee of a rule behind the one that feeds the pool.
        (BOUGHT, {"cv": 20}, {"cv": 5}),
        (USING, {"nlp": 15, "cv": 5}, {"cv": 5}),
        # List cost of what carries a team: 150 : 90, of 20 and of the fee of 5.
        (ON_DEMAND, {"nlp": Fraction(25, 2), "cv": Fraction(15, 2)},
         {"nlp": Fraction(25, 8), "cv": Fraction(15, 8)}),
    ],
)  # fmt: skip
def test_owners_without_the_pool(
    tmp_path: Path,
    engine: Engine,
    split: str,
    span: bool,
    idle: dict[str, Fraction],
    shared: dict[str, Fraction],
) -> None:
    found = lines(tmp_path / "p", engine, split, span=span)
    assert pooled(found, LineKind.IDLE) == idle
    assert pooled(found, LineKind.SHARED) == shared


def test_only_usage_is_eligible(tmp_path: Path, engine: Engine) -> None:
    # The condition fits every charge; the fee (List 1,000), the unused part and a credit
    # are no usage. By what nlp and cv used, 150 : 90, the unused 20 are 12.50 and 7.50.
    fee = row("1000", SubAccountId="7") | {
        "ChargeCategory": "Purchase", "CommitmentDiscountId": "plan", "EffectiveCost": "0"
    }  # fmt: skip
    credit = row("-30", {"team": "cv"}) | {"ChargeCategory": "Credit"}
    split = '{by: commitment, share_by: on_demand, eligible: {where: "ServiceName IS NOT NULL"}}'
    rows = [*ROWS[:4], fee, credit]
    found = lines(tmp_path / "p", engine, split, rows=rows)
    assert pooled(found, LineKind.IDLE) == {"nlp": Fraction(25, 2), "cv": Fraction(15, 2)}


def test_a_bill_that_knows_no_commitments(tmp_path: Path, engine: Engine) -> None:
    rows = [row("20", SubAccountId="7"), row("5", {"fee": "yes"}), row("9", {"team": "nlp"})]
    model = MODEL.replace("SPLIT", BOUGHT)
    model = model.replace("CommitmentDiscountStatus = 'Unused'", "SubAccountId = '7'")
    folder = write_project(tmp_path / "p", rows, model=model)
    with apportion.open_project(folder) as project:
        bring_in(project)
        workspace = Workspace(project.settings, project.books, project.lake, engine)
        found = evaluate(workspace, project.model, Period(2026, 10)).lines
    assert pooled(found, LineKind.SHARED) == {"cv": 25}
