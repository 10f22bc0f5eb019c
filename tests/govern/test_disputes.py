"""A team disputes a line; somebody else decides; the money moves once, and sums to zero."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from apportion.domain.adjustment import AdjustmentState
from apportion.domain.dispute import DisputeState, Reason, working_days_after
from apportion.domain.journal import DocumentKind
from apportion.domain.period import Period
from apportion.domain.restatement import View
from apportion.domain.role import Grant, Role, RoleChange
from apportion.errors import ConfigurationError, NotAllowed, NotLoaded, PeriodClosed, UsageError
from apportion.govern.adjustments import (
    Proposal,
    apply_adjustment,
    decide_adjustment,
    propose,
    supersede,
    withdraw_adjustment,
)
from apportion.govern.approvals import decide_on, list_approvals
from apportion.govern.disputes import (
    Claim,
    Verdict,
    close_dispute,
    decide,
    list_disputes,
    open_dispute,
    triage,
    withdraw,
)
from apportion.govern.evidence import digest_of
from apportion.ledger.beside_run import standing_against
from apportion.ledger.close import close, prepare_close
from apportion.ledger.correct import correct
from apportion.ledger.journal_of import journal_of
from apportion.ledger.views import adjustments_in, standing_run
from apportion.model.check import check
from apportion.publish.view_document import view_document
from apportion.run.bring_in import bring_in
from apportion.run.evaluate import evaluate
from apportion.run.open_project import OpenProject
from apportion.run.saved import latest_run
from apportion.store.books.roles import change_role
from bills import row
from small_projects import MODEL, OCTOBER, PROJECT, Small

NOVEMBER, DECEMBER = Period(2026, 11), Period(2026, 12)

SUSPENSE = "disputes: {hold: suspense, suspense: '199000'}\n"
ACCOUNT = 'accounts:\n  - {name: "199000", title: Suspense, kind: clearing}\n'


def bill(place: Small, nlp: str = "100.00", cv: str = "50.00") -> None:
    place.bill(
        row(nlp, {"team": "nlp"}), row(cv, {"team": "cv"}), row("30.00", {}, ServiceName="Shared")
    )


@pytest.fixture
def place(tmp_path: Path) -> Small:
    """nlp has 100 of its own, cv 50, and 30 of a pool are 10 each (lab is in showback)."""
    small = Small(tmp_path / "small")
    bill(small)
    small.write(MODEL)
    small.run()
    return small


def line_of(project: OpenProject, team: str, pool: str = "") -> str:
    run = latest_run(project.books, OCTOBER)
    return next(one.id for one in run.lines if (one.owner.name, one.pool) == (team, pool))


def claim(
    project: OpenProject,
    team: str = "nlp",
    amount: Decimal | None = Decimal("30.00"),
    reopens: int = 0,
) -> Claim:
    line = line_of(project, team)
    return Claim(OCTOBER, team, line, Reason.NOT_OURS, "it is cv's", amount=amount, reopens=reopens)


def grant(project: OpenProject, *grants: Grant) -> None:
    with project.books.writing() as connection:
        for one in grants:
            change_role(connection, RoleChange(one, True, "root", "", datetime.now(UTC)))


def accepted(project: OpenProject, amount: Decimal | None = Decimal("30.00")) -> int:
    """A dispute that was accepted and its adjustment approved; the adjustment's number."""
    made = open_dispute(project, claim(project, amount=amount), actor="tom")
    triage(project, made.id, actor="ann")
    found = decide(project, made.id, Verdict(True, "it is", "cv"), actor="ann").adjustment
    assert found is not None
    decide_adjustment(project, found.id, approved=True, actor="eve", because="agreed")
    return found.id


def carried(project: OpenProject) -> dict[str, int]:
    """What each cost centre carries, over all that is booked."""
    found: dict[str, int] = {}
    for one in project.books.journal():
        assert one.difference == 0
        for line in one.lines:
            at = line.at.cost_center or line.at.account
            found[at] = found.get(at, 0) + line.signed
    return {name: units for name, units in found.items() if units}


def restate(place: Small, nlp: str, cv: str) -> None:
    bill(place, nlp, cv)
    with place.open() as project:
        bring_in(project)


