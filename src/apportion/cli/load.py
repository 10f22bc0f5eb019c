"""apportion load: bring bills in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, actor, state_of

if TYPE_CHECKING:
    from decimal import Decimal

    from apportion.load import PeriodLoad, SourceLoad


MOST_MOVED = 10
"""Services and accounts that are printed for a restated period."""


def register(app: typer.Typer) -> None:
    app.command()(load)


def load(
    context: typer.Context,
    source: Annotated[
        list[str] | None, typer.Option("--source", "-s", help="Only this source; may be repeated.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring in bills: what is new or restated replaces the period as a whole, the rest stays.

    Exits with 1 when rows had to be set aside.
    """
    from apportion.cli.console import findings, print_json
    from apportion.cli.progress import Bar
    from apportion.publish.documents import load_document
    from apportion.run.bring_in import bring_in

    with state_of(context).open() as project, Bar(quiet=as_json) as bar:
        loaded = bring_in(project, source or None, actor=actor(), progress=bar.show)
    if as_json:
        print_json({"sources": [load_document(each) for each in loaded]})
    else:
        for each in loaded:
            print_load(each)
            findings(each.findings)
    if any(period.quarantined_rows for each in loaded for period in each.periods):
        raise typer.Exit(1)


def print_load(found: SourceLoad) -> None:
    """What a source brought: one row per period that changed, currency, and its money."""
    from apportion.cli.console import figure, say, some, table

    fetched = f"{found.files_fetched} fetched, " if found.files_fetched else ""
    speed = f", {found.rows_per_second:,.0f} rows/s" if found.rows else ""
    say(
        f"{found.source}: {fetched}{some(found.files_read, 'file')} read, "
        f"{found.files_known} known already, "
        f"{some(found.files_duplicate, 'duplicate')}; {some(found.rows, 'row')} "
        f"in {found.seconds:.1f} s{speed}"
    )
    rows = [
        (
            str(period.period),
            str(period.state),
            totals.currency,
            f"{totals.read_rows:,}",
            f"{totals.quarantined_rows:,}",
            figure(totals.loaded.get("BilledCost", totals.loaded.get("EffectiveCost"))),
            figure(_change(period, totals.currency)),
        )
        for period in found.periods
        if period.state != "unchanged"
        for totals in period.totals
    ]
    if rows:
        headings = ("period", "", "currency", "rows", "quarantined", "loaded", "change")
        table("", headings, rows, left=3)
    _print_moved(found)


def _print_moved(found: SourceLoad) -> None:
    """The largest movements of each period that was restated."""
    from apportion.cli.console import figure, say, table

    for period in found.periods:
        if period.moved:
            rows = [
                (
                    one.service or "(no service)",
                    one.account or "–",
                    figure(one.amount),
                    one.currency,
                )
                for one in period.moved[:MOST_MOVED]
            ]
            title = f"{period.period}: what moved, on {period.moved[0].basis}"
            table(title, ("service", "account", "by", ""), rows, left=2)
            if len(period.moved) > MOST_MOVED:
                say(f"… and {len(period.moved) - MOST_MOVED} more; `--json` lists them all")


def _change(period: PeriodLoad, currency: str) -> Decimal | None:
    return period.change.get((currency, "BilledCost"))
