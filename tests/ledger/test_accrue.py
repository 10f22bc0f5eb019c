"""A month is accrued before its bills are complete, taken back on day one, and trued up."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from apportion.domain.journal import DocumentKind
from apportion.domain.period import Period
from apportion.domain.period_life import PeriodState, PeriodStep
from apportion.errors import NotLoaded, PeriodClosed
from apportion.ledger import accrue as ledger
from apportion.ledger.accrual_accuracy import accrual_accuracy
from apportion.ledger.accrue import Accrued, accrue, prepare_accrual
from apportion.ledger.close import close
from apportion.ledger.correct import correct
from apportion.ledger.draw_journal import draw_journal
from apportion.ledger.reproduce import reproduce
from apportion.ledger.review import open_review
from apportion.ledger.true_up import true_ups
from apportion.publish.view_document import reproduction_document
from apportion.run.bring_in import bring_in, bring_in_usage
from apportion.run.open_project import OpenProject
from apportion.run.run_period import run_period
from bills import row
from lived_projects import Lived
from small_projects import MODEL, OCTOBER

NOVEMBER = Period(2026, 11)


def until(day: int) -> dict[str, str]:
    return {
        "ChargePeriodStart": f"2026-10-{day:02}T00:00:00Z",
        "ChargePeriodEnd": f"2026-10-{day:02}T23:00:00Z",
    }


@pytest.fixture
def place(tmp_path: Path, books_url: str) -> Lived:
    """Ten days of October: 100 of nlp, and 30 that three teams share."""
    made = Lived(tmp_path / "lived", books_url)
    made.bill(
        row("100.00", {"team": "nlp"}, **until(10)),
        row("30.00", None, ServiceName="Shared", **until(2)),
    )
    made.write(MODEL)
    made.run()
    return made


def reload(place: Lived, *rows: dict[str, str]) -> None:
    place.bill(*rows)
    with place.open() as project:
        bring_in(project)
        run_period(project, OCTOBER)


def sums(place: Lived, period: Period, *kinds: DocumentKind) -> dict[str, int]:
    """What a period's documents come to, by cost centre."""
    found: dict[str, int] = {}
    with place.open() as project:
        for one in project.books.journal(period):
            for line in one.lines if not kinds or one.kind in kinds else ():
                found[line.at.cost_center] = found.get(line.at.cost_center, 0) + line.signed
    return {center: units for center, units in found.items() if units}


def test_ten_days_are_a_third_of_october(place: Lived) -> None:
    with place.open() as project:
        made = accrue(project, OCTOBER, actor="ann", because="the bill isn't complete")
        assert project.books.state(OCTOBER) is PeriodState.ACCRUED
        (source,) = made.accrual.of_kind("source")
        # 130 × 31 ÷ 10
        assert (source.amount, source.method) == (Fraction(403), "run_rate")
        assert source.basis == "loaded up to 2026-10-10: × 31 ÷ 10 days"
        accrued, back = sorted(made.booked, key=lambda one: one.posted_on)
        assert (accrued.kind, accrued.posted_on) == (DocumentKind.ACCRUAL, date(2026, 10, 31))
        assert (back.kind, back.posted_on) == (DocumentKind.REVERSAL, date(2026, 11, 1))
        assert (back.period, back.reverses) == (NOVEMBER, accrued.id)
    # 310 + 31 of the 93 that are shared; lab is in showback
    assert sums(place, OCTOBER) == {"CC-1": 341_00, "CC-2": 31_00, "CC-9": -372_00}
    assert sums(place, NOVEMBER) == {"CC-1": -341_00, "CC-2": -31_00, "CC-9": 372_00}


def test_the_same_estimate_again_does_nothing_and_another_takes_its_place(place: Lived) -> None:
    with place.open() as project:
        first = accrue(project, OCTOBER, actor="ann")
        again = accrue(project, OCTOBER, actor="ann")
        assert (again.booked, again.accrual.id) == ((), first.accrual.id)
    reload(place, row("200.00", {"team": "nlp"}, **until(31)))
    with place.open() as project:
        second = accrue(project, OCTOBER, actor="ann")
        assert second.accrual.number == 2
        assert second.accrual.of_kind("source")[0].method == "loaded"
        assert len(project.books.steps(OCTOBER)) == 1
        assert project.books.verify_audit()[2] is None
    assert sums(place, OCTOBER) == {"CC-1": 200_00, "CC-9": -200_00}
    assert sums(place, NOVEMBER) == {"CC-1": -200_00, "CC-9": 200_00}


