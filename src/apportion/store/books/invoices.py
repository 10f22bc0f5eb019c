"""Providers' invoices in the books: entered once, their states added, nothing ever edited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from apportion.domain.invoice import EnteredInvoice, Invoice, InvoiceState, PrepaidOpening
from apportion.domain.money import plain_text
from apportion.domain.period import Period
from apportion.errors import InvoiceConflict, NotLoaded, UsageError
from apportion.store.books.audit import AuditEntry, add_entry, now
from apportion.store.books.schema import invoice_states, invoices, prepaid_openings


@dataclass(frozen=True)
class Act:
    """Who does something, why, and when: what each row and the audit log's line say of it."""

    actor: str
    because: str = ""
    at: datetime = field(default_factory=now)


def enter_invoices(
    connection: Connection,
    wanted: Iterable[tuple[Invoice, InvoiceState]],
    act: Act,
) -> tuple[Invoice, ...]:
    """Enter invoices within a writing transaction, all or none; gives those that were new.

    The same again is no second invoice. Raises InvoiceConflict where a number of a source
    stands already with other content: that one becomes void first.
    """
    held = {
        (one.invoice.source, one.invoice.number): one
        for one in read_invoices(connection)
        if one.state is not InvoiceState.VOID
    }
    new: list[Invoice] = []
    for invoice, state in wanted:
        invoice.check()
        key = (invoice.source, invoice.number)
        before = held.get(key)
        if before is None:
            held[key] = _enter(connection, invoice, state, act)
            new.append(invoice)
        elif before.invoice.content != invoice.content:
            raise InvoiceConflict(
                f"invoice {invoice.number} of {invoice.source} is in the books already, and "
                "says something else",
                why=_differing(before.invoice, invoice),
                hint=f"`apportion invoices mark {invoice.number} void --because …`, then enter it",
            )
    return tuple(new)


def mark_invoice(
    connection: Connection,
    number: str,
    source: str,
    state: InvoiceState,
    act: Act,
) -> EnteredInvoice:
    """Take an invoice to a state, within a writing transaction; gives it as it was before.

    Raises NotLoaded where it isn't there, UsageError where it can't go there from where it is.
    """
    found = [
        one
        for one in read_invoices(connection, source=source or None)
        if one.invoice.number == number and one.state is not InvoiceState.VOID
    ]
    if len(found) != 1:
        several = ", ".join(one.invoice.source for one in found)
        raise NotLoaded(
            f"no invoice {number} that stands is in the books"
            if not found
            else f"invoice {number} is of several sources: {several}",
            hint="say which with --source" if found else "see `apportion invoices list`",
        )
    (one,) = found
    if state is InvoiceState.VOID and not act.because.strip():
        raise UsageError("an invoice becomes void for a reason", hint="say --because")
    if not one.state.may_become(state):
        raise UsageError(f"invoice {number} is {one.state}: it can't become {state}")
    _state(connection, one.id, state, act)
    said = {"source": one.invoice.source, "before": str(one.state), "after": str(state)}
    _log(connection, act, "mark-invoice", number, said)
    return one


def read_invoices(
    connection: Connection, source: str | None = None, period: Period | None = None
) -> tuple[EnteredInvoice, ...]:
    """Invoices of a source or month, or all, void ones included, in the order of entering."""
    wanted = select(invoices).order_by(invoices.c.id)
    if source is not None:
        wanted = wanted.where(invoices.c.source == source)
    if period is not None:
        wanted = wanted.where(invoices.c.period == period)
    states = {
        row.invoice: InvoiceState(row.state)
        for row in connection.execute(select(invoice_states).order_by(invoice_states.c.id))
    }
    return tuple(
        EnteredInvoice(
            id=row.id,
            invoice=Invoice(
                number=row.number,
                source=row.source,
                period=row.period,
                amount=row.amount,
                currency=row.currency,
                issuer=row.issuer,
                tax=row.tax,
                issued_on=row.issued_on,
                due_on=row.due_on,
                credits=row.credits,
            ),
            state=states[row.id],
            actor=row.actor,
            at=row.at,
        )
        for row in connection.execute(wanted)
    )


def enter_opening(connection: Connection, opening: PrepaidOpening, act: Act) -> None:
    """Enter what was prepaid of a commitment before the first loaded month; the newest counts."""
    if not act.because.strip():
        raise UsageError("an opening balance needs a reason", hint="say --because")
    row = {
        "source": opening.source,
        "commitment": opening.commitment,
        "period": opening.period,
        "amount": opening.amount,
        "currency": opening.currency,
        "actor": act.actor,
        "because": act.because,
        "at": act.at,
    }
    before = read_openings(connection).get((opening.source, opening.commitment, opening.currency))
    connection.execute(prepaid_openings.insert(), row)
    said = {
        "source": opening.source,
        "period": str(opening.period),
        "before": plain_text(before.amount) if before else "",
        "after": f"{plain_text(opening.amount)} {opening.currency}",
    }
    _log(connection, act, "open-prepaid", opening.commitment, said)


def read_openings(connection: Connection) -> Mapping[tuple[str, str, str], PrepaidOpening]:
    """By source, commitment and currency, the opening balance that counts."""
    wanted = select(prepaid_openings).order_by(prepaid_openings.c.id)
    return {
        (row.source, row.commitment, row.currency): PrepaidOpening(
            row.source, row.commitment, row.period, row.amount, row.currency
        )
        for row in connection.execute(wanted)
    }


def _enter(
    connection: Connection,
    invoice: Invoice,
    state: InvoiceState,
    act: Act,
) -> EnteredInvoice:
    row = {
        "number": invoice.number,
        "issuer": invoice.issuer,
        "source": invoice.source,
        "period": invoice.period,
        "amount": invoice.amount,
        "tax": invoice.tax,
        "currency": invoice.currency,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "credits": invoice.credits,
        "content": invoice.content,
        "actor": act.actor,
        "at": act.at,
    }
    key = connection.execute(invoices.insert(), row).inserted_primary_key
    assert key is not None
    _state(connection, key[0], state, act)
    said = {
        "source": invoice.source,
        "period": str(invoice.period),
        "amount": f"{plain_text(invoice.amount)} {invoice.currency}",
        "state": str(state),
    }
    _log(connection, act, "enter-invoice", invoice.number, said)
    return EnteredInvoice(key[0], invoice, state, act.actor, act.at)


def _state(
    connection: Connection,
    invoice: int,
    state: InvoiceState,
    act: Act,
) -> None:
    row = {
        "invoice": invoice,
        "state": str(state),
        "actor": act.actor,
        "because": act.because,
        "at": act.at,
    }
    connection.execute(invoice_states.insert(), row)


def _log(
    connection: Connection, act: Act, action: str, subject: str, said: Mapping[str, str]
) -> None:
    detail = {name: value for name, value in {**said, "because": act.because}.items() if value}
    add_entry(connection, AuditEntry(act.at, act.actor, action, subject, detail))


_PARTS = ("period", "amount", "currency", "issuer", "tax", "issued_on", "due_on", "credits")


def _differing(before: Invoice, now: Invoice) -> str:
    pairs = ((name, getattr(before, name), getattr(now, name)) for name in _PARTS)
    return "; ".join(f"{name} is {old}, not {new}" for name, old, new in pairs if old != new)
