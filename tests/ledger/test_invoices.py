"""Invoices beside the bill, and what they keep from being closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from apportion.domain.bridge import Step
from apportion.domain.invoice import Invoice, InvoiceState, PrepaidOpening
from apportion.domain.period import Period
from apportion.domain.period_life import PeriodState, PeriodStep
from apportion.domain.restatement import View
from apportion.errors import ConfigurationError, NotLoaded, PeriodClosed, UsageError
from apportion.ledger.billed_invoices import billed_invoices
from apportion.ledger.bridge import bridges
from apportion.ledger.bridge_rows import bridge_rows
from apportion.ledger.close import close
from apportion.ledger.correct import correct
from apportion.ledger.enter_invoices import (
    enter_billed,
    enter_invoice,
    import_invoices,
    list_invoices,
    open_prepaid,
)
from apportion.ledger.prepaid import prepaid
from apportion.run.bring_in import bring_in
from apportion.run.saved import latest_run
from apportion.store.books.period_steps import take_step
from bills import row
from small_projects import MODEL, OCTOBER, PROJECT, Small


def small(root: Path, settings: str = "", *rows: dict[str, str]) -> Small:
    made = Small(root / "small")
    (made.root / "apportion.yaml").write_text(PROJECT.format(currency="USD") + settings)
    made.bill(*(rows or (row("100.00", {"team": "nlp"}), row("50.00", {"team": "cv"}))))
    made.write(MODEL)
    made.run()
    return made


def invoice(amount: str, number: str = "A-1", **over: str) -> Invoice:
    tax = Decimal(over["tax"]) if "tax" in over else None
    return Invoice(number, "cloud", OCTOBER, Decimal(amount), over.get("currency", "USD"), tax=tax)


def enter(made: Small, *entered: Invoice) -> None:
    with made.open() as project:
        for one in entered:
            enter_invoice(project, one, actor="ann")


def codes(made: Small) -> list[str]:
    with made.open() as project:
        (found,) = bridges(project, OCTOBER)
        return [f"{one.level} {one.code}" for one in found.findings]


def steps(made: Small) -> dict[str, str]:
    with made.open() as project:
        (found,) = bridges(project, OCTOBER)
        return {str(step): str(amount) for step, amount in found.steps.items()}


def test_a_month_closes_without_invoices_where_none_is_required(tmp_path: Path) -> None:
    with small(tmp_path).open() as project:
        assert close(project, OCTOBER, actor="ann")


def test_a_required_invoice_that_is_not_there_keeps_a_month_open(tmp_path: Path) -> None:
    with small(tmp_path, "close: {invoice: required}\n").open() as project:
        with pytest.raises(PeriodClosed, match="1 thing stands against it") as told:
            close(project, OCTOBER, actor="ann")
        assert "no invoice in USD is entered" in str(told.value)


def test_an_invoice_that_differs_keeps_a_month_open_unless_somebody_answers_for_it(
    tmp_path: Path,
) -> None:
    made = small(tmp_path)
    enter(made, invoice("151.00"))
    with made.open() as project:
        with pytest.raises(PeriodClosed) as told:
            close(project, OCTOBER, actor="ann")
        assert "-1 USD between the invoices and the bill is unexplained" in str(told.value)
        accepted = frozenset({"invoice-differs"})
        assert close(project, OCTOBER, actor="ann", because="credit note due", accepted=accepted)


def test_invoices_that_nobody_asks_for_and_drafts_stand_against_nothing(tmp_path: Path) -> None:
    made = small(tmp_path, "close: {invoice: no}\n")
    enter(made, invoice("151.00"))
    with made.open() as project:
        assert close(project, OCTOBER, actor="ann")
    other = small(tmp_path / "other")
    with other.open() as project:
        enter_invoice(project, invoice("151.00"), InvoiceState.DRAFT, actor="ann")
        assert close(project, OCTOBER, actor="ann")


def test_a_source_without_invoices_may_be_left_out_of_what_is_required(tmp_path: Path) -> None:
    made = small(tmp_path)
    text = PROJECT.replace("path: bills", "path: bills, invoice: no")
    settings = text.format(currency="USD") + "close: {invoice: required}\n"
    (made.root / "apportion.yaml").write_text(settings)
    with made.open() as project:
        assert close(project, OCTOBER, actor="ann")


def test_an_accrued_month_closes_before_its_invoice(tmp_path: Path) -> None:
    with small(tmp_path, "close: {invoice: required}\n").open() as project:
        with pytest.raises(PeriodClosed, match="is open: it can't be closed on its accrual"):
            close(project, OCTOBER, actor="ann", on_accrual=True)
        run = latest_run(project.books, OCTOBER)
        accrued = PeriodStep(OCTOBER, PeriodState.ACCRUED, run.id, "ann", "", datetime.now(UTC))
        with project.books.writing() as connection:
            take_step(connection, accrued)
        with pytest.raises(PeriodClosed, match="can't be closed yet"):
            close(project, OCTOBER, actor="ann")
        assert close(project, OCTOBER, actor="ann", on_accrual=True)
        assert project.books.steps(OCTOBER)[-1].because == "(on accrual)"


def test_a_late_bill_is_bridged_as_restated(tmp_path: Path) -> None:
    """150.00 was closed; the invoice is of 170.00, and the correction booked the rest."""
    made = small(tmp_path)
    with made.open() as project:
        close(project, OCTOBER, actor="ann")
    made.bill(row("120.00", {"team": "nlp"}), row("50.00", {"team": "cv"}))
    with made.open() as project:
        bring_in(project)
        correct(project, OCTOBER, OCTOBER.next(), actor="ann", because="late")
    enter(made, invoice("170.00"))
    assert codes(made) == ["error invoice-differs"]
    with made.open() as project:
        (found,) = bridges(project, OCTOBER, view=View.AS_RESTATED)
        assert found.holds
        assert not found.findings
        assert found.statements == 170


def test_what_the_bill_tells_of_invoices_is_read_and_held_against_what_was_entered(
    tmp_path: Path,
) -> None:
    rows = (
        row("100.004", {"team": "nlp"}, InvoiceId="A-1"),
        row("19", ChargeCategory="Tax", InvoiceId="A-1"),
        row("50.00", {"team": "cv"}, InvoiceId="A-2"),
        row("7.00", {"team": "cv"}),
    )
    made = small(tmp_path, "", *rows)
    enter(made, invoice("119.00", tax="19.00"))
    with made.open() as project:
        told = {
            one.number: (str(one.billed), one.differs) for one in billed_invoices(project, OCTOBER)
        }
        assert told == {"": ("7", False), "A-1": ("29751/250", False), "A-2": ("50", False)}
        (new,) = enter_billed(project, OCTOBER, actor="ann")
        assert (new.number, new.amount, new.tax) == ("A-2", Decimal("50.00"), None)
        assert enter_billed(project, OCTOBER, actor="ann") == ()
        assert len(list_invoices(project)) == 2
        (found,) = bridges(project, OCTOBER)
        assert found.sum_to(Step.NOT_INVOICED) == 7
        assert found.sum_to(Step.ROUNDING) == Fraction(4, 1000)


def test_two_invoices_that_differ_by_opposite_amounts_are_both_told(tmp_path: Path) -> None:
    rows = (
        row("100.00", {"team": "nlp"}, InvoiceId="A-1"),
        row("50.00", {"team": "cv"}, InvoiceId="A-2"),
    )
    made = small(tmp_path, "", *rows)
    enter(made, invoice("105.00"), invoice("45.00", "A-2"))
    assert codes(made) == ["error invoice-differs", "error invoice-differs"]


def test_an_invoice_with_tax_and_a_bill_without(tmp_path: Path) -> None:
    made = small(tmp_path)
    enter(made, invoice("178.50", tax="28.50"))
    assert steps(made) == {"invoices": "357/2", "tax_not_in_bill": "-57/2"}
    text = PROJECT.replace("path: bills", "path: bills, recoverable_tax: false")
    (made.root / "apportion.yaml").write_text(text.format(currency="USD"))
    assert codes(made) == ["error tax-not-in-bill"]


def test_tax_that_the_bill_has_otherwise_than_the_invoice_is_told(tmp_path: Path) -> None:
    made = small(tmp_path, "", row("100", {"team": "nlp"}), row("19", ChargeCategory="Tax"))
    enter(made, invoice("119.00", tax="16.00"))
    assert codes(made) == ["warning invoice-tax-differs"]


def test_effective_cost_that_nothing_explains_is_a_line_of_its_own(tmp_path: Path) -> None:
    made = small(tmp_path, "", row("100", {"team": "nlp"}, EffectiveCost="90"))
    enter(made, invoice("100.00"))
    assert steps(made) == {"invoices": "100", "unexplained": "-10"}
    assert codes(made) == ["error bridge-unexplained"]
    with made.open() as project:
        (found,) = bridges(project, OCTOBER)
        (behind,) = bridge_rows(project, found, Step.UNEXPLAINED)[Step.UNEXPLAINED]
        assert behind.amount == -10
        assert (behind.resource, behind.charges) == ("machine-1", 1)


def test_rows_in_quarantine_are_on_the_invoice_and_not_in_cost(tmp_path: Path) -> None:
    made = small(
        tmp_path,
        "",
        row("100", {"team": "nlp"}),
        row("30", {"team": "nlp"}, EffectiveCost="x"),
    )
    enter(made, invoice("130.00"))
    assert steps(made) == {"invoices": "130", "set_aside": "-30"}
    with made.open() as project:
        (found,) = bridges(project, OCTOBER)
        (behind,) = bridge_rows(project, found, Step.SET_ASIDE)[Step.SET_ASIDE]
        assert behind.amount == -30
        assert behind.place == "bills/bill.csv:3"


def test_a_plan_bought_before_the_first_bill_needs_its_opening_balance(tmp_path: Path) -> None:
    used = row(
        "0",
        {"team": "nlp"},
        EffectiveCost="40",
        CommitmentDiscountId="plan",
        CommitmentDiscountStatus="Used",
    )
    made = small(tmp_path, "", used)
    with made.open() as project:
        assert [one.code for one in prepaid(project, OCTOBER).findings] == ["prepaid-overdrawn"]
        opening = PrepaidOpening("cloud", "plan", Period(2026, 9), Decimal(100), "USD")
        open_prepaid(project, opening, actor="ann", because="books of last year")
        found = prepaid(project, Period(2026, 11), months=3)
        assert found.findings == ()
        assert [(str(one.period), str(one.closing)) for one in found.months] == [
            ("2026-09", "100"),
            ("2026-10", "60"),
            ("2026-11", "60"),
        ]


def test_what_is_asked_wrongly_is_refused_in_words(tmp_path: Path) -> None:
    with small(tmp_path).open() as project:
        with pytest.raises(UsageError, match="no source is called 'aws'"):
            bridges(project, OCTOBER, "aws")
        with pytest.raises(UsageError, match="no source is called 'aws'"):
            enter_invoice(project, Invoice("1", "aws", OCTOBER, Decimal(1), "USD"), actor="ann")
        with pytest.raises(NotLoaded, match="neither charges nor invoices"):
            bridges(project, Period(2031, 1))
        with pytest.raises(NotLoaded, match="nothing is loaded up to"):
            prepaid(project, Period(2020, 1))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("number,source\n", ["list.csv:1", "no column period"]),
        ("number,source,period,amount,currency,colour\n", ["no column is called 'colour'"]),
        ("number,source,period,amount,currency\n,cloud,2026-10,1,USD\n", ["list.csv:2:1"]),
        ("number,source,period,amount,currency\nA,cloud,2026-10,,USD\n", ["without an amount"]),
        (
            "number,source,period,amount,currency,due_on\nA,cloud,2026-10,1,USD,3.12.2026\n",
            ["list.csv:2:23", "'3.12.2026' is no day"],
        ),
        (
            "number,source,period,amount,currency,status\nA,cloud,2026-10,1,USD,payed\n",
            ["list.csv:2:23", "did you mean 'paid'"],
        ),
        ("", ["list.csv"]),
    ],
)
def test_a_list_with_a_fault_names_its_place_and_enters_nothing(
    tmp_path: Path, text: str, told: Iterable[str]
) -> None:
    made = small(tmp_path)
    (tmp_path / "list.csv").write_text(text)
    with made.open() as project:
        with pytest.raises(ConfigurationError) as fault:
            import_invoices(project, tmp_path / "list.csv", actor="ann")
        for words in told:
            assert words in str(fault.value)
        assert list_invoices(project) == ()


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with (
        small(tmp_path).open() as project,
        pytest.raises(ConfigurationError, match="can't be read"),
    ):
        import_invoices(project, tmp_path / "none.csv", actor="ann")


def test_more_tax_than_amount_and_a_month_far_ahead_are_refused(tmp_path: Path) -> None:
    made = small(tmp_path)
    with pytest.raises(UsageError, match="is more than the amount"):
        enter(made, invoice("10.00", tax="10.01"))
    with pytest.raises(UsageError, match="far ahead"):
        enter(made, replace(invoice("10.00"), period=Period(2099, 1)))


def test_a_currency_that_the_source_never_has_is_told(tmp_path: Path) -> None:
    made = small(tmp_path)
    enter(made, invoice("150.00", currency="CHF"))
    with made.open() as project:
        told = {one.code for each in bridges(project, OCTOBER) for one in each.findings}
    assert "invoice-currency-unbilled" in told
