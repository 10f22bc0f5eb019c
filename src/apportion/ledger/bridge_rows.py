"""What is behind a step of the bridge: charge keys, rows in quarantine, or invoices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.domain.bridge import Bridge, Step
from apportion.ledger.bridge import bills_of
from apportion.ledger.bridge_step import moves

if TYPE_CHECKING:
    from apportion.domain.snapshot import Snapshot
    from apportion.ledger.billed_groups import BilledKey
    from apportion.model.project import SourceSpec
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class BridgeRow:
    """One part of a step: `amount` is what it adds to it.

    `kind` says what it is: *charges* of one key, an *invoice*, or a *row* in quarantine, of
    which `place` says where it stands and `about` why it is there.
    """

    step: Step
    kind: str
    amount: Fraction
    invoice: str = ""
    category: str = ""
    commitment: str = ""
    service: str = ""
    resource: str = ""
    tags: str = ""
    key: str = ""
    charges: int = 1
    place: str = ""
    about: str = ""


def bridge_rows(
    project: OpenProject, found: Bridge, step: Step | None = None
) -> Mapping[Step, tuple[BridgeRow, ...]]:
    """All that is behind a step, or behind each, the largest first.

    The rows of a step that is made of charges or invoices sum to it exactly. Rounding is of no
    row, nor is what of *unexplained* lies between invoices and bill; how much of a bill counts
    by another, and other cost bases, statements tell. A row in quarantine has its amount where
    the bill itself writes BilledCost; in other formats it is told with 0.
    """
    bills = [
        one
        for one in bills_of(project, found.period, project.books.run(found.period, ()))
        if one.source == found.source
    ]
    rows: dict[Step, list[BridgeRow]] = {}
    for one in _all(project, found, bills):
        if (one.amount or one.kind == "row") and step in {None, one.step}:
            rows.setdefault(one.step, []).append(one)
    return {
        key: tuple(sorted(rows[key], key=lambda one: (-abs(one.amount), one.key, one.invoice)))
        for key in Step
        if key in rows
    }


def _all(project: OpenProject, found: Bridge, bills: list[Snapshot]) -> Iterator[BridgeRow]:
    yield from _invoices(found)
    yield from _set_aside(found, bills)
    if bills:
        from apportion.ledger.billed_groups import billed_keys

        spec = project.settings.sources[found.source]
        keys = billed_keys(project.workspace, bills)
        yield from _charges(found, spec, (one for one in keys if _is_of(one, found)))


def _is_of(one: BilledKey, found: Bridge) -> bool:
    return (one.group.source, one.group.currency) == (found.source, found.currency)


def _invoices(found: Bridge) -> Iterator[BridgeRow]:
    for one in found.invoices:
        step = Step.CREDIT_NOTES if one.is_credit_note else Step.INVOICES
        yield BridgeRow(step, "invoice", Fraction(one.amount), invoice=one.number, about=one.issuer)
        if one.tax and Step.TAX_NOT_IN_BILL in found.steps:
            yield BridgeRow(Step.TAX_NOT_IN_BILL, "invoice", -Fraction(one.tax), invoice=one.number)


def _set_aside(found: Bridge, bills: Iterable[Snapshot]) -> Iterator[BridgeRow]:
    """Each row that is in quarantine; what it was billed is known where it can be read."""
    from apportion.domain.money import AmountFault, parse_amount

    for unit in (unit for snapshot in bills for unit in snapshot.units):
        for one in unit.quarantined:
            try:
                amount = Fraction(parse_amount(one.row.get("BilledCost") or "0"))
            except AmountFault:
                amount = Fraction(0)
            if one.row.get("BillingCurrency") in {None, found.currency}:
                where = f"{one.file}:{one.line}" if one.line else one.file
                about = f"{one.column}: {one.reason}" if one.column else one.reason
                yield BridgeRow(Step.SET_ASIDE, "row", -amount, place=where, about=about)


def _charges(found: Bridge, spec: SourceSpec, keys: Iterable[BilledKey]) -> Iterator[BridgeRow]:
    numbers = {one.number for one in found.invoices}
    for one in keys:
        facts = one.group.facts
        recovers = spec.recovers(facts["BillingAccountId"])
        parts = dict(moves(one.group, recoverable=recovers))
        if facts["ChargeCategory"] == "Tax" and recovers:
            parts[Step.RECOVERABLE_TAX] = Fraction(one.group.effective)
        if Step.NOT_ENTERED in found.steps and facts["InvoiceId"] not in {"", *numbers}:
            parts[Step.NOT_ENTERED] = Fraction(one.group.billed)
        if Step.NOT_INVOICED in found.steps and not facts["InvoiceId"]:
            parts[Step.NOT_INVOICED] = Fraction(one.group.billed)
        for step, amount in parts.items():
            yield BridgeRow(
                step=step,
                kind="charges",
                amount=amount,
                invoice=facts["InvoiceId"],
                category=facts["ChargeCategory"],
                commitment=facts["CommitmentDiscountId"],
                service=facts["ServiceName"],
                resource=one.resource,
                tags=one.tags,
                key=one.key,
                charges=one.group.charges,
            )