def test_a_dispute_keeps_its_evidence_and_its_days(place: Small) -> None:
    monday = datetime(2026, 11, 30, 9, tzinfo=UTC)
    with place.open() as project:
        made = open_dispute(project, claim(project), actor="tom", at=monday)
        (held,) = list_disputes(project)
        assert held.evidence["lines"][0]["amount"] == "100.00"
        assert held.evidence["lines"][0]["bill_rows"][0]["amount"] == "100"
        assert digest_of(held.evidence) == held.digest == made.digest
        assert held.decide_by == date(2026, 12, 14)
        assert not held.is_overdue(date(2026, 12, 14))
        assert held.is_overdue(date(2026, 12, 15))
        assert project.books.audit("dispute 1")[0].detail["evidence"] == held.digest
        assert project.books.verify_audit()[2] is None


def test_what_cannot_be_disputed_is_refused_with_the_reason(place: Small) -> None:
    with place.open() as project:
        issued = latest_run(project.books, OCTOBER).made_at.date()
        last = working_days_after(issued, 10)
        late = datetime(last.year, last.month, last.day, 23, tzinfo=UTC)
        other = Claim(OCTOBER, "nlp", line_of(project, "cv"), Reason.LATE, "x")
        with pytest.raises(NotLoaded, match="no line") as told:
            open_dispute(project, other, actor="tom")
        assert "another's" in str(told.value)
        with pytest.raises(NotLoaded, match="no line 'none'"):
            open_dispute(project, Claim(OCTOBER, "nlp", "none", Reason.LATE, "x"), actor="tom")
        with pytest.raises(UsageError, match="can't be disputed of a line of"):
            open_dispute(project, claim(project, amount=Decimal("100.01")), actor="tom")
        with pytest.raises(UsageError) as nothing:
            open_dispute(project, claim(project, amount=Decimal(0)), actor="tom")
        assert "an amount above 0" in str(nothing.value)
        with pytest.raises(UsageError, match="parts of a minor unit"):
            open_dispute(project, claim(project, amount=Decimal("1.001")), actor="tom")
        over = datetime(last.year + 1, last.month, last.day, tzinfo=UTC)
        with pytest.raises(UsageError, match="could be disputed until"):
            open_dispute(project, claim(project), actor="tom", at=over)
        open_dispute(project, claim(project), actor="tom", at=late)
        with pytest.raises(UsageError, match="disputed already"):
            open_dispute(project, claim(project), actor="tom")


def test_states_go_one_way_and_a_new_dispute_names_the_old(place: Small) -> None:
    with place.open() as project:
        open_dispute(project, claim(project), actor="tom")
        with pytest.raises(UsageError, match="it can't become rejected"):
            decide(project, 1, Verdict(False, "no"), actor="ann")
        triage(project, 1, actor="ann")
        with pytest.raises(UsageError, match="needs a reason"):
            decide(project, 1, Verdict(False, " "), actor="ann")
        decide(project, 1, Verdict(False, "the tag says so"), actor="ann")
        assert close_dispute(project, 1, actor="ann").state is DisputeState.CLOSED
        with pytest.raises(UsageError, match="was disputed before"):
            open_dispute(project, claim(project), actor="tom")
        again = open_dispute(project, claim(project, reopens=1), actor="tom")
        assert again.reopens == 1
        assert withdraw(project, 2, actor="tom", because="ok").state is DisputeState.WITHDRAWN


def test_duties_are_kept_apart(place: Small) -> None:
    with place.open() as project:
        grant(
            project,
            Grant("tom", Role.TEAM_LEAD, "nlp"),
            Grant("cid", Role.TEAM_LEAD, "cv"),
            Grant("ann", Role.APPROVER),
            Grant("eve", Role.APPROVER),
            Grant("nia", Role.TEAM_LEAD, "nlp"),
        )
        open_dispute(project, claim(project), actor="tom")
        with pytest.raises(NotAllowed, match="disputing and triaging"):
            triage(project, 1, actor="tom")
        triage(project, 1, actor="ann")
        yes = Verdict(True, "it is", "cv")
        for who, why in (("tom", "disputing and deciding"), ("nia", "may not decide")):
            with pytest.raises(NotAllowed, match=why):
                decide(project, 1, yes, actor=who)
        with pytest.raises(NotAllowed, match="may not decide"):  # a no spares their own team
            decide(project, 1, Verdict(False, "no", "cv"), actor="cid")
        decide(project, 1, yes, actor="ann")
        for who in ("ann", "tom", "nia"):
            with pytest.raises(NotAllowed):
                decide_adjustment(project, 1, approved=True, actor=who, because="x")
        with pytest.raises(UsageError, match="it can't become applied"):
            apply_adjustment(project, 1, actor="fin")
        decide_adjustment(project, 1, approved=True, actor="eve", because="agreed")
        assert apply_adjustment(project, 1, actor="fin").adjustment.into == "2026-10"


