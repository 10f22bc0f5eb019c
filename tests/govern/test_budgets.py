"""A budget is drawn up, approved by somebody else, moved, and held against what was spent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from apportion.domain.budget import BudgetLine, BudgetOwner, BudgetState, KeptBudget
from apportion.domain.period import Period
from apportion.domain.role import Grant, Role, RoleChange
from apportion.errors import ConfigurationError, NotAllowed, NotLoaded, UsageError
from apportion.govern.budgets import (
    approve_budget,
    draft_budget,
    reject_budget,
    submit_budget,
)
from apportion.govern.draw_budget import from_model, months_of, phased, replaced
from apportion.govern.forecasts import keep_forecast
from apportion.govern.read_budget_file import read_budget_file, read_forecast_file
from apportion.govern.transfer_budget import draft_transfer, follow_model, move
from apportion.insight.budget_status import AllowanceUse, budget_status
from apportion.insight.forecast_accuracy import judge_forecast
from apportion.ledger.close import close
from apportion.run.open_project import OpenProject
from apportion.run.saved import latest_run
from apportion.run.statement import draw_statement
from apportion.store.books.audit import now
from apportion.store.books.budgets import lines_in_force, read_budget, read_budgets
from apportion.store.books.roles import change_role
from bills import row
from small_projects import MODEL, OCTOBER, Small

NLP, CV = BudgetOwner.parse("team:nlp"), BudgetOwner.parse("team:cv")
PLATFORM = BudgetOwner.parse("central:unallocated")
ASSISTANT = BudgetOwner.parse("product:assistant")


@pytest.fixture
def place(tmp_path: Path) -> Small:
    """October: 100 for nlp, 50 for cv, 30 for nobody."""
    small = Small(tmp_path / "small")
    small.bill(row("100.00", {"team": "nlp"}), row("50.00", {"team": "cv"}), row("30.00", {}))
    small.write(MODEL + "budgets:\n  - {team: nlp, amount: 80}\n")
    small.run()
    return small


def line(owner: BudgetOwner, units: int, *, allowance: bool = False) -> BudgetLine:
    return BudgetLine(owner, OCTOBER, units, allowance)


def counted(project: OpenProject, *lines: BudgetLine, name: str = "2026") -> KeptBudget:
    """A version that ann drew up and submitted, and that ben approved."""
    made = draft_budget(project, name, lines, actor="ann")
    submit_budget(project, made.id, actor="ann")
    return approve_budget(project, made.id, actor="ben")


def budget_of(project: OpenProject, team: str) -> Decimal | None:
    drawn = draw_statement(latest_run(project.books, OCTOBER), "USD")
    return next(one.budget for one in drawn.teams if one.facts.team == team)


def test_the_models_budget_stands_until_a_version_is_approved(place: Small) -> None:
    with place.open() as project:
        assert budget_of(project, "nlp") == Decimal(80)
        made = draft_budget(project, "2026", [line(NLP, 90_00), line(CV, 40_00)], actor="ann")
        submit_budget(project, made.id, actor="ann")
        assert budget_of(project, "nlp") == Decimal(80)
        approve_budget(project, made.id, actor="ben", because="as planned")
        assert budget_of(project, "nlp") == Decimal("90.00")
        assert budget_of(project, "cv") == Decimal("40.00")
        assert budget_of(project, "lab") is None


def test_a_newer_version_supersedes_and_a_closed_month_keeps_its_own(place: Small) -> None:
    with place.open() as project:
        first = counted(project, line(NLP, 90_00))
        close(project, OCTOBER, actor="ann")
        second = counted(project, line(NLP, 95_00))
        with project.books.reading() as connection:
            old = read_budget(connection, first.document.id)
        assert (old.state, second.state) == (BudgetState.SUPERSEDED, BudgetState.APPROVED)
        assert budget_of(project, "nlp") == Decimal("90.00")
        assert budget_status(project, OCTOBER).budget.number == 2


def test_who_drew_it_up_or_submitted_it_doesnt_decide(place: Small) -> None:
    with place.open() as project:
        made = draft_budget(project, "2026", [line(NLP, 1)], actor="ann")
        with pytest.raises(UsageError, match="is draft: it can't become approved"):
            approve_budget(project, made.id, actor="ben")
        submit_budget(project, made.id, actor="eve")
        for person in ("ann", "eve"):
            with pytest.raises(NotAllowed, match="can't decide on it"):
                approve_budget(project, made.id, actor=person)
        with pytest.raises(UsageError, match="needs a reason"):
            reject_budget(project, made.id, actor="ben", because=" ")
        reject_budget(project, made.id, actor="ben", because="too much")
        with pytest.raises(UsageError, match="is rejected"):
            approve_budget(project, made.id, actor="ben")
        with project.books.reading() as connection:
            said = [step.because for step in read_budget(connection, made.id).steps]
        assert said == ["", "too much"]
        assert project.books.verify_audit()[2] is None


def test_a_lead_doesnt_approve_what_their_own_team_gets(place: Small) -> None:
    with place.open() as project:
        for person, role, team in (("ben", Role.APPROVER, ""), ("ben", Role.TEAM_LEAD, "nlp")):
            with project.books.writing() as connection:
                given = RoleChange(Grant(person, role, team), True, "root", "", now())
                change_role(connection, given)
        made = draft_budget(project, "2026", [line(NLP, 1)], actor="ann")
        submit_budget(project, made.id, actor="ann")
        with pytest.raises(NotAllowed, match="ben leads nlp"):
            approve_budget(project, made.id, actor="ben")
        with pytest.raises(NotAllowed, match="doesn't approve budgets"):
            approve_budget(project, made.id, actor="viewer")


def test_a_transfer_moves_budget_and_the_sum_stays(place: Small) -> None:
    with place.open() as project:
        version = counted(project, line(PLATFORM, 100_00), line(ASSISTANT, 20_00)).document
        moves = move(PLATFORM, ASSISTANT, 30_00, [OCTOBER])
        made = draft_transfer(project, "2026", moves, actor="ann", because="it moved")
        with project.books.reading() as connection:
            before = lines_in_force(connection, version)
        submit_budget(project, made.id, actor="ann")
        with pytest.raises(NotAllowed):
            approve_budget(project, made.id, actor="ann")
        approve_budget(project, made.id, actor="ben")
        with project.books.reading() as connection:
            after = lines_in_force(connection, version)
        assert {str(one.owner): one.units for one in after} == {
            "product:assistant": 50_00,
            "central:unallocated": 70_00,
        }
        assert sum(one.units for one in after) == sum(one.units for one in before)
        too_much = move(PLATFORM, ASSISTANT, 70_01, [OCTOBER])
        with pytest.raises(UsageError, match="has less budget") as told:
            draft_transfer(project, "2026", too_much, actor="ann", because="more")
        assert told.value.why == "70.00 USD against 70.01 USD"
        with pytest.raises(UsageError, match="needs a reason"):
            draft_transfer(project, "2026", moves, actor="ann", because="")
        lost = [(PLATFORM, OCTOBER, -5), (ASSISTANT, OCTOBER, 4)]
        with pytest.raises(UsageError, match="doesn't balance in 2026-10: -1"):
            draft_transfer(project, "2026", lost, actor="ann", because="a cent is lost")


def test_budget_follows_the_cost_that_a_rule_moved(place: Small) -> None:
    """A new rule gives the 30 that nobody carried to nlp, a team of the product assistant."""
    before = place.root.parent / "before"
    before.mkdir()
    (before / "model.yaml").write_text((place.root / "model" / "model.yaml").read_text())
    place.write(
        MODEL.replace("pools:\n", "  - {name: rest, service: Compute, team: nlp}\npools:\n")
    )
    with place.open() as project:
        counted(project, line(PLATFORM, 30_00), line(ASSISTANT, 100_00))
        moves = follow_model(project, "2026", OCTOBER, str(before), [OCTOBER])
        assert sorted((str(owner), units) for owner, _, units in moves) == [
            ("central:unallocated", -30_00),
            ("product:assistant", 30_00),
        ]
        made = draft_transfer(project, "2026", moves, actor="ann", because="the rule moved it")
        with project.books.reading() as connection:
            assert read_budget(connection, made.id).state is BudgetState.DRAFT
        same = str(place.root / "model")
        with pytest.raises(UsageError, match="no cost of 2026-10"):
            follow_model(project, "2026", OCTOBER, same, [OCTOBER])


def test_status_by_team_product_and_centre_with_an_allowance(place: Small) -> None:
    with place.open() as project:
        counted(
            project,
            line(NLP, 80_00),
            line(NLP, 30_00, allowance=True),
            line(CV, 40_00),
            line(ASSISTANT, 200_00),
            line(PLATFORM, 60_00),
        )
        apart = {str(one.owner): one for one in budget_status(project, OCTOBER).owners}
        nlp = apart["team:nlp"]
        assert (nlp.actual, nlp.allowance_used, nlp.charged) == (100_00, 20_00, 80_00)
        assert (nlp.variance, nlp.left) == (Fraction(0), 0)
        assert apart["team:cv"].variance == Fraction(1, 4)
        assert apart["product:assistant"].burn == Fraction(1, 2)
        assert apart["central:unallocated"].actual == 30_00
        first = budget_status(project, OCTOBER, AllowanceUse.FIRST).owners
        nlp = next(one for one in first if one.owner == NLP)
        assert (nlp.allowance_used, nlp.charged, nlp.variance) == (30_00, 70_00, Fraction(-1, 8))


def test_phasing_by_last_years_shape_needs_last_year(place: Small) -> None:
    with place.open() as project:
        months = months_of("2027")
        with pytest.raises(NotLoaded, match="needs a run of 2026-01"):
            phased(project, NLP, 100, months, "last-year")
        shaped = phased(project, NLP, 100_00, [Period(2027, 10)], "last-year")
        assert [one.units for one in shaped] == [100_00]
        even = phased(project, NLP, 100_00, months, "even")
        assert sum(one.units for one in even) == 100_00
        assert [one.units for one in even[:5]] == [834, 834, 834, 834, 833]
        assert replaced(even, shaped) == shaped


def test_a_version_from_the_model(place: Small) -> None:
    with place.open() as project:
        lines = from_model(project.model, months_of("2026"), "USD")
        assert {one.units for one in lines} == {80_00}
        assert len(lines) == 12
        with pytest.raises(UsageError, match="is in USD, not in EUR"):
            from_model(project.model, months_of("2026"), "EUR")


def test_forecasts_are_kept_in_versions_and_judged(place: Small) -> None:
    path = place.root / "forecast.csv"
    path.write_text(
        "owner,month,amount,low,high\nteam:nlp,2026-10,90,80,110\nteam:cv,2026-10,60,,\n"
        ",2026-10,180,,\n,2026-11,200,,\n"
    )
    with place.open() as project:
        counted(project, line(NLP, 80_00))
        lines = read_forecast_file(path, "USD")
        made = keep_forecast(project, "2026", lines, actor="ann", method="run rate")
        again = keep_forecast(project, "2026", lines, actor="ann", method="by hand")
        assert (made.number, again.number) == (1, 2)
        nlp, cv, whole, november = judge_forecast(project, made).lines
        assert (nlp.accuracy, nlp.within_band) == (Fraction(9, 10), True)
        assert (cv.accuracy, cv.within_band) == (Fraction(4, 5), None)
        assert (whole.actual, november.actual) == (180_00, None)
        assert judge_forecast(project, made).wape == Fraction(20, 330)


BAD = {
    "an unknown column": ("owner,month,amount,tema\n", "unknown column 'tema'"),
    "a missing column": ("owner,month\n", "'amount' is missing"),
    "no owner": ("owner,month,amount\nnlp,2026-10,1\n", "no owner of a budget"),
    "no month": ("owner,month,amount\nteam:nlp,2026-13,1\n", "not a period"),
    "a comma": ('owner,month,amount\nteam:nlp,2026-10,"1,5"\n', "no amount"),
    "parts of a cent": ("owner,month,amount\nteam:nlp,2026-10,1.001\n", "parts of a minor unit"),
    "below zero": ("owner,month,amount\nteam:nlp,2026-10,-1\n", "below zero"),
    "a short row": ("owner,month,amount\nteam:nlp\n", "not a period"),
    "an odd allowance": (
        "owner,month,amount,allowance\nteam:nlp,2026-10,1,perhaps\n",
        "neither yes nor no",
    ),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD.keys())
def test_a_faulty_file_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "2027.csv").write_text(text)
    with pytest.raises(ConfigurationError, match=said) as caught:
        read_budget_file(tmp_path / "2027.csv", "USD")
    assert "2027.csv" in str(caught.value)


def test_a_budget_in_yaml_and_in_yen(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(
        "- {owner: team:nlp, amounts: {2027-01: 100, 2027-02: 200}}\n"
        "- {owner: pool:shared, month: 2027-01, amount: 5, allowance: yes}\n"
    )
    found = read_budget_file(tmp_path / "b.yaml", "JPY")
    assert [(str(one.owner), str(one.month), one.units, one.allowance) for one in found] == [
        ("team:nlp", "2027-01", 100, False),
        ("team:nlp", "2027-02", 200, False),
        ("pool:shared", "2027-01", 5, True),
    ]
    (tmp_path / "b.yaml").write_text("- {owner: team:nlp, month: 2027-01, amuont: 5}\n")
    with pytest.raises(ConfigurationError, match="amuont"):
        read_budget_file(tmp_path / "b.yaml", "USD")


def test_what_the_model_doesnt_know_gets_no_budget(place: Small) -> None:
    with place.open() as project:
        nobody = BudgetOwner.parse("team:npl")
        with pytest.raises(UsageError, match="no team is called 'npl'"):
            draft_budget(project, "2026", [line(nobody, 1)], actor="ann")
        with pytest.raises(UsageError, match="has 2 amounts"):
            draft_budget(project, "2026", [line(NLP, 1), line(NLP, 2)], actor="ann")
        with pytest.raises(UsageError, match="no name for a budget"):
            draft_budget(project, "a b", [line(NLP, 1)], actor="ann")
        with project.books.reading() as connection:
            assert read_budgets(connection) == ()
