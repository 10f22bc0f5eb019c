"""apportion load: bring bills in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, actor, state_of
from apportion.errors import ApportionError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from apportion.load import PeriodLoad, SourceLoad
    from apportion.load.usage import UsageLoad


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
    """Bring in bills and usage: what is new or restated replaces its month, the rest stays.

    Exits with 1 when rows had to be set aside. Where a source can't be read, those before it
    stay loaded, and are printed.
    """
    from apportion.cli.progress import Bar
    from apportion.run.bring_in import bring_in, bring_in_usage

    loaded: list[SourceLoad] = []
    usage: list[UsageLoad] = []
    try:
        with state_of(context).open() as project, Bar(quiet=as_json) as bar:
            known = project.settings.usage
            bills = [name for name in source if name not in known] if source else None
            used = [name for name in source if name in known] if source else None
            bring_in(project, bills, actor=actor(), progress=bar.show, done=loaded.append)
            bring_in_usage(project, used, actor=actor(), progress=bar.show, done=usage.append)
    except ApportionError:
        if loaded or usage:
            _print(loaded, usage, as_json=as_json)
        raise
    _print(loaded, usage, as_json=as_json)
    aside = any(period.quarantined_rows for each in loaded for period in each.periods)
    if aside or any(one.set_aside for one in usage):
        raise typer.Exit(1)


def _print(loaded: Sequence[SourceLoad], usage: Sequence[UsageLoad], *, as_json: bool) -> None:
    """What was loaded, for people or as JSON."""
    from apportion.cli.console import findings, print_json
    from apportion.publish.documents import load_document
    from apportion.publish.usage_document import usage_load_document

    if as_json:
        document = {"sources": [load_document(each) for each in loaded]}
        print_json(document | {"usage": [usage_load_document(each) for each in usage]})
        return
    for each in loaded:
        print_load(each)
        findings(each.findings)
    for one in usage:
        print_usage(one)
        findings(one.findings)


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


def print_usage(found: UsageLoad) -> None:
    """What a source of usage brought: one row for each month that changed."""
    from apportion.cli.console import say, some, table

    say(
        f"{found.source}: {some(found.files_read, 'file')} read, {found.files_known} known "
        f"already; {some(found.rows, 'record')} in {found.seconds:.1f} s"
    )
    rows = [
        (
            str(one.period),
            str(one.state),
            *(
                f"{count:,}"
                for count in (
                    one.read,
                    one.accepted,
                    one.duplicate,
                    one.superseded,
                    one.conflict,
                    one.rejected,
                )
            ),
        )
        for one in found.periods
        if one.state != "unchanged"
    ]
    if rows:
        counts = ("read", "accepted", "duplicate", "superseded", "conflict", "rejected")
        table("", ("period", "", *counts), rows, left=2)


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
