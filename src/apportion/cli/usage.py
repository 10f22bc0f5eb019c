"""apportion usage: who used how much of what is metered, and which identities nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from apportion.insight.usage_report import ClusterHour, UnknownIdentity, UsedMeter


def register(app: typer.Typer) -> None:
    app.command()(usage)


def usage(
    context: typer.Context,
    period: PeriodOption,
    team: Annotated[str, typer.Option("--team", "-t", help="Only this team.")] = "",
    source: Annotated[str, typer.Option("--source", "-s", help="Only this usage source.")] = "",
    unknown: Annotated[
        bool, typer.Option("--unknown", help="List the identities that the model doesn't know.")
    ] = False,
    hourly: Annotated[
        bool, typer.Option("--hourly", help="GPUs by the hour: capacity, quota, use, idle.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Print who used how much of each meter; `--unknown` says whose use nobody pays for.

    Of the usage that is loaded now, by the owners that the model names now.
    """
    from apportion.insight import usage_report as report

    with state_of(context).open() as project:
        asked = (project.workspace, project.model, period_of(period))
        if unknown:
            found = report.find_unknown(*asked)
            _show_unknown([one for one in found if source in {"", one.source}], as_json=as_json)
        elif hourly:
            hours = report.cluster_hours(*asked, source)
            _show_hours([one for one in hours if team in {"", one.owner}], as_json=as_json)
        else:
            rows = report.find_usage(*asked)
            _show(
                [one for one in rows if team in {"", one.owner} and source in {"", one.source}],
                period,
                as_json=as_json,
            )


def _show(rows: list[UsedMeter], period: str, *, as_json: bool) -> None:
    from apportion.allocate.shown import shown
    from apportion.cli.console import print_json, table
    from apportion.publish.documents import exact

    if as_json:
        listed = [
            {
                "owner": one.owner,
                "source": one.source,
                "meter": one.meter,
                "unit": one.unit,
                "quantity": exact(one.quantity),
                "records": one.records,
            }
            for one in rows
        ]
        print_json({"period": period, "usage": listed})
        return
    table(
        f"{period} · usage",
        ("source", "meter", "owner", "quantity", "", "records"),
        [
            (one.source, one.meter, one.owner, shown(one.quantity), one.unit, f"{one.records:,}")
            for one in rows
        ],
        left=3,
    )


def _show_unknown(found: list[UnknownIdentity], *, as_json: bool) -> None:
    from apportion.allocate.shown import shown
    from apportion.cli.console import print_json, say, table
    from apportion.publish.documents import exact

    if as_json:
        listed = [
            {
                "source": one.source,
                "identities": dict(one.names),
                "records": one.records,
                "quantities": {name: exact(n) for name, n in one.quantities.items()},
                "cost": {currency: exact(n) for currency, n in one.cost.items()},
            }
            for one in found
        ]
        print_json({"unknown": listed})
        return
    rows = [
        (
            one.source,
            ", ".join(f"{name} {value}" for name, value in one.names.items()) or "(nobody named)",
            ", ".join(f"{shown(n)} {name}" for name, n in _largest(one.quantities)),
            ", ".join(f"{shown(n)} {currency}" for currency, n in one.cost.items()) or "–",
        )
        for one in found
    ]
    table("identities that the model doesn't know", ("source", "who", "used", "at prices"), rows,
          left=3)  # fmt: skip
    if rows:
        say("do: name their teams under `identities` in the model, and run again")


def _largest(quantities: Mapping[str, Fraction]) -> list[tuple[str, Fraction]]:
    """The three largest quantities."""
    return sorted(quantities.items(), key=lambda found: (-found[1], found[0]))[:3]


def _show_hours(found: list[ClusterHour], *, as_json: bool) -> None:
    from apportion.allocate.shown import shown
    from apportion.cli.console import print_json, table
    from apportion.publish.documents import exact

    levels = list(dict.fromkeys(name for one in found for name in one.levels))
    if as_json:
        listed = [
            {
                "hour": f"{one.hour:%Y-%m-%dT%H:00:00Z}",
                "owner": one.owner or None,
                "gpu_hours": {name: exact(value) for name, value in one.levels.items()},
            }
            for one in found
        ]
        print_json({"hours": listed})
        return
    rows = [
        (
            f"{one.hour:%Y-%m-%d %H:00}",
            one.owner or "all",
            *(shown(one.levels[name]) if name in one.levels else "–" for name in levels),
        )
        for one in found
    ]
    table("GPU hours by the hour (UTC)", ("hour", "owner", *levels), rows, left=2)