def test_in_an_open_month_the_close_books_it_once(place: Small) -> None:
    """nlp 110 - 30 = 80, cv 60 + 30 = 90; the sender is relieved of 170 as before."""
    with place.open() as project:
        number = accepted(project)
        moved = apply_adjustment(project, number, actor="fin")
        assert moved.documents == ()
        shown = journal_of(project, OCTOBER, latest_run(project.books, OCTOBER))
        assert [str(one.kind) for one in shown.documents] == ["chargeback", "adjustment"]
        with pytest.raises(UsageError, match="it can't become applied"):
            apply_adjustment(project, number, actor="fin")
        close(project, OCTOBER, actor="fin")
        assert carried(project) == {"CC-1": 80_00, "CC-2": 90_00, "CC-9": -170_00}
        assert close_dispute(project, 1, actor="ann").state is DisputeState.CLOSED


def test_close_adjust_late_bill_correct_sums_right(place: Small) -> None:
    """Closed: nlp 110, cv 60. Adjusted by 30, then nlp's bill is 20 more: nlp 100, cv 90."""
    with place.open() as project:
        close(project, OCTOBER, actor="fin")
        number = accepted(project)
        (booked,) = apply_adjustment(project, number, actor="fin").documents
        assert (booked.kind, booked.period, booked.original) == (
            DocumentKind.ADJUSTMENT,
            NOVEMBER,
            "2026-10",
        )
        assert booked.text == "AI cost 2026-10 adjustment 1 (dispute 1)"
    restate(place, "120.00", "50.00")
    with place.open() as project:
        found = correct(project, OCTOBER, NOVEMBER, actor="fin", because="late")
        assert found.findings == ()
        assert carried(project) == {"CC-1": 100_00, "CC-2": 90_00, "CC-9": -190_00}
        again = correct(project, OCTOBER, NOVEMBER, actor="fin", because="late")
        assert again.documents == ()


def test_when_the_model_comes_to_say_the_same_nothing_counts_twice(place: Small) -> None:
    """The rule is corrected: all of nlp's is cv's. The adjustment is superseded, then corrected."""
    with place.open() as project:
        close(project, OCTOBER, actor="fin")
        number = accepted(project, amount=Decimal("100.00"))
        apply_adjustment(project, number, actor="fin")
    place.write(MODEL.replace("team_from_tag: team", "service: Compute, team: cv"))
    with place.open() as project:
        found = correct(project, OCTOBER, NOVEMBER, actor="fin", because="rule")
        assert [one.code for one in found.findings] == ["adjustment-stands"]
        assert carried(project) == {"CC-1": -90_00, "CC-2": 260_00, "CC-9": -170_00}  # twice
        back = supersede(project, number, actor="eve", because="the rule says so now")
        assert [one.kind for one in back.documents] == [DocumentKind.REVERSAL]
        assert carried(project) == {"CC-1": 10_00, "CC-2": 160_00, "CC-9": -170_00}
        again = correct(project, OCTOBER, NOVEMBER, actor="fin", because="again")
        assert again.documents == ()


def test_a_reversal_in_november_is_no_part_of_novembers_own_correction(place: Small) -> None:
    with place.open() as project:
        close(project, OCTOBER, actor="fin")
        number = accepted(project)
        apply_adjustment(project, number, actor="fin")
        supersede(project, number, actor="eve", because="back", into=DECEMBER)
        (found,) = project.books.journal(DECEMBER)
        assert found.original == "2026-11"
        assert carried(project) == {"CC-1": 110_00, "CC-2": 60_00, "CC-9": -170_00}
    restate(place, "120.00", "50.00")
    with place.open() as project:
        correct(project, OCTOBER, NOVEMBER, actor="fin", because="late")
        assert carried(project) == {"CC-1": 130_00, "CC-2": 60_00, "CC-9": -190_00}


