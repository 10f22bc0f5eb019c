"""apportion rates: what converts a period's charges, and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of

if TYPE_CHECKING:
    from apportion.domain.rate import Rate
    from apportion.domain.result import Run


def register(app: typer.Typer) -> None:
    app.command()(rates)


def rates(context: typer.Context, period: PeriodOption, as_json: JsonOption = False) -> None:
    """Show the rates of the period's latest run: of each source and currency, with what made it.

    They are those that the run was made with, whatever the rate tables say
    now. Exits with 1 when a rate is missing.
    """
    from apportion.cli.console import print_json
    from apportion.publish.documents import rate_document
    from apportion.run.saved import latest_run

    with state_of(context).open() as project:
        run = latest_run(project.books, period_of(period))
    if as_json:
        print_json(
            {
                "period": str(run.period),
                "run": run.id,
                "currency": run.currency or None,
                "rates": [rate_document(rate, quotes=True) for rate in run.rates],
            }
        )
    else:
        _print(run)
    if any(rate.missing for rate in run.rates):
        raise typer.Exit(1)


def _print(run: Run) -> None:
    from apportion.cli.console import say, table

    if not run.currency:
        say(f"the run of {run.period} converts nothing: no rates were set when it was made")
        return
    rows = [
        (
            rate.source or "(budgets)",
            rate.currency,
            str(rate.type),
            _value(rate),
            _dates(rate),
            str(len(rate.quotes)),
            rate.missing or rate.origin,
        )
        for rate in run.rates
    ]
    heads = ("source", "currency", "type", run.currency, "quoted", "days", "origin")
    table(f"{run.period} · rates to {run.currency} · run {run.id}", heads, rows, left=3)


def words_of(rate: Rate) -> str:
    """A rate in a sentence: what for, how much, of which type and days, and from whom."""
    whose = rate.source or "budgets"
    worth = _value(rate)
    much = worth if rate.value is None else f"1 {rate.currency} = {worth} {rate.into}"
    return f"{whose} {rate.currency}: {much} ({rate.type}, {_dates(rate)}, {rate.origin})"


def _value(rate: Rate) -> str:
    """A rate for reading: exact where it ends within ten places, else cut to ten and marked."""
    from fractions import Fraction

    from apportion.run.explain import rounded

    if rate.missing:
        return "MISSING"
    if rate.value is None:
        return "each day its own"
    shown = rounded(rate.value, 10)
    exactly = "" if rate.value == Fraction(shown) else "≈"
    return f"{exactly}{shown.normalize():f}"


def _dates(rate: Rate) -> str:
    if rate.first == rate.last:
        return str(rate.first or "")
    return f"{rate.first} to {rate.last}"
