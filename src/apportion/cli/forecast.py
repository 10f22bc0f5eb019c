"""apportion forecast: the running month's end and the months to come, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, actor, day_of, period_of, state_of

if TYPE_CHECKING:
    from apportion.insight.forecast.forecasts import Forecast, Forecasts


def register(app: typer.Typer) -> None:
    app.command()(forecast)


def forecast(
    context: typer.Context,
    period: Annotated[
        str,
        typer.Option(
            "--period", metavar="YYYY-MM", help="The running month; the last loaded if left out."
        ),
    ] = "",
    as_of: Annotated[
        str,
        typer.Option("--as-of", metavar="YYYY-MM-DD", help="The last day that counts as known."),
    ] = "",
    months: Annotated[int, typer.Option("--months", min=0, help="How many months ahead.")] = 12,
    team: Annotated[str, typer.Option("--team", "-t", help="Only this team.")] = "",
    pool: Annotated[str, typer.Option("--pool", help="Only this pool.")] = "",
    product: Annotated[str, typer.Option("--product", help="Only this product.")] = "",
    issued: Annotated[
        bool,
        typer.Option("--as-issued", help="The past from saved runs, not by the model of today."),
    ] = False,
    keep: Annotated[
        str,
        typer.Option("--keep", metavar="NAME", help="Keep it as a version against this budget."),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Forecast the running month's end and the months ahead, with intervals of 80 and 95 %.

    By team, pool and product. One-offs are taken out and steps to another level are taken in;
    both are told. The past is told by the model of today. With a budget, the day on which it
    is used up. Nothing is saved, unless it is kept against a budget: `apportion budget
    forecast accuracy` tells later how good it was.
    """
    from apportion.cli.console import findings, print_json
    from apportion.errors import UsageError
    from apportion.govern.keep_outlook import keep_outlook
    from apportion.insight.forecast.forecasts import Asked, find_forecasts
    from apportion.insight.past.read_month import Rules, SubjectKind
    from apportion.publish.forecast_document import forecast_document

    chosen = [
        (kind, name)
        for kind, name in (
            (SubjectKind.TEAM, team),
            (SubjectKind.POOL, pool),
            (SubjectKind.PRODUCT, product),
        )
        if name
    ]
    if len(chosen) > 1:
        raise UsageError("a team, a pool or a product", hint="give one of the three")
    kind, name = chosen[0] if chosen else (None, "")
    asked = Asked(
        months,
        period_of(period) if period else None,
        day_of(as_of) if as_of else None,
        kind,
        name,
        Rules.ISSUED if issued else Rules.TODAY,
    )
    with state_of(context).open() as project:
        found = find_forecasts(project.workspace, project.model, asked)
        if keep:
            keep_outlook(project, keep, found, actor=actor())
    if as_json:
        print_json(forecast_document(found))
        return
    findings(found.findings)
    print_forecasts(found)


def print_forecasts(found: Forecasts) -> None:
    """The running month and its budgets, the months ahead, and how good forecasts were."""
    from apportion.cli.console import say, table

    running = [_running(one) for one in found.forecasts if one.running]
    if running:
        columns = ("", "spent", "month end", "80 % from", "to", "95 % from", "to", "budget", "used")
        table(f"{found.last} as of {found.as_of} · {found.basis}", columns, running)
    _print_ahead(found)
    rows = [_accuracy(one) for one in found.forecasts if one.tested]
    heads = ("", "method", "remarks", "accuracy", "WAPE", "signed variance", "drift rate")
    table("how good forecasts a month ahead were", heads, rows, left=3)
    say("accuracy = 1 - |forecast - actual| ÷ actual, of the last month")
    say("WAPE = Σ|forecast - actual| ÷ Σ actual, of the last months")
    say("signed variance = (actual - forecast) ÷ forecast, of the last month")
    say("drift rate = Σ|forecast - forecast a month earlier| ÷ Σ forecast a month earlier")


def _print_ahead(found: Forecasts) -> None:
    from apportion.cli.console import money, printable, table
    from apportion.publish.estimate import estimate

    rows = [
        (
            printable(str(one.subject)),
            str(point.period),
            *(
                money(estimate(value, one.subject.currency))
                for value in (
                    point.value,
                    point.low_80,
                    point.high_80,
                    point.low_95,
                    point.high_95,
                )
            ),
            one.subject.currency,
        )
        for one in found.forecasts
        for point in one.outlook.points
    ]
    if rows:
        heads = ("", "month", "forecast", "80 % from", "to", "95 % from", "to", "")
        table("months ahead", heads, rows, left=2)


def _running(one: Forecast) -> tuple[str, ...]:
    from apportion.cli.console import money, printable
    from apportion.publish.estimate import estimate

    end, limit = one.running, one.limit
    assert end is not None
    values = (end.spent, end.value, end.low_80, end.high_80, end.low_95, end.high_95)
    code = one.subject.currency
    budget = money(estimate(limit.budget, code)) if limit else ""
    used = ""
    if limit:
        used = f"{limit.day:%d %b}" if limit.day else "not this month"
        if limit.earliest and limit.earliest != limit.day:
            used += f" (from {limit.earliest:%d %b})"
    amounts = (money(estimate(value, code)) for value in values)
    return (printable(str(one.subject)), *amounts, budget, used)


def _accuracy(one: Forecast) -> tuple[str, ...]:
    from apportion.cli.console import printable
    from apportion.insight.forecast.accuracy import (
        drift_rate,
        forecast_accuracy,
        signed_variance,
        wape,
    )

    last = one.tested[-1]
    measures = (
        forecast_accuracy(last),
        wape(one.tested),
        signed_variance(last),
        drift_rate(one.tested),
    )
    shown = ("–" if value is None else f"{value:.1%}" for value in measures)
    return (printable(str(one.subject)), one.outlook.method, _remarks(one), *shown)


def _remarks(one: Forecast) -> str:
    outlook = one.outlook
    said = [f"one-off in {period}" for period in outlook.one_offs]
    said += [f"new level since {outlook.step}"] if outlook.step else []
    said += ["season of the year"] if outlook.seen else []
    return ", ".join(said)
