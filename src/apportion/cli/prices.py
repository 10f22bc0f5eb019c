"""apportion prices: what an hour of a GPU, a gigabyte, a seat or a million tokens really cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apportion.insight.unit_prices import ClassCost, UnitPrice, UnitPrices


def register(app: typer.Typer) -> None:
    app.command()(prices)


def prices(context: typer.Context, period: PeriodOption, as_json: JsonOption = False) -> None:
    """Print unit prices from the loaded bills: list, billed and effective.

    An hour of each GPU or TPU, a GB-month of each storage tier, a GB of egress,
    a seat, an image, and a million tokens of each model and type. AI cost that no
    pattern recognises has no price and is shown with its amount.
    """
    from apportion.cli.console import print_json
    from apportion.insight.unit_prices import find_unit_prices
    from apportion.publish.prices_document import prices_document

    with state_of(context).open() as project:
        found = find_unit_prices(project.workspace, period_of(period))
    if as_json:
        print_json(prices_document(found))
    else:
        print_prices(found)


HEADINGS = ("", "source", "quantity", "unit", "list", "billed", "effective", "")


def print_prices(found: UnitPrices) -> None:
    """One row for each price, then what has none."""
    from apportion.cli.console import say, table

    table(f"{found.period} · unit prices", HEADINGS, [_row(one) for one in found.prices])
    _print_fees(found.prices)
    _print_costs("not recognised as any AI use", found.not_recognised)
    _print_costs("without a quantity or unit", found.unmeasured)
    if not found.prices:
        say("no charge of this period says how much of a GPU, token, gigabyte or seat it is for")


def _row(one: UnitPrice) -> tuple[str, ...]:
    from apportion.cli.console import figure
    from apportion.publish.prices_document import price_text
    from apportion.run.explain import rounded

    unit = "1M tokens" if one.unit == "tokens" else one.unit
    prices = (price_text(one, b) or "–" for b in ("ListCost", "BilledCost", "EffectiveCost"))
    name = " ".join(filter(None, (one.use.item or one.use.cost_class, one.use.token_type)))
    return name, one.source, figure(rounded(one.quantity / one.per, 3)), unit, *prices, one.currency


def _print_fees(prices: Iterable[UnitPrice]) -> None:
    from apportion.cli.console import figure, say
    from apportion.run.prove import as_decimal

    for one in prices:
        if one.fees:
            amount = f"{figure(as_decimal(one.fees))} {one.currency}"
            say(f"in the effective price of {one.use.item}: {amount} fees of commitments")


def _print_costs(title: str, costs: Iterable[ClassCost]) -> None:
    from apportion.cli.console import figure, say
    from apportion.run.prove import as_decimal

    for one in costs:
        say(
            f"{title}: {figure(as_decimal(one.amounts.EffectiveCost))} {one.currency} effective, "
            f"{figure(as_decimal(one.amounts.BilledCost))} billed ({one.source}, {one.cost_class})"
        )
