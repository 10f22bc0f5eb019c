"""Invoices, bridges and what is prepaid, as JSON documents; amounts are exact decimal strings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from apportion.domain.bridge import MEANINGS, Bridge, Step
from apportion.domain.invoice import EnteredInvoice, Invoice
from apportion.domain.money import plain_text
from apportion.domain.prepaid import PrepaidMonth
from apportion.publish.documents import finding_document
from apportion.run.prove import as_decimal

if TYPE_CHECKING:
    from apportion.ledger.billed_invoices import BilledInvoice
    from apportion.ledger.bridge_rows import BridgeRow

Document = dict[str, Any]


def amount_text(amount: Fraction) -> str:
    """A sum of bill amounts; one that no decimal holds (by a rate) is cut at 18 places."""
    try:
        return plain_text(as_decimal(amount))
    except ArithmeticError:
        return plain_text(as_decimal(Fraction(round(amount * 10**18), 10**18)))


def invoice_document(one: Invoice, state: str = "") -> Document:
    made: Document = {
        "number": one.number,
        "issuer": one.issuer,
        "source": one.source,
        "period": str(one.period),
        "amount": plain_text(one.amount),
        "tax": None if one.tax is None else plain_text(one.tax),
        "currency": one.currency,
        "issued_on": one.issued_on.isoformat() if one.issued_on else None,
        "due_on": one.due_on.isoformat() if one.due_on else None,
        "credits": one.credits or None,
    }
    return made | ({"status": state} if state else {})


def entered_document(one: EnteredInvoice) -> Document:
    return invoice_document(one.invoice, str(one.state)) | {
        "actor": one.actor,
        "at": one.at.isoformat(),
    }


def billed_document(one: BilledInvoice) -> Document:
    """An invoice as the bill tells of it, beside what was entered."""
    return {
        "number": one.number or None,
        "source": one.source,
        "period": str(one.period),
        "currency": one.currency,
        "billed": amount_text(one.billed),
        "tax": amount_text(one.tax),
        "charges": one.charges,
        "entered": plain_text(one.entered.amount) if one.entered else None,
        "differs": one.differs,
    }


def bridge_document(
    one: Bridge, rows: Mapping[Step, Iterable[BridgeRow]] | None = None
) -> Document:
    """A bridge with its steps in order, and the rows behind each where they were asked for."""
    made: Document = {
        "source": one.source,
        "period": str(one.period),
        "currency": one.currency,
        "invoices": [invoice_document(invoice) for invoice in one.invoices],
        "steps": [
            {
                "step": str(step),
                "meaning": MEANINGS[step],
                "amount": amount_text(amount),
                "charges": one.rows.get(step, 0),
            }
            for step, amount in one.steps.items()
        ],
        "effective_cost": amount_text(one.effective_cost),
        "effective_cost_by_category": {
            name: amount_text(amount) for name, amount in one.categories.items()
        },
        "statements": None if one.statements is None else amount_text(one.statements),
        "reported": {"currency": one.reported[0], "amount": amount_text(one.reported[1])}
        if one.reported
        else None,
        "run": one.run or None,
        "holds": one.holds,
        "findings": [finding_document(found) for found in one.findings],
    }
    if rows is not None:
        for step in made["steps"]:
            step["rows"] = [row_document(row) for row in rows.get(Step(step["step"]), ())]
    return made


def row_document(one: BridgeRow) -> Document:
    """One part of a step; what it hasn't is left out."""
    told = {
        "kind": one.kind,
        "amount": amount_text(one.amount),
        "charges": one.charges,
        "invoice": one.invoice,
        "category": one.category,
        "commitment": one.commitment,
        "service": one.service,
        "resource": one.resource,
        "tags": one.tags,
        "key": one.key,
        "place": one.place,
        "about": one.about,
    }
    return {name: value for name, value in told.items() if value or name in {"amount", "kind"}}


def prepaid_document(one: PrepaidMonth) -> Document:
    figures = ("opening", "bought", "amortised", "unused", "closing")
    return {
        "source": one.source,
        "commitment": one.commitment,
        "title": one.title or None,
        "period": str(one.period),
        "currency": one.currency,
        **{name: amount_text(getattr(one, name)) for name in figures},
    }