def test_to_nobody_and_to_a_team_in_showback_the_sender_is_no_longer_relieved(
    place: Small,
) -> None:
    for to in ("unallocated", "lab", "pool:shared"):
        with place.open() as project:
            asked = Proposal(OCTOBER, "nlp", to, Decimal("10.00"), "agreed")
            made = propose(project, asked, actor="ann")
            decide_adjustment(project, made.id, approved=True, actor="eve", because="ok")
            apply_adjustment(project, made.id, actor="fin")
    with place.open() as project:
        close(project, OCTOBER, actor="fin")
        assert carried(project) == {"CC-1": 80_00, "CC-2": 60_00, "CC-9": -140_00}


def test_bounds_of_an_adjustment(place: Small) -> None:
    with place.open() as project:

        def ask(amount: str, **more: object) -> int:
            said = {"line": line_of(project, "nlp")} | more
            asked = Proposal(OCTOBER, "nlp", "cv", Decimal(amount), "x", **said)  # type: ignore[arg-type]
            return propose(project, asked, actor="ann").id

        for amount, why in (
            ("100.01", "has 100.00 USD to give"),
            ("-5.00", "has 100.00 USD to give"),
            ("0.00", "adjustment of nothing"),
            ("1.005", "parts of a minor unit"),
        ):
            with pytest.raises(UsageError, match=why):
                ask(amount)
        with pytest.raises(UsageError, match="isn't in EUR"):
            ask("1.00", currency="EUR")
        with pytest.raises(UsageError, match="isn't in the model"):
            propose(project, Proposal(OCTOBER, "nlp", "x", Decimal(1), "x"), actor="ann")
        ask("60.00")
        with pytest.raises(UsageError, match=r"has 40\.00 USD to give.*41\.00"):
            ask("41.00")
        assert ask("41.00", beyond=True) == 2


def test_a_line_that_shrinks_below_its_adjustment_stands_against_the_close(place: Small) -> None:
    with place.open() as project:
        apply_adjustment(project, accepted(project), actor="fin")
    restate(place, "20.00", "50.00")
    with place.open() as project:
        project.books.save_run(evaluate(project.workspace, project.model, OCTOBER))
        against = {one.code for one in prepare_close(project, OCTOBER).against}
        assert against == {"adjustment-beyond-line"}
        supersede(project, 1, actor="eve", because="the bill was wrong")
        close(project, OCTOBER, actor="fin")
        assert carried(project) == {"CC-1": 30_00, "CC-2": 60_00, "CC-9": -90_00}


def test_an_open_dispute_and_a_close_where_the_charge_stands(place: Small) -> None:
    with place.open() as project:
        open_dispute(project, claim(project), actor="tom")
        (told,) = standing_against(project, OCTOBER)
        assert (told.code, str(told.level)) == ("dispute-open", "warning")
        assert prepare_close(project, OCTOBER).against == ()
        close(project, OCTOBER, actor="fin")
        assert carried(project) == {"CC-1": 110_00, "CC-2": 60_00, "CC-9": -170_00}


