"""apportion kpis: how good the allocation is, each figure with its formula."""

from __future__ import annotations

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of


def register(app: typer.Typer) -> None:
    app.command()(kpis)


def kpis(context: typer.Context, period: PeriodOption, as_json: JsonOption = False) -> None:
    """Print the KPIs of allocation: allocated, shared, idle and tagged cost, with their formulas.

    For the period's latest run, on its cost basis, by the currencies that were
    billed. A figure whose denominator is zero is n/a.
    """
    from apportion.cli.console import money, print_json, say, table
    from apportion.insight.kpis import find_kpis
    from apportion.publish.documents import exact
    from apportion.run.explain import rounded
    from apportion.run.saved import latest_run

    with state_of(context).open() as project:
        run = latest_run(project.books, period_of(period))
        found = find_kpis(project.workspace, project.model, run)
    if as_json:
        listed = [
            {
                "name": one.name,
                "currency": one.currency,
                "formula": one.formula,
                "numerator": exact(one.numerator),
                "denominator": exact(one.denominator),
                "percent": None if one.percent is None else str(one.percent),
            }
            for one in found
        ]
        print_json({"period": period, "run": run.id, "basis": run.basis, "kpis": listed})
        return
    table(
        f"{period} · KPIs of allocation · {run.basis}",
        ("", "percent", "of", "all", ""),
        [
            (
                one.name,
                "n/a" if one.percent is None else f"{one.percent:f} %",
                money(rounded(one.numerator)),
                money(rounded(one.denominator)),
                one.currency,
            )
            for one in found
        ],
    )
    for name, formula in dict.fromkeys((one.name, one.formula) for one in found):
        say(f"{name} {formula}")
