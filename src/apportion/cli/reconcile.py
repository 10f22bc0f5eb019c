"""apportion reconcile: the proof that what was charged is what was billed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of

if TYPE_CHECKING:
    from fractions import Fraction

    from apportion.domain.result import Proof, Run
    from apportion.run.open_project import OpenProject
    from apportion.run.reconcile import Doubts, Reconciliation
    from apportion.run.usage_differences import UsageReconciliation


def register(app: typer.Typer) -> None:
    app.command()(reconcile)


def reconcile(context: typer.Context, period: PeriodOption, as_json: JsonOption = False) -> None:
    """Print the proof: read = loaded + quarantined, and loaded = what was charged.

    Exits with 3 when the proof fails, with 1 when it holds but isn't complete:
    rows whose money can't be read or doubts about the files are unacknowledged,
    or a bill lacks the cost basis of the statements.
    """
    from apportion.cli.console import print_json
    from apportion.publish.documents import reconciliation_document
    from apportion.publish.usage_document import usage_reconciliation_document
    from apportion.run.notices import stale
    from apportion.run.reconcile import reconcile as draw_up
    from apportion.run.saved import latest_run

    with state_of(context).open() as project:
        run = latest_run(project.books, period_of(period))
        found = draw_up(project.settings, project.books, run)
        found = replace(found, findings=(*found.findings, *stale(project, found)))
        usage = _usage(project, run)
    if as_json:
        print_json(reconciliation_document(found) | usage_reconciliation_document(usage))
    else:
        print_reconciliation(found)
        print_usage(usage)
    if not found.ok:
        raise typer.Exit(3)
    if not found.complete:
        raise typer.Exit(1)


def _usage(project: OpenProject, run: Run) -> UsageReconciliation:
    """Bills beside usage, where the model is still that of the run; it can't be told otherwise."""
    from apportion.errors import ConfigurationError
    from apportion.model.terms.usage_cost import holds_usage
    from apportion.run.usage_differences import UsageReconciliation, usage_differences

    try:
        model = project.model
    except ConfigurationError:
        return UsageReconciliation()
    if model.hash != run.model or not any(holds_usage(pool) for pool in model.pools):
        return UsageReconciliation()
    return usage_differences(project.workspace, model, run)


def print_usage(found: UsageReconciliation) -> None:
    """Bills beside what the usage would cost, and what counts in another source's place."""
    from apportion.cli.console import say, table

    rows = [
        (
            one.pool,
            one.model or "(no model)",
            one.reason,
            *(_amount(value) for value in (one.billed, one.priced, one.difference)),
            f"{one.currency}, priced in {one.foreign}" if one.foreign else one.currency,
        )
        for one in found.differences
    ]
    if rows:
        title = "bills beside usage at its prices"
        names = ("pool", "model", "why they differ", "billed", "priced", "difference", "")
        table(title, names, rows, left=3)
    for out in found.left_out:
        say(
            f"{out.pool}: {out.records} records of {out.source} ({out.provider or 'no provider'}, "
            f"{out.days} days) are left out: another source tells of the same use"
        )


def _amount(value: Fraction | None) -> str:
    from apportion.run.explain import rounded

    return "-" if value is None else f"{rounded(value):,f}"


def print_reconciliation(found: Reconciliation) -> None:
    """The proofs of each source and currency side by side, then the verdict."""
    from itertools import groupby

    from apportion.cli.console import findings

    for _, proofs in groupby(found.proofs, key=lambda proof: (proof.source, proof.currency)):
        _print(list(proofs), found)
    findings(found.findings)
    _verdict(found)


ROWS = {
    "control": "control total",
    "read": "read",
    "loaded": "  loaded",
    "direct": "    direct",
    "shared": "    shared",
    "idle": "    idle",
    "unallocated": "    unallocated",
    "other": "    other",
    "left_out": "    left out",
    "quarantined": "  quarantined",
    "difference": "difference",
}


def _print(proofs: list[Proof], found: Reconciliation) -> None:
    from apportion.cli.console import figure, say, table

    first = proofs[0]
    say(f"{first.source} in {first.currency}")
    rows = [
        [words, *(figure(getattr(p, name)) for p in proofs)]
        for name, words in ROWS.items()
        if name != "left_out" or any(proof.left_out for proof in proofs)
    ]
    rows.append(["", *(_state(proof, found) for proof in proofs)])
    table("", ("", *(proof.basis for proof in proofs)), rows)


def _state(proof: Proof, found: Reconciliation) -> str:
    if not proof.ok:
        return "DOES NOT HOLD"
    if not proof.complete:
        return f"incomplete: {proof.unread_rows} unread"
    if not found.is_complete(proof):
        return "incomplete: see below"
    return f"proven to {proof.proven_to}"


def _verdict(found: Reconciliation) -> None:
    from apportion.cli.console import say, some

    period = found.run.period
    for aside in found.aside:
        rows = some(aside.rows, "row")
        say(f"{aside.source}: {rows} set aside (`apportion quarantine` lists them)")
        for one in aside.acknowledged:
            say(f"  acknowledged by {one.actor} on {one.at}: {one.because}")
    for doubts in found.doubts:
        if doubts.acknowledged:
            _say_accepted(doubts)
    if not found.ok:
        _say_failures(found)
    elif found.uncarried:
        say(f"{period}: the sums hold, but statements on {found.run.basis} lack some of the money.")
    elif not found.complete:
        what = "settle what is told above" if found.open else "mend the quarantined rows"
        say(
            f"{period}: the sums hold, but the proof is incomplete: {what} and "
            "load again, or `apportion acknowledge --source S --period P --because TEXT`."
        )
    elif found.stale:
        say(f"{period}: this run is proven, but a newer bill was loaded after it: run again.")
    else:
        say(f"{period}: proven, to the last digit{_but(found)}.")


def _but(found: Reconciliation) -> str:
    if found.aside:
        return ", but for the rows that were acknowledged"
    return ", but for the doubts that were acknowledged" if found.doubts else ""


def _say_accepted(doubts: Doubts) -> None:
    from apportion.cli.console import say

    for finding in doubts.findings:
        say(f"{doubts.source}: {finding.message} ({finding.code})")
    for one in doubts.acknowledged:
        say(f"  acknowledged by {one.actor} on {one.at}: {one.because}")


def _say_failures(found: Reconciliation) -> None:
    """Which equation doesn't hold, by how much, and what to do about it."""
    from apportion.cli.console import figure, say

    for proof in found.proofs:
        if proof.ok:
            continue
        where = f"{proof.source}, {proof.basis} in {proof.currency}"
        if proof.control is not None and proof.control != proof.read:
            say(
                f"{where}: the control total is {figure(proof.control)}, the bill as read "
                f"{figure(proof.read)}: {figure(proof.control - proof.read)} apart."
            )
            say("  do: correct the control, or load what the invoice has and the bill lacks")
        else:
            say(
                f"{where}: what was read and what was charged are {figure(proof.difference)} apart."
            )
            say(
                "  do: load the bill again; if that doesn't help, report it as a fault of apportion"
            )
    say(f"{found.run.period}: the proof FAILS.")
