"""apportion reconcile: the proof that what was charged is what was billed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of

if TYPE_CHECKING:
    from apportion.domain.result import Proof
    from apportion.run.reconcile import Reconciliation


def register(app: typer.Typer) -> None:
    app.command()(reconcile)


def reconcile(context: typer.Context, period: PeriodOption, as_json: JsonOption = False) -> None:
    """Print the proof: read = loaded + quarantined, and loaded = what was charged.

    Exits with 3 when the proof fails, with 1 when it holds but rows whose
    money can't be read are still unacknowledged.
    """
    from apportion.cli.console import print_json
    from apportion.publish.documents import reconciliation_document
    from apportion.run.reconcile import reconcile as draw_up
    from apportion.run.saved import latest_run

    with state_of(context).open() as project:
        run = latest_run(project.books, period_of(period))
        found = draw_up(project.settings, project.books, run)
    if as_json:
        print_json(reconciliation_document(found))
    else:
        print_reconciliation(found)
    if not found.ok:
        raise typer.Exit(3)
    if not found.complete:
        raise typer.Exit(1)


def print_reconciliation(found: Reconciliation) -> None:
    """Every proof, then the verdict."""
    from apportion.cli.console import findings

    for proof in found.proofs:
        _print(proof)
    findings(found.findings)
    _verdict(found)


def _print(proof: Proof) -> None:
    from apportion.cli.console import money, table

    rows = [
        ("control total", money(proof.control)),
        ("read", money(proof.read)),
        ("  loaded", money(proof.loaded)),
        ("    direct", money(proof.direct)),
        ("    shared", money(proof.shared)),
        ("    idle", money(proof.idle)),
        ("    unallocated", money(proof.unallocated)),
        ("    other", money(proof.other)),
        ("  quarantined", money(proof.quarantined)),
        ("difference", money(proof.difference)),
    ]
    if proof.control is None:
        rows = rows[1:]
    state = f"proven to {proof.proven_to}" if proof.ok else "DOES NOT HOLD"
    if not proof.complete:
        state += f", incomplete: {proof.unread_rows} rows whose amount can't be read"
    elif proof.unread_rows:
        state += f", {proof.unread_rows} unread rows acknowledged"
    title = f"{proof.source} · {proof.basis} in {proof.currency}: {state}"
    table(title, ("", proof.currency), rows)


def _verdict(found: Reconciliation) -> None:
    from apportion.cli.console import say

    period = found.run.period
    if found.stale:
        say(f"A newer bill was loaded after this run: apportion run --period {period}")
    if not found.ok:
        say(f"{period}: the proof FAILS.")
    elif not found.complete:
        say(
            f"{period}: the sums hold, but the proof is incomplete: mend the quarantined rows and "
            "load again, or `apportion acknowledge --source S --period P --because TEXT`."
        )
    else:
        say(f"{period}: proven, to the last digit.")
