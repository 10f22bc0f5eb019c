"""What of its invoices stands against closing a month for good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.ledger.bridge import bills_of, bridges, standing
from apportion.model.project import InvoiceGate

if TYPE_CHECKING:
    from apportion.domain.bridge import Bridge
    from apportion.run.open_project import OpenProject


def against_invoices(project: OpenProject, period: Period) -> Iterator[Finding]:
    """Errors of the month's bridges, as far as `close.invoice` asks.

    An accrued month closes before its invoice: who closes on accrual doesn't ask this. Where
    no invoice is entered and none is required, nothing is read.
    """
    settings = project.settings
    gates = {name: spec.invoice or settings.invoice for name, spec in settings.sources.items()}
    entered = {one.source for one in standing(project, period)}
    held = {one.source for one in bills_of(project, period, project.books.run(period, ()))}
    asked = {
        source
        for source in {*entered, *held}
        if gates.get(source, settings.invoice) is InvoiceGate.REQUIRED
        or (source in entered and gates.get(source) is not InvoiceGate.NO)
    }
    if not asked:
        return
    for found in bridges(project, period):
        if found.source in asked:
            required = gates.get(found.source, settings.invoice) is InvoiceGate.REQUIRED
            yield from _of_bridge(found, required=required)


def _of_bridge(found: Bridge, *, required: bool) -> Iterator[Finding]:
    for one in found.findings:
        if one.level is Level.ERROR:
            yield one
        elif required and one.code == "invoice-missing":
            yield replace(one, level=Level.ERROR)