def test_an_estimate_may_come_back(place: Lived) -> None:
    first = (row("100.00", {"team": "nlp"}, **until(10)),)
    reload(place, *first)
    with place.open() as project:
        accrue(project, OCTOBER, actor="ann")
    reload(place, row("200.00", {"team": "nlp"}, **until(31)))
    with place.open() as project:
        accrue(project, OCTOBER, actor="ann")
    reload(place, *first)
    with place.open() as project:
        accrue(project, OCTOBER, actor="ann")
    assert sums(place, OCTOBER) == {"CC-1": 310_00, "CC-9": -310_00}


def test_the_true_up_is_actual_less_accrued(place: Lived) -> None:
    with place.open() as project:
        accrue(project, OCTOBER, actor="ann")
    reload(place, row("350.00", {"team": "nlp"}, **until(31)), row("30.00", ServiceName="Shared"))
    with place.open() as project:
        assert true_ups(project, OCTOBER) == ()
        (actual,) = close(project, OCTOBER, actor="ann")
        assert (actual.period, actual.posted_on) == (OCTOBER, date(2026, 11, 1))
        differing = {one.at.cost_center: one.difference for one in true_ups(project, OCTOBER)}
        by_center: dict[str, int] = {}
        for one in true_ups(project, OCTOBER):
            center = one.at.cost_center
            by_center[center] = by_center.get(center, 0) + one.difference
        assert by_center == {"CC-1": 19_00, "CC-2": -21_00, "CC-9": 2_00}
        assert set(differing) == {"CC-1", "CC-2", "CC-9"}
        (found,) = accrual_accuracy(project, OCTOBER)
        nlp = next(one for one in found.rows if one.name == "nlp")
        assert [nlp.accrued, nlp.actual, nlp.difference] == [341, 360, 19]
        assert nlp.percent == Fraction(1900, 360)
        assert found.total("source", "USD").difference == 380 - 403
        assert reproduce_is_whole(place)


def reproduce_is_whole(place: Lived) -> bool:
    with place.open() as project:
        return bool(reproduction_document(reproduce(project, OCTOBER))["reproduced"])


def test_an_accrual_doesnt_disturb_a_correction(place: Lived) -> None:
    with place.open() as project:
        accrue(project, OCTOBER, actor="ann")
        close(project, OCTOBER, actor="ann")
    reload(place, row("120.00", {"team": "nlp"}, **until(10)))
    with place.open() as project:
        made = correct(project, OCTOBER, NOVEMBER, actor="ann", because="late")
        moved = sum(line.units for line in made.documents[0].lines if line.signed > 0)
        # nlp 110 → 120 and cv 10 → 0: ten move from one to the other
        assert moved == 10_00
        assert len(made.documents) == 1


def test_without_a_bill_the_months_before_are_the_measure(place: Lived) -> None:
    with place.open() as project:
        made = accrue(project, NOVEMBER, actor="ann")
        (source,) = made.accrual.of_kind("source")
        assert (source.method, source.basis) == ("mean", "mean of 2026-10")
        assert source.amount == 130
        teams = {one.name: one.amount for one in made.accrual.of_kind("team")}
        assert teams == {"nlp": 110, "cv": 10, "lab": 10}


def test_with_nothing_to_go_by_it_is_refused(tmp_path: Path, books_url: str) -> None:
    made = Lived(tmp_path / "lived", books_url)
    made.write(MODEL)
    with made.open() as project, pytest.raises(NotLoaded, match="nothing of 2026-10"):
        accrue(project, OCTOBER, actor="ann")


def test_a_month_in_review_or_closed_takes_no_accrual(place: Lived) -> None:
    with place.open() as project:
        open_review(project, OCTOBER, date(2026, 11, 5), actor="ann", on=date(2026, 11, 2))
        with pytest.raises(PeriodClosed, match="2026-10 is in_review"):
            accrue(project, OCTOBER, actor="ann")
        close(project, OCTOBER, actor="ann", on=date(2026, 11, 6))
        with pytest.raises(PeriodClosed, match="2026-10 is closed"):
            accrue(project, OCTOBER, actor="ann")


def test_a_closed_next_month_takes_no_reversal(place: Lived) -> None:
    november = {
        "BillingPeriodStart": "2026-11-01T00:00:00Z",
        "BillingPeriodEnd": "2026-12-01T00:00:00Z",
        "ChargePeriodStart": "2026-11-05T00:00:00Z",
        "ChargePeriodEnd": "2026-11-06T00:00:00Z",
    }
    place.bill(row("5.00", {"team": "nlp"}), row("7.00", {"team": "nlp"}, **november))
    with place.open() as project:
        bring_in(project)
        run_period(project, NOVEMBER)
        close(project, NOVEMBER, actor="ann", on=date(2026, 12, 3))
        with pytest.raises(PeriodClosed, match="2026-11 is closed"):
            accrue(project, OCTOBER, actor="ann")


