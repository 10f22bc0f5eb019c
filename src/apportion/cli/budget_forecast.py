"""apportion budget forecast: forecasts kept against a budget, and how good they were."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.budget_of import NameOption, VersionOption, wanted_budget
from apportion.cli.state import JsonOption, actor, state_of

if TYPE_CHECKING:
    from apportion.insight.forecast_accuracy import JudgedForecast

forecast_app = typer.Typer(help="Forecasts against a budget, in versions, and their accuracy.")


def register(app: typer.Typer) -> None:
    app.add_typer(forecast_app, name="forecast")


@forecast_app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or YAML file.")],
    name: NameOption = "",
    method: Annotated[str, typer.Option("--method", help="How it was made.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Keep a forecast from a file: month, amount, low, high, and owner where it isn't all."""
    from apportion.govern.forecasts import keep_forecast
    from apportion.govern.read_budget_file import read_forecast_file
    from apportion.insight.forecast_accuracy import judge_forecast
    from apportion.store.books.budgets import read_budgets

    with state_of(context).open() as project:
        budget = wanted_budget(project, name, 0, 0, anything=True)
        with project.books.reading() as connection:
            currency = read_budgets(connection, budget)[0].document.currency
        lines = read_forecast_file(file, currency)
        made = keep_forecast(project, budget, lines, actor=actor(), method=method)
        _tell([judge_forecast(project, made)], as_json)


@forecast_app.command()
def accuracy(
    context: typer.Context,
    name: NameOption = "",
    version: VersionOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Hold forecasts against what came: accuracy by line, and the weighted error of each."""
    from apportion.errors import NotLoaded
    from apportion.insight.forecast_accuracy import judge_forecast
    from apportion.store.books.forecasts import read_forecasts

    with state_of(context).open() as project:
        budget = wanted_budget(project, name, 0, 0, anything=True)
        with project.books.reading() as connection:
            kept = read_forecasts(connection, budget)
        if not kept or version > len(kept):
            raise NotLoaded(
                f"budget {budget} has no such forecast", hint="`apportion budget forecast import`"
            )
        wanted = kept[version - 1] if version else kept[-1]
        _tell([judge_forecast(project, wanted)], as_json)


@forecast_app.command("list")
def list_(context: typer.Context, name: NameOption = "", as_json: JsonOption = False) -> None:
    """List the forecasts that were kept, each with its weighted error so far."""
    from apportion.insight.forecast_accuracy import judge_forecast
    from apportion.store.books.forecasts import read_forecasts

    with state_of(context).open() as project:
        with project.books.reading() as connection:
            kept = read_forecasts(connection, name or None)
        found = [judge_forecast(project, one) for one in kept]
    _tell(found, as_json, lines=False)


def _tell(found: list[JudgedForecast], as_json: bool, *, lines: bool = True) -> None:
    from apportion.cli.console import print_json, say, table
    from apportion.publish.budget_document import forecast_document

    said = [forecast_document(one) for one in found]
    if as_json:
        print_json({"forecasts": said})
        return
    keys = ("owner", "month", "forecast", "low", "high", "actual", "accuracy_percent")
    for one in said:
        if lines:
            rows = [["–" if each[k] is None else each[k] for k in keys] for each in one["lines"]]
            table("", keys, rows, left=2)
        error = "–" if one["wape_percent"] is None else f"{one['wape_percent']} %"
        how = one["method"] or "no method said"
        say(
            f"budget {one['budget']}, forecast {one['version']} ({how})"
            f" by {one['author']}: weighted error (WAPE) {error}"
        )
