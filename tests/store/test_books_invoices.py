"""Invoices in the books: entered once, states added, nothing edited; on both databases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from apportion.domain.invoice import Invoice, InvoiceState, PrepaidOpening
from apportion.domain.period import Period
from apportion.errors import BooksError, InvoiceConflict, NotLoaded, UsageError
from apportion.store.books import Books
from apportion.store.books.invoices import (
    Act,
    enter_invoices,
    enter_opening,
    mark_invoice,
    read_invoices,
    read_openings,
)

OCTOBER = Period(2026, 10)
ANN = Act("ann", "it came by mail")
ONE = Invoice(
    "A-1",
    "aws",
    OCTOBER,
    Decimal("119.00"),
    "USD",
    issuer="AWS EMEA",
    tax=Decimal("19.00"),
    issued_on=date(2026, 11, 3),
    due_on=date(2026, 12, 3),
)


def enter(books: Books, *invoices: Invoice) -> tuple[Invoice, ...]:
    with books.writing() as connection:
        wanted = [(one, InvoiceState.ISSUED) for one in invoices]
        return enter_invoices(connection, wanted, ANN)


def held(books: Books) -> list[tuple[Invoice, InvoiceState]]:
    with books.reading() as connection:
        return [(one.invoice, one.state) for one in read_invoices(connection)]


def mark(books: Books, number: str, state: InvoiceState, because: str = "") -> None:
    with books.writing() as connection:
        mark_invoice(connection, number, "", state, Act("ben", because))


def test_an_invoice_is_read_as_it_was_entered_and_the_log_says_who(books: Books) -> None:
    assert enter(books, ONE) == (ONE,)
    assert held(books) == [(ONE, InvoiceState.ISSUED)]
    (line,) = books.audit("A-1")
    assert (line.actor, line.action) == ("ann", "enter-invoice")
    assert line.detail["because"] == "it came by mail"


def test_the_same_again_is_no_second_invoice(books: Books) -> None:
    enter(books, ONE)
    assert enter(books, ONE) == ()
    assert len(held(books)) == 1


def test_the_same_number_with_other_content_is_refused_and_nothing_is_written(
    books: Books,
) -> None:
    enter(books, ONE)
    other = Invoice("A-1", "aws", OCTOBER, Decimal("191.00"), "USD")
    with pytest.raises(InvoiceConflict, match=r"amount is 119\.00, not 191\.00"):
        enter(books, Invoice("A-2", "aws", OCTOBER, Decimal(1), "USD"), other)
    assert held(books) == [(ONE, InvoiceState.ISSUED)]


def test_a_void_number_may_be_entered_anew(books: Books) -> None:
    enter(books, ONE)
    with pytest.raises(UsageError, match="for a reason"):
        mark(books, "A-1", InvoiceState.VOID)
    mark(books, "A-1", InvoiceState.VOID, "typed wrong")
    other = Invoice("A-1", "aws", OCTOBER, Decimal("191.00"), "USD")
    enter(books, other)
    assert held(books) == [(ONE, InvoiceState.VOID), (other, InvoiceState.ISSUED)]
    assert books.audit("A-1", "mark-invoice")[0].detail == {
        "source": "aws",
        "before": "issued",
        "after": "void",
        "because": "typed wrong",
    }


def test_states_go_one_way(books: Books) -> None:
    enter(books, ONE)
    mark(books, "A-1", InvoiceState.PAID)
    with pytest.raises(UsageError, match="is paid: it can't become draft"):
        mark(books, "A-1", InvoiceState.DRAFT)
    with pytest.raises(NotLoaded, match="no invoice A-9"):
        mark(books, "A-9", InvoiceState.PAID)


def test_an_amount_finer_than_its_currency_is_refused(books: Books) -> None:
    for amount, currency in (("1.001", "USD"), ("1.1", "JPY"), ("1.0001", "KWD")):
        with pytest.raises(UsageError, match="finer than"):
            enter(books, Invoice("A-1", "aws", OCTOBER, Decimal(amount), currency))
    enter(books, Invoice("A-1", "aws", OCTOBER, Decimal("1.001"), "KWD"))


def test_a_due_day_before_the_invoice_and_tax_of_the_other_sign_are_refused(books: Books) -> None:
    with pytest.raises(UsageError, match="due before"):
        enter(
            books,
            Invoice(
                "A-1",
                "aws",
                OCTOBER,
                Decimal(1),
                "USD",
                issued_on=date(2026, 11, 3),
                due_on=date(2026, 11, 2),
            ),
        )
    with pytest.raises(UsageError, match="disagree in sign"):
        enter(books, Invoice("A-1", "aws", OCTOBER, Decimal(-1), "USD", tax=Decimal(1)))


def test_the_newest_opening_balance_counts(books: Books) -> None:
    for amount in ("900.00", "850.00"):
        opening = PrepaidOpening("aws", "plan", OCTOBER, Decimal(amount), "USD")
        with books.writing() as connection:
            enter_opening(connection, opening, Act("ann", "last year's books"))
    with books.reading() as connection:
        assert read_openings(connection) == {("aws", "plan", "USD"): opening}
    assert books.audit("plan")[1].detail["before"] == "900"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoices SET amount = '1'",
        "DELETE FROM invoices",
        "UPDATE invoice_states SET state = 'void'",
        "DELETE FROM invoice_states",
    ],
)
def test_the_database_itself_refuses_to_change_one(books: Books, statement: str) -> None:
    enter(books, ONE)
    with pytest.raises((BooksError, DatabaseError)), books.writing() as connection:
        connection.execute(text(statement))
    assert held(books) == [(ONE, InvoiceState.ISSUED)]
