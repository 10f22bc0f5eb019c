"""Build the bridge from invoices to statements: per source and month, to the last digit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.domain.bridge import TO_EFFECTIVE, Bridge, Step
from apportion.domain.invoice import Invoice
from apportion.domain.owner import OwnerKind
from apportion.domain.period import Period
from apportion.domain.restatement import View
from apportion.domain.result import Run
from apportion.domain.snapshot import Snapshot, SnapshotKind
from apportion.errors import NotLoaded, Place, ProofError, UsageError
from apportion.ledger.bridge_findings import bridge_findings
from apportion.ledger.bridge_step import BilledGroup, moves
from apportion.ledger.match_invoices import match_invoices
from apportion.ledger.views import standing_run
from apportion.model.project import SourceSpec
from apportion.store.books.invoices import read_invoices

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject

ZERO = Fraction(0)

_NOWHERE = Place("apportion.yaml")


def bridges(
    project: OpenProject, period: Period, source: str = "", view: View | None = None
) -> tuple[Bridge, ...]:
    """The bridges of a month: one for each source (or the one asked for) and currency.

    They rest on the bills that the month's run was made on, or on those that are current
    while it has none. Of a closed month a `view` may be asked for: a late bill is on the
    invoice, and in the statements as restated. Raises PeriodClosed for a view of an open
    month, UsageError for a source that the project doesn't have,
    NotLoaded where neither charges nor invoices are there for the month.
    """
    if source and source not in project.settings.sources:
        raise UsageError(f"no source is called {source!r}", hint="see `apportion sources`")
    run = standing_run(project, period, view) if view else project.books.run(period)
    bills = [one for one in bills_of(project, period, run) if source in {"", one.source}]
    entered = standing(project, period, source)
    if not bills and not entered:
        raise NotLoaded(
            f"neither charges nor invoices are there for {source or 'any source'} in {period}",
            hint="`apportion load` the bill, or enter its invoice: `apportion invoices add`",
        )
    groups = groups_of(project, bills)
    return tuple(
        draw_bridge(
            Sides(
                name,
                currency,
                tuple(one for one in entered if (one.source, one.currency) == (name, currency)),
                tuple(one for one in groups if (one.source, one.currency) == (name, currency)),
                *_set_aside(bills, name, currency),
            ),
            period,
            project.settings.sources.get(name),
            run,
        )
        for name, currency in _places(bills, groups, entered)
    )


def bills_of(project: OpenProject, period: Period, run: Run | None) -> tuple[Snapshot, ...]:
    """The bills of a month: those that its run was made on, else those that are current."""
    books = project.books
    if run is None:
        return books.current(period=period)
    bills = books.of_kind(run.snapshots, SnapshotKind.CHARGES)
    return tuple(books.snapshot(name) for name in bills)


def groups_of(project: OpenProject, bills: Sequence[Snapshot]) -> tuple[BilledGroup, ...]:
    """Their charges by the facts that decide steps; without bills the engine stays closed."""
    if not bills:
        return ()
    from apportion.ledger.billed_groups import billed_groups

    return billed_groups(project.workspace, bills)


def standing(project: OpenProject, period: Period, source: str = "") -> tuple[Invoice, ...]:
    """The invoices of a month that count: neither drafts nor void ones."""
    with project.books.reading() as connection:
        found = read_invoices(connection, source or None, period)
    return tuple(one.invoice for one in found if one.state.counts)


@dataclass(frozen=True)
class Sides:
    """What a bridge of one source and currency connects: invoices, and charges of the bill.

    `aside` is the billed cost of the rows in quarantine, `rows_aside` how many they are.
    """

    source: str
    currency: str
    invoices: tuple[Invoice, ...]
    groups: tuple[BilledGroup, ...]
    aside: Fraction = ZERO
    rows_aside: int = 0


def draw_bridge(sides: Sides, period: Period, spec: SourceSpec | None, run: Run | None) -> Bridge:
    """The bridge of one source and currency. It sums exactly: what is left over is a step.

    Raises ProofError where it doesn't: a fault of the program.
    """
    spec = spec or SourceSpec(sides.source, "", "", _NOWHERE)
    groups = sides.groups
    match = match_invoices(sides.invoices, groups, sides.currency, sides.aside, spec.rounding)
    steps: dict[Step, Fraction] = defaultdict(Fraction, match.steps)
    rows: dict[Step, int] = defaultdict(int, match.charges)
    steps[Step.UNEXPLAINED] = match.unexplained
    if sides.rows_aside:
        steps[Step.SET_ASIDE], rows[Step.SET_ASIDE] = -sides.aside, sides.rows_aside
    for group in groups:
        for step, amount in moves(group, recoverable=spec.recovers(_account(group))).items():
            steps[step] += amount
            rows[step] += group.charges
    recovered = [one for one in groups if _is_tax(one) and spec.recovers(_account(one))]
    steps[Step.RECOVERABLE_TAX] = _effective(recovered)
    effective = _effective(groups) - steps[Step.RECOVERABLE_TAX]
    _must_be(sides.source, effective, (steps[step] for step in TO_EFFECTIVE))
    statements: Fraction | None = None
    if run is not None:
        out, whole = _attributed(run, sides, left_out=True), _attributed(run, sides)
        statements = whole - out
        steps[Step.LEFT_OUT] = -out
        steps[Step.OTHER_BASIS] = whole - _attributed(run, sides, "EffectiveCost")
        _must_be(sides.source, statements, steps.values())
    return Bridge(
        source=sides.source,
        period=period,
        currency=sides.currency,
        invoices=sides.invoices,
        steps={step: steps[step] for step in Step if steps[step] or step is Step.INVOICES},
        rows={step: rows[step] for step in Step if rows[step]},
        effective_cost=effective,
        statements=statements,
        run=run.id if run else "",
        reported=_reported(run, sides) if run else None,
        categories=_categories(groups),
        findings=tuple(bridge_findings(sides.source, period, sides.currency, match, groups, spec)),
    )


def _account(group: BilledGroup) -> str:
    return group.facts["BillingAccountId"]


def _is_tax(group: BilledGroup) -> bool:
    return group.facts["ChargeCategory"] == "Tax"


def _effective(groups: Iterable[BilledGroup]) -> Fraction:
    return sum((Fraction(one.effective) for one in groups), ZERO)


def _places(
    bills: Iterable[Snapshot], groups: Iterable[BilledGroup], entered: Iterable[Invoice]
) -> list[tuple[str, str]]:
    """Each source and currency of which there is a charge, a row set aside, or an invoice."""
    read = ((s.source, totals.currency) for s in bills for u in s.units for totals in u.totals)
    found = {
        *read,
        *((one.source, one.currency) for one in groups),
        *((one.source, one.currency) for one in entered),
    }
    return sorted(place for place in found if place[1])


def _set_aside(bills: Iterable[Snapshot], source: str, currency: str) -> tuple[Fraction, int]:
    """What is quarantined of a source: its billed cost as far as it can be read, and its rows."""
    found = [
        totals
        for snapshot in bills
        if snapshot.source == source
        for unit in snapshot.units
        for totals in unit.totals
        if totals.currency == currency and totals.quarantined_rows
    ]
    amounts = (Fraction(one.quarantined.get("BilledCost", Decimal(0))) for one in found)
    return sum(amounts, ZERO), sum(one.quarantined_rows for one in found)


def _attributed(
    run: Run, sides: Sides, basis: str = "", *, left_out: bool | None = None
) -> Fraction:
    """What a run attributed of a source, on its own basis or on another."""
    return sum(
        (
            one.amounts.of(basis or run.basis)
            for one in run.attributed
            if (one.source, one.currency) == (sides.source, sides.currency)
            and (left_out is None or (one.owner.kind is OwnerKind.LEFT_OUT) is left_out)
        ),
        ZERO,
    )


def _reported(run: Run, sides: Sides) -> tuple[str, Fraction] | None:
    """The same statements in the reporting currency, by the run's rates."""
    parts = [
        one.converted.of(run.basis)
        for one in run.attributed
        if (one.source, one.currency) == (sides.source, sides.currency)
        and one.converted is not None
        and one.owner.kind is not OwnerKind.LEFT_OUT
    ]
    return (run.currency, sum(parts, ZERO)) if parts else None


def _categories(groups: Iterable[BilledGroup]) -> Mapping[str, Fraction]:
    found: dict[str, Fraction] = defaultdict(Fraction)
    for one in groups:
        found[one.facts["ChargeCategory"]] += Fraction(one.effective)
    return {name: amount for name, amount in sorted(found.items()) if amount}


def _must_be(source: str, wanted: Fraction, steps: Iterable[Fraction]) -> None:
    if (found := sum(steps, ZERO)) != wanted:
        raise ProofError(
            f"the bridge of {source} doesn't sum",
            why=f"its steps come to {found}, and not to {wanted}",
            hint="this is a fault of apportion: please report it",
        )