@pytest.mark.parametrize("accept", [True, False])
def test_a_disputed_charge_waits_in_suspense_until_it_is_decided(
    place: Small, accept: bool
) -> None:
    (place.root / "apportion.yaml").write_text(PROJECT.format(currency="USD") + SUSPENSE)
    place.write(MODEL.replace("accounts:\n", ACCOUNT))
    place.run()
    with place.open() as project:
        open_dispute(project, claim(project), actor="tom")
        with pytest.raises(PeriodClosed, match="1 thing stands against it"):
            close(project, OCTOBER, actor="fin")
        close(project, OCTOBER, actor="fin", because="ok", accepted=frozenset({"dispute-open"}))
        held = {"CC-1": 80_00, "199000": 30_00, "CC-2": 60_00, "CC-9": -170_00}
        assert carried(project) == held
    restate(place, "120.00", "50.00")
    with place.open() as project:
        correct(project, OCTOBER, NOVEMBER, actor="fin", because="late")
        assert carried(project) == held | {"CC-1": 100_00, "CC-9": -190_00}
        triage(project, 1, actor="ann")
        decided = decide(project, 1, Verdict(accept, "so", "cv"), actor="ann")
        if not accept:
            assert [one.period for one in decided.released] == [NOVEMBER]
            assert carried(project) == {"CC-1": 130_00, "CC-2": 60_00, "CC-9": -190_00}
            return
        assert decided.released == ()  # it stays in suspense until its adjustment is applied
        decide_adjustment(project, 1, approved=True, actor="eve", because="ok")
        moved = apply_adjustment(project, 1, actor="fin").documents
        assert [str(one.kind) for one in moved] == ["reversal", "adjustment"]
        assert carried(project) == {"CC-1": 100_00, "CC-2": 90_00, "CC-9": -190_00}


def test_an_accepted_dispute_whose_adjustment_is_rejected_leaves_suspense(place: Small) -> None:
    (place.root / "apportion.yaml").write_text(PROJECT.format(currency="USD") + SUSPENSE)
    place.write(MODEL.replace("accounts:\n", ACCOUNT))
    place.run()
    with place.open() as project:
        open_dispute(project, claim(project), actor="tom")
        close(project, OCTOBER, actor="fin", because="ok", accepted=frozenset({"dispute-open"}))
        triage(project, 1, actor="ann")
        decide(project, 1, Verdict(True, "so", "cv"), actor="ann")
        decide_adjustment(project, 1, approved=False, actor="eve", because="no")
        assert carried(project) == {"CC-1": 110_00, "CC-2": 60_00, "CC-9": -170_00}


def test_an_account_of_suspense_that_the_model_lacks_is_told(place: Small) -> None:
    (place.root / "apportion.yaml").write_text(PROJECT.format(currency="USD") + SUSPENSE)
    with place.open() as project:
        open_dispute(project, claim(project), actor="tom")
        against = {one.code for one in prepare_close(project, OCTOBER).against}
        assert against == {"dispute-open", "suspense-account-unknown"}


