"""Enter invoices: by hand, from a list, or as the bill itself tells of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from apportion.domain.invoice import (
    EnteredInvoice,
    Invoice,
    InvoiceState,
    PrepaidOpening,
    check_period,
)
from apportion.domain.period import Period
from apportion.errors import UsageError
from apportion.ledger.billed_invoices import billed_invoices
from apportion.ledger.import_invoices import read_invoice_list
from apportion.ledger.review import today
from apportion.model.faults import did_you_mean
from apportion.store.books import invoices as kept
from apportion.store.books.invoices import Act

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


def enter_invoice(
    project: OpenProject,
    invoice: Invoice,
    state: InvoiceState = InvoiceState.ISSUED,
    *,
    actor: str,
    because: str = "",
) -> bool:
    """Enter one invoice; False where it is there already, word for word.

    Raises UsageError for a source that the project doesn't have, an amount finer than its
    currency and a month far ahead, InvoiceConflict where the number stands with other content.
    """
    _known(project, invoice.source)
    check_period(invoice, today())
    with project.books.writing() as connection:
        act = Act(actor, because)
        return bool(kept.enter_invoices(connection, [(invoice, state)], act))


def import_invoices(
    project: OpenProject, path: Path, *, actor: str, because: str = ""
) -> tuple[Invoice, ...]:
    """Enter the invoices of a CSV, all or none; gives those that were new.

    Raises ConfigurationError with every fault of the list, InvoiceConflict like
    `enter_invoice`.
    """
    listed = read_invoice_list(path, str(path), project.settings.sources)
    for invoice, _ in listed:
        check_period(invoice, today())
    with project.books.writing() as connection:
        return kept.enter_invoices(connection, listed, Act(actor, because))


def enter_billed(
    project: OpenProject, period: Period, source: str = "", *, actor: str, because: str = ""
) -> tuple[Invoice, ...]:
    """Enter what the bills of a month tell of invoices that nobody entered yet.

    Such an invoice is no outside witness: it says what the bill says.
    """
    found = billed_invoices(project, period, source)
    new = [
        (one.as_invoice(), InvoiceState.ISSUED) for one in found if one.number and not one.entered
    ]
    said = because or "read from the bill's InvoiceId"
    with project.books.writing() as connection:
        return kept.enter_invoices(connection, new, Act(actor, said))


def mark_invoice(
    project: OpenProject,
    number: str,
    state: InvoiceState,
    *,
    source: str = "",
    actor: str,
    because: str = "",
) -> EnteredInvoice:
    """Take an invoice to a state; gives it as it was before."""
    with project.books.writing() as connection:
        return kept.mark_invoice(connection, number, source, state, Act(actor, because))


def open_prepaid(
    project: OpenProject, opening: PrepaidOpening, *, actor: str, because: str
) -> None:
    """Enter what was left of a commitment that was bought before the first loaded bill."""
    _known(project, opening.source)
    with project.books.writing() as connection:
        kept.enter_opening(connection, opening, Act(actor, because))


def list_invoices(
    project: OpenProject, period: Period | None = None, source: str = ""
) -> tuple[EnteredInvoice, ...]:
    """What was entered, void ones included."""
    with project.books.reading() as connection:
        return kept.read_invoices(connection, source or None, period)


def _known(project: OpenProject, source: str) -> None:
    sources = project.settings.sources
    if source not in sources:
        raise UsageError(
            f"no source is called {source!r}",
            hint=did_you_mean(source, tuple(sources), "see `sources` of the project"),
        )