def test_a_next_month_that_is_closed_meanwhile_takes_no_reversal(
    place: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ledger.prepare_accrual

    def then_november_is_closed(project: OpenProject, period: Period) -> Accrued:
        found = real(project, period)
        moment = datetime(2026, 12, 1, tzinfo=UTC)
        with place.open() as other:
            other.books.take_step(PeriodStep(NOVEMBER, PeriodState.CLOSED, "r", "b", "", moment))
        return found

    monkeypatch.setattr(ledger, "prepare_accrual", then_november_is_closed)
    with place.open() as project:
        with pytest.raises(PeriodClosed, match="2026-11 is closed"):
            accrue(project, OCTOBER, actor="ann")
        assert project.books.journal() == ()


def in_november(day: int) -> dict[str, str]:
    return {
        "BillingPeriodStart": "2026-11-01T00:00:00Z",
        "BillingPeriodEnd": "2026-12-01T00:00:00Z",
        "ChargePeriodStart": f"2026-11-{day:02}T00:00:00Z",
        "ChargePeriodEnd": f"2026-11-{day:02}T23:00:00Z",
    }


def test_what_is_charged_on_day_one_each_month_is_not_multiplied(place: Lived) -> None:
    """A rent of 100 on the first: November's whole rent is there, not a thirtieth of it."""
    reload(place, row("100.00", {"team": "nlp"}, **until(1)))
    reload(
        place,
        row("100.00", {"team": "nlp"}, **until(1)),
        row("110.00", {"team": "nlp"}, **in_november(1)),
    )
    with place.open() as project:
        found = prepare_accrual(project, NOVEMBER)
        (one,) = found.accrual.of_kind("source")
    assert (one.amount, one.method, found.findings) == (Fraction(110), "loaded", ())


def test_an_estimate_out_of_all_proportion_is_told(place: Lived) -> None:
    """130 in October; 70 in five days of November would be 420, more than three times that."""
    reload(
        place,
        row("130.00", {"team": "nlp"}, **until(10)),
        row("70.00", {"team": "nlp"}, **in_november(5)),
    )
    with place.open() as project:
        (told,) = prepare_accrual(project, NOVEMBER).findings
    assert told.code == "accrual-out-of-bounds"
    assert "cloud is estimated at 420.00 USD by run_rate" in told.message


def test_usage_at_its_prices_stands_for_a_bill_that_is_awaited(tmp_path: Path) -> None:
    """Of Acme only the usage is there: 10 M input at 4, 10 M cache reads at 1, 4 M output at 16."""
    there = tmp_path / "matched"
    shutil.copytree(Path(__file__).parents[1] / "scenarios/llm-api-matched", there)
    bill = there / "bills/2026-10.csv"
    lines = bill.read_text().splitlines(keepends=True)
    bill.write_text("".join(line for line in lines if not line.startswith("Acme API")))
    with OpenProject(there) as project:
        bring_in(project)
        bring_in_usage(project)
        found = prepare_accrual(project, OCTOBER).accrual
        sources = {one.name: (one.amount, one.method) for one in found.of_kind("source")}
        assert sources["pool acme"] == (Fraction(114), "usage")
        assert sources["cloud"][1] == "run_rate"
        teams = {one.name: one.amount for one in found.of_kind("team")}
        # nlp: 20 + 10 + 16 of Acme, and 12 of Bolt, charged on the 5th, × 31 ÷ 5
        assert teams["nlp"] == Fraction("46.00") + 12 * Fraction(31, 5)


def test_an_accrual_is_booked_by_cost_class_like_the_month_itself(tmp_path: Path) -> None:
    there = tmp_path / "classes"
    shutil.copytree(Path(__file__).parents[1] / "scenarios/journal-by-cost-class", there)
    with OpenProject(there) as project:
        bring_in(project)
        actual = draw_journal(run_period(project, OCTOBER).run, project.model, "USD").documents
        made = prepare_accrual(project, OCTOBER).documents
        accounts = [
            {line.at.account for one in each for line in one.lines} for each in (actual, made)
        ]
        assert accounts[0] == accounts[1]


def test_a_method_may_be_set_by_source(tmp_path: Path, books_url: str) -> None:
    made = Lived(tmp_path / "lived", books_url, "accrual: {methods: {cloud: loaded}}")
    made.bill(row("100.00", {"team": "nlp"}, **until(10)))
    made.write(MODEL)
    made.run()
    with made.open() as project:
        (source,) = prepare_accrual(project, OCTOBER).accrual.of_kind("source")
        assert (source.amount, source.method) == (Fraction(100), "loaded")
