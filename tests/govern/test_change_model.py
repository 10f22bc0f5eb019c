"""A change of the model: proposed with what it moves, agreed on as it is, and taken in."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from apportion.domain.approval import Decision
from apportion.domain.role import Grant, Role
from apportion.errors import NotAllowed, PeriodClosed, UsageError
from apportion.govern.approvals import decide_on, list_approvals
from apportion.govern.change_model import (
    Wish,
    apply_change,
    content_of,
    list_changes,
    prepare_change,
    propose_change,
    show_change,
)
from apportion.govern.roles import grant_role
from apportion.ledger.close import close
from bills import row
from commands import apportion
from small_projects import MODEL, OCTOBER, Small

DECEMBER = date(2026, 12, 1)
ON_CV = MODEL.replace("{by: even}", "{by: even, among: [cv]}")


@pytest.fixture
def place(tmp_path: Path) -> Small:
    """A pool of 90, split evenly among three teams; model-next has cv carry all of it."""
    small = Small(tmp_path / "small")
    small.bill(
        row("100.00", {"team": "nlp"}),
        row("90.00", {}, ServiceName="Shared"),
    )
    small.write(MODEL)
    small.run()
    (tmp_path / "small/model-next").mkdir()
    next_model(small, ON_CV)
    return small


def next_model(place: Small, text: str) -> None:
    (place.root / "model-next/model.yaml").write_text(text)


def merge(place: Small) -> None:
    shutil.copy(place.root / "model-next/model.yaml", place.root / "model/model.yaml")


WISH = Wish("model-next", DECEMBER, "cv uses it alone", ("bob",))


def govern(place: Small) -> None:
    """ann administers, alf proposes, bob and tom look through; tom leads nlp."""
    with place.open() as project:
        for grant in (
            Grant("ann", Role.ADMIN),
            Grant("alf", Role.ANALYST),
            Grant("bob", Role.APPROVER),
            Grant("tom", Role.TEAM_LEAD, "nlp"),
        ):
            grant_role(project, grant, actor="ann", because="test")


def agree(place: Small, number: int = 1, *, actor: str = "bob", approved: bool = True) -> None:
    with place.open() as project:
        decide_on(
            project, f"model-change {number}", actor=actor, approved=approved, because="looked"
        )


def test_a_change_shows_what_it_moves_and_who_would_pay_less(place: Small) -> None:
    govern(place)
    with place.open() as project:
        made, found = propose_change(project, WISH, actor="alf")
        assert [one.title for one in found.changes] == [
            "pool shared: split by even → even among cv"
        ]
        assert found.compared is not None
        (compared,) = found.compared.periods[0].comparisons
        assert {own.owner.name: own.difference for own in compared.owners}["cv"] == 60
        assert found.benefits == ("lab", "nlp")
        (waiting,) = list_approvals(project)
        assert (made.state, waiting.waits_for, waiting.request.content) == (
            "open",
            "bob",
            found.content,
        )
        assert project.books.audit("model-change 1")[0].action == "propose"


def test_a_change_is_taken_in_once_it_is_agreed_on_and_merged(place: Small) -> None:
    govern(place)
    with place.open() as project:
        propose_change(project, WISH, actor="alf")
        with pytest.raises(NotAllowed, match="isn't approved"):
            apply_change(project, 1, actor="alf")
    agree(place)
    with place.open() as project, pytest.raises(UsageError, match="doesn't say what was approved"):
        apply_change(project, 1, actor="alf")
    next_model(place, ON_CV.replace("among: [cv]", "among: [cv, lab]"))
    merge(place)
    with place.open() as project, pytest.raises(UsageError, match="doesn't say what was approved"):
        apply_change(project, 1, actor="alf")
    next_model(place, f"# another layout says the same\n{ON_CV}")
    merge(place)
    with place.open() as project:
        applied = apply_change(project, 1, actor="alf")
        assert applied.applied is not None
        assert applied.applied.model == project.model.hash
        assert show_change(project, 1).state == "applied"
        with pytest.raises(UsageError, match="applied already, by alf"):
            apply_change(project, 1, actor="alf")


def test_a_change_of_policies_is_a_change_too(place: Small) -> None:
    policy = "governance:\n  - {name: p, check: review, owner: ann, because: quarterly}\n"
    next_model(place, MODEL + policy)
    with place.open() as project:
        before = content_of(project.model)
        found = prepare_change(project, WISH)
        assert [one.section for one in found.changes] == ["governance"]
        assert found.content != before
        assert found.benefits == ()


def test_who_proposes_or_wrote_it_does_not_look_it_through(place: Small) -> None:
    govern(place)
    with place.open() as project:
        for wish, actor in ((WISH, "bob"), (replace(WISH, authors=("bob",)), "alf")):
            with pytest.raises(NotAllowed, match="proposing and reviewing"):
                propose_change(project, wish, actor=actor)
        assert list_changes(project) == ()


def test_who_leads_a_team_that_would_pay_less_does_not_agree(place: Small) -> None:
    govern(place)
    with place.open() as project:
        propose_change(project, replace(WISH, reviewers=("tom",)), actor="alf")
    with pytest.raises(NotAllowed, match="tom may not decide") as told:
        agree(place, actor="tom")
    assert "team nlp" in str(told.value)


def test_a_rejected_change_is_not_taken_in(place: Small) -> None:
    govern(place)
    with place.open() as project:
        propose_change(project, WISH, actor="alf")
    agree(place, approved=False)
    merge(place)
    with place.open() as project:
        assert show_change(project, 1).state == "rejected"
        with pytest.raises(NotAllowed, match="isn't approved") as told:
            apply_change(project, 1, actor="alf")
    assert "bob rejected it: looked" in str(told.value)


def test_nothing_counts_from_a_closed_month(place: Small) -> None:
    with place.open() as project:
        propose_change(project, replace(WISH, effective=date(2026, 10, 15)), actor="alf")
        close(project, OCTOBER, actor="fay")
        with pytest.raises(PeriodClosed, match="2026-10 is closed"):
            propose_change(project, replace(WISH, effective=date(2026, 10, 1)), actor="alf")
    agree(place)
    merge(place)
    with place.open() as project, pytest.raises(PeriodClosed, match="2026-10 is closed"):
        apply_change(project, 1, actor="alf")


def test_an_open_month_before_it_that_moves_too_is_told_of(place: Small) -> None:
    with place.open() as project:
        (told,) = prepare_change(project, WISH).findings
        assert told.code == "change-before-effective"
    dated = "[{by: even, until: 2026-12-01}, {by: even, among: [cv], from: 2026-12-01}]"
    next_model(place, MODEL.replace("{by: even}", dated))
    with place.open() as project:
        found = prepare_change(project, WISH)
        assert found.findings == ()
        assert found.benefits == ("lab", "nlp")  # as it is from December on
        close(project, OCTOBER, actor="fay")
        assert prepare_change(project, WISH).findings == ()


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        (replace(WISH, named="model"), "says what the model says"),
        (replace(WISH, because=" "), "needs a reason"),
        (replace(WISH, reviewers=()), "who has to agree"),
        (replace(WISH, named="--no-ref"), "is no folder"),
    ],
)
def test_what_can_be_no_change_is_refused(place: Small, wish: Wish, told: str) -> None:
    with place.open() as project:
        with pytest.raises(UsageError, match=told):
            propose_change(project, wish, actor="alf")
        assert list_changes(project) == ()


def test_a_change_that_nobody_proposed(place: Small) -> None:
    with place.open() as project:
        with pytest.raises(UsageError, match="there is no change 7"):
            show_change(project, 7)
        with pytest.raises(UsageError, match="there is no change 7"):
            apply_change(project, 7, actor="alf")


def test_the_way_of_a_change_by_commands(place: Small) -> None:
    words = "change propose --model model-next --effective 2026-12-01 --reviewers bob,cy"
    made = apportion(place.root, *words.split(), "--because", "cv alone", "--json")
    assert (made["number"], made["benefits"]) == (1, ["lab", "nlp"])
    assert made["approval"]["waits_for"] == {"roles": [], "reviewers": ["bob", "cy"]}
    assert "pool shared" in apportion(place.root, "change", "show", "1")
    assert apportion(place.root, "change", "list", "--json")["changes"][0]["state"] == "open"
    assert "model-change 1" in apportion(place.root, "approvals")
    apportion(place.root, "change", "reviewed", "--because", "looked", "--json")
    bad = ["change", "propose", "--model", "model-next", "--effective", "12/2026"]
    more = ["--reviewers", "bob", "--because", "x"]
    assert "'12/2026' is no day" in apportion(place.root, *bad, *more, expect=2)


def test_a_decision_is_a_value(place: Small) -> None:
    with place.open() as project:
        propose_change(project, WISH, actor="alf")
    agree(place)
    with place.open() as project:
        (decision,) = show_change(project, 1).approval.decisions
    assert decision == Decision(1, "bob", True, "looked", decision.at)
