"""apportion sources: how fresh and how whole is what was loaded?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, period_of, state_of

if TYPE_CHECKING:
    from apportion.domain.snapshot import Totals
    from apportion.insight.source_states import SourceState


def register(app: typer.Typer) -> None:
    app.command()(sources)


def sources(
    context: typer.Context,
    period: Annotated[
        str, typer.Option("--period", metavar="YYYY-MM", help="Only this billing period.")
    ] = "",
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="NAME", help="Only this source; may be given again."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show how each source stands: freshness, totals, quarantine, final or not, unrecognised AI."""
    from apportion.cli.console import print_json
    from apportion.errors import NotLoaded
    from apportion.insight.source_states import source_states

    wanted = [period_of(period)] if period else []
    with state_of(context).open() as project:
        found = source_states(project.workspace, wanted, source or ())
    if not found:
        raise NotLoaded("nothing is loaded", hint="load the bills: `apportion load`")
    if as_json:
        print_json({"sources": [_document(one) for one in found]})
    else:
        _print(found)


HEADINGS = (
    "source", "period", "state", "proven to", "loaded", "until", "rows", "aside",
    "billed", "effective", "corrections", "unrecognised AI", "",
)  # fmt: skip


def _print(found: tuple[SourceState, ...]) -> None:
    from apportion.cli.console import figure, table

    rows = [
        (
            one.source,
            str(one.period),
            str(one.finality),
            _proven_to(one, totals),
            f"{one.loaded_at:%Y-%m-%d %H:%M}",
            str(one.newest or "–"),
            f"{totals.loaded_rows:,}",
            f"{totals.quarantined_rows:,}",
            figure(totals.loaded.get("BilledCost")),
            figure(totals.loaded.get("EffectiveCost")),
            figure(one.corrections.get(totals.currency)),
            figure(one.unrecognised.get(totals.currency)),
            totals.currency,
        )
        for one in found
        for totals in one.totals
    ]
    table("", HEADINGS, rows, left=4)


def _proven_to(one: SourceState, totals: Totals) -> str:
    """In words, why it isn't proven where it isn't."""
    if proven := one.proven_to(totals):
        return proven
    return "NOT: unread" if any(totals.unread.values()) else "NOT: differs"


def _document(one: SourceState) -> dict[str, object]:
    from apportion.publish.documents import trimmed

    return {
        "source": one.source,
        "format": one.format,
        "period": str(one.period),
        "state": str(one.finality),
        "final": one.finality.startswith("final"),
        "declared": {
            "actor": one.declared.actor,
            "because": one.declared.because,
            "at": one.declared.at.isoformat(),
        }
        if one.declared
        else None,
        "loaded_at": one.loaded_at.isoformat(),
        "newest_charge": str(one.newest) if one.newest else None,
        "totals": [
            {
                "currency": totals.currency,
                "proven_to": one.proven_to(totals) or None,
                "control_difference": {
                    basis: trimmed(money) for basis, money in one.differences(totals).items()
                },
                "rows": totals.loaded_rows,
                "quarantined": totals.quarantined_rows,
                "loaded": {basis: trimmed(money) for basis, money in totals.loaded.items()},
                "corrections": trimmed(one.corrections.get(totals.currency)),
                "unrecognised_ai": trimmed(one.unrecognised.get(totals.currency)),
            }
            for totals in one.totals
        ],
    }