def test_what_is_decided_while_a_close_looks_is_not_lost(
    place: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apportion.ledger import close as module

    with place.open() as project:
        number = accepted(project)
        looked = module.prepare_close

        def slow(*arguments: object, **options: object) -> object:
            found = looked(*arguments, **options)  # type: ignore[arg-type]
            apply_adjustment(project, number, actor="eve")
            return found

        monkeypatch.setattr(module, "prepare_close", slow)
        with pytest.raises(PeriodClosed, match="was decided meanwhile"):
            close(project, OCTOBER, actor="fin")
        assert project.books.journal() == ()
        assert not project.books.state(OCTOBER).is_closed


def test_a_credit_moves_with_its_sign(tmp_path: Path) -> None:
    small = Small(tmp_path / "small")
    small.bill(row("100.00", {"team": "nlp"}), row("-8.00", {"team": "cv"}))
    small.write(MODEL)
    small.run()
    with small.open() as project:
        made = open_dispute(project, claim(project, "cv", amount=None), actor="cid")
        assert made.amount == Decimal("-8.00")
        triage(project, 1, actor="ann")
        found = decide(project, 1, Verdict(True, "nlp bought it", "nlp"), actor="ann").adjustment
        assert found is not None
        assert str(found.benefits) == "team nlp"
        decide_adjustment(project, 1, approved=True, actor="eve", because="ok")
        assert apply_adjustment(project, 1, actor="fin").adjustment.state is (
            AdjustmentState.APPLIED
        )
        close(project, OCTOBER, actor="fin")
        assert carried(project) == {"CC-1": 92_00, "CC-9": -92_00}


def test_the_road_in_python_lists_them(place: Small) -> None:
    from apportion.api import Project

    with place.open() as project:
        accepted(project)
    with Project(place.root) as project:
        (held,) = project.disputes("2026-10").to_pylist()
        assert (held["state"], held["amount"]) == ("accepted", Decimal("30.0000"))
        (made,) = project.adjustments().to_pylist()
        assert (made["from"], made["to"], made["state"]) == ("team nlp", "team cv", "approved")
        assert project.disputes("2026-11").num_rows == 0


def test_an_adjustment_is_an_approval_like_any_other(place: Small) -> None:
    with place.open() as project:
        grant(project, Grant("ann", Role.ANALYST), Grant("eve", Role.APPROVER))
        made = propose(project, Proposal(OCTOBER, "nlp", "cv", Decimal(5), "x"), actor="ann")
        (asked,) = list_approvals(project)
        assert asked.request.says == "5.00 USD of 2026-10 from team nlp to team cv"
        with pytest.raises(UsageError, match="it can't become applied"):
            apply_adjustment(project, made.id, actor="fin")
        decide_on(project, "adjustment 1", actor="eve", approved=True, because="ok")
        moved = apply_adjustment(project, made.id, actor="fin").adjustment
        assert [str(one.state) for one in moved.steps[-2:]] == ["approved", "applied"]
        again = propose(project, Proposal(OCTOBER, "nlp", "cv", Decimal(5), "y"), actor="ann")
        decide_on(project, "adjustment 2", actor="eve", approved=False, because="no")
        with pytest.raises(UsageError, match="is rejected, by eve"):
            apply_adjustment(project, again.id, actor="fin")
        with pytest.raises(UsageError, match="is rejected, by eve"):
            decide_adjustment(project, again.id, approved=True, actor="eve", because="oh")
        done = decide_adjustment(project, again.id, approved=False, actor="eve", because="no")
        assert done.state is AdjustmentState.REJECTED


def adjusted(project: OpenProject, amount: str, dispute: int = 0) -> int:
    """An adjustment of nlp's line to cv that was approved and applied; its number."""
    line = line_of(project, "nlp")
    asked = Proposal(OCTOBER, "nlp", "cv", Decimal(amount), "x", line=line, dispute=dispute)
    found = propose(project, asked, actor="ann")
    decide_adjustment(project, found.id, approved=True, actor="eve", because="agreed")
    apply_adjustment(project, found.id, actor="fin")
    return found.id


def test_an_accepted_dispute_gives_no_line_away_that_is_given_already(place: Small) -> None:
    with place.open() as project:
        close(project, OCTOBER, actor="fin")
        open_dispute(project, claim(project, amount=None), actor="tom")
        triage(project, 1, actor="ann")
        adjusted(project, "100.00", dispute=1)
        with pytest.raises(UsageError, match=r"has 0\.00 USD to give") as refused:
            decide(project, 1, Verdict(True, "so", "cv"), actor="ann")
        assert "is 100.00 USD as issued, less 100.00 in other adjustments" in str(refused.value)
        assert carried(project) == {"CC-1": 10_00, "CC-2": 160_00, "CC-9": -170_00}


def test_a_line_is_disputed_less_its_adjustments(place: Small) -> None:
    with place.open() as project:
        close(project, OCTOBER, actor="fin")
        adjusted(project, "60.00")
        with pytest.raises(UsageError, match=r"less 60\.00 in other adjustments"):
            open_dispute(project, claim(project, amount=Decimal("41.00")), actor="tom")
        made = open_dispute(project, claim(project, amount=None), actor="tom")
        assert (made.units, made.line_units) == (40_00, 100_00)


def test_a_line_that_went_with_the_total_is_not_given_twice(place: Small) -> None:
    with place.open() as project:
        propose(project, Proposal(OCTOBER, "nlp", "cv", Decimal("110.00"), "x"), actor="ann")
        line = line_of(project, "nlp")
        with pytest.raises(UsageError, match=r"team nlp has 0\.00 USD to give"):
            propose(project, Proposal(OCTOBER, "nlp", "cv", Decimal(1), "x", line), actor="ann")


def test_bounds_are_by_the_line_as_restated(place: Small) -> None:
    """nlp's line of 100 was corrected to 10 since: 10 is all that it has to give."""
    with place.open() as project:
        close(project, OCTOBER, actor="fin")
        line = line_of(project, "nlp")
        asked = Proposal(OCTOBER, "nlp", "cv", Decimal("100.00"), "x", line=line)
        early = propose(project, asked, actor="ann")
        decide_adjustment(project, early.id, approved=True, actor="eve", because="agreed")
    restate(place, "10.00", "50.00")
    with place.open() as project:
        correct(project, OCTOBER, NOVEMBER, actor="fin", because="credit")
        with pytest.raises(UsageError, match=r"is 10\.00 USD as restated"):
            apply_adjustment(project, early.id, actor="fin")
        with pytest.raises(UsageError, match=r"is 10\.00 USD as restated"):
            propose(project, asked, actor="ann")
        with pytest.raises(UsageError, match=r"is 10\.00 USD as restated"):
            open_dispute(project, claim(project), actor="tom")


def test_suspense_waits_for_the_dispute_not_for_an_adjustment_that_is_taken_back(
    place: Small,
) -> None:
    (place.root / "apportion.yaml").write_text(PROJECT.format(currency="USD") + SUSPENSE)
    place.write(MODEL.replace("accounts:\n", ACCOUNT))
    place.run()
    with place.open() as project:
        open_dispute(project, claim(project), actor="tom")
        close(project, OCTOBER, actor="fin", because="ok", accepted=frozenset({"dispute-open"}))
        held = carried(project)
        assert held["199000"] == 30_00
        asked = Proposal(OCTOBER, "nlp", "cv", Decimal(5), "x", dispute=1)
        for number in (1, 2):
            propose(project, asked, actor="ann")
            if number == 1:
                withdraw_adjustment(project, number, actor="ann", because="oops")
            else:
                decide_adjustment(project, number, approved=False, actor="eve", because="no")
            assert carried(project) == held
        withdraw(project, 1, actor="tom", because="it is ours")
        assert carried(project) == {"CC-1": 110_00, "CC-2": 60_00, "CC-9": -170_00}


def test_a_closed_month_is_adjusted_where_it_was_booked(place: Small) -> None:
    """nlp has moved to another cost centre and account since; its October is where it was."""
    with place.open() as project:
        close(project, OCTOBER, actor="fin")
    model = MODEL.replace("cost_center: CC-1", "cost_center: CC-77")
    place.write(model.replace('stages: [production], account: "500100"', 'account: "659900"'))
    with place.open() as project:
        project.books.save_run(evaluate(project.workspace, project.model, OCTOBER))
        adjusted(project, "30.00")
        assert carried(project) == {"CC-1": 80_00, "CC-2": 90_00, "CC-9": -170_00}
        booked = next(one for one in project.books.journal() if one.kind == "adjustment")
        given = {line.at.account for line in booked.lines if line.at.cost_center == "CC-1"}
        assert given == {"500100"}


def test_a_view_of_a_closed_month_has_its_applied_adjustments(place: Small) -> None:
    """As issued what the close booked, as restated all: what the ledger says."""
    with place.open() as project:
        adjusted(project, "30.00")
        close(project, OCTOBER, actor="fin")
        adjusted(project, "5.00")
        issued, restated = View.AS_ISSUED, View.AS_RESTATED
        assert [one.id for one in adjustments_in(project, OCTOBER, issued)] == [1]
        assert [one.id for one in adjustments_in(project, OCTOBER, restated)] == [1, 2]
        supersede(project, 1, actor="eve", because="wrong")
        assert [one.id for one in adjustments_in(project, OCTOBER, issued)] == [1]
        moved = adjustments_in(project, OCTOBER, restated)
        run = standing_run(project, OCTOBER, restated)
        found = view_document(run, restated, "USD", moved=moved)["adjustments"]
        assert [one["amount"] for one in found] == ["5.00"]


def test_check_refuses_an_account_of_suspense_that_the_model_lacks(place: Small) -> None:
    (place.root / "apportion.yaml").write_text(PROJECT.format(currency="USD") + SUSPENSE)
    with place.open() as project, pytest.raises(ConfigurationError, match="account '199000'"):
        check(project.settings)


def test_check_warns_of_a_mark_up_above_the_whole(place: Small) -> None:
    sender = 'recovery: "659900", markup: 150, income: "659900"'
    place.write(MODEL.replace('recovery: "659900"', sender))
    with place.open() as project:
        assert "markup-large" in {one.code for one in check(project.settings)}
