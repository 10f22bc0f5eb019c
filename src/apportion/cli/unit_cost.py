"""apportion unit-cost: what one of each thing costs, formula and denominator beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from apportion.insight.token_savings import Saving
    from apportion.insight.unit_cost_values import UnitCost
    from apportion.insight.unit_costs import UnitCosts


def register(app: typer.Typer) -> None:
    app.command("unit-cost")(unit_cost)


def unit_cost(
    context: typer.Context,
    period: PeriodOption,
    team: Annotated[
        str, typer.Option("--team", "-t", help="Only what this team carries and used.")
    ] = "",
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="WHAT",
            help="Tell usage apart by team, model, run, provider, key, day, user, project, pool …",
        ),
    ] = "",
    months: Annotated[
        int, typer.Option("--months", min=1, max=60, help="The trend over so many months.")
    ] = 1,
    as_json: JsonOption = False,
) -> None:
    """Print what one of each thing costs: a call, 1M tokens, a GPU hour, a run, a read, an order.

    The numerator is what teams carry by the period's latest run, on its cost basis, traced to
    the usage that it is for; the formula and both numbers stand beside each figure. What isn't
    metered is said to be so.
    """
    from apportion.cli.console import print_json
    from apportion.insight.unit_costs import trend
    from apportion.publish.unit_cost_document import unit_cost_document

    with state_of(context).open() as project:
        found, missing = trend(
            project.workspace, project.model, period_of(period), months, team=team, by=by
        )
    if as_json:
        print_json(unit_cost_document(found, missing))
        return
    print_unit_costs(found)
    if missing:
        from apportion.cli.console import say

        say(f"no run by this model: {', '.join(map(str, missing))}")


def print_unit_costs(found: Sequence[UnitCosts]) -> None:
    """The last month's figures, their formulas, savings, the trend, and what is left open."""
    from apportion.cli.console import figure, say, table
    from apportion.run.prove import as_decimal

    last = found[-1]
    title = f"{last.run.period} · unit costs · {last.run.basis}"
    table(
        f"{title} · {last.team}" if last.team else title,
        ("", "of", last.by, "cost", "", "÷", "", "×", "="),
        [_row(one) for one in last.costs],
        left=3,
    )
    for measure, formula in dict.fromkeys((one.measure, one.formula) for one in last.costs):
        say(f"{measure} = {formula}")
    for one in last.costs:
        if one.note:
            where = f" ({one.of})" if one.of else ""
            say(f"{one.measure}{where}: {one.note}")
    _print_savings(last.savings)
    if len(found) > 1:
        _print_trend(found)
    for run, why in last.unjoined:
        say(f"run {run} has no cost here: {why}")
    for code, whole in last.whole.items():
        traced = last.traced[code]
        say(
            f"of {figure(as_decimal(_cents(whole)))} {code} carried, "
            f"{figure(as_decimal(_cents(traced)))} is for metered usage"
        )


def _cents(value: Fraction) -> Fraction:
    from fractions import Fraction as Exact

    from apportion.run.explain import rounded

    return Exact(rounded(value))


def _row(one: UnitCost) -> tuple[str, ...]:
    from apportion.cli.console import money, printable
    from apportion.run.explain import rounded

    return (
        one.measure,
        printable(one.of),
        printable(one.group),
        money(rounded(one.cost)),
        one.currency,
        "–" if one.count is None else _count(one.count),
        one.unit,
        f"{one.per:,}" if one.per != 1 else "",
        _figure(one.figure),
    )


def _count(value: Fraction) -> str:
    """A quantity to four places, without zeros that say nothing."""
    from apportion.run.explain import rounded

    text = f"{rounded(value, 4):,f}"
    return text.rstrip("0").rstrip(".")


def _figure(value: Fraction | None) -> str:
    """A unit cost with as many places as tell something: six digits, and at least cents."""
    from apportion.cli.console import money
    from apportion.run.explain import rounded

    if value is None:
        return "n/a"
    places, size = 2, abs(value)
    while 0 < size < 1000 and places < 10:
        size *= 10
        places += 1
    return money(rounded(value, max(2, places - 1)))


def _print_savings(savings: Sequence[Saving]) -> None:
    from apportion.cli.console import money, say, table
    from apportion.insight.token_savings import FORMULAS
    from apportion.run.explain import rounded

    if not savings:
        return
    rows = [
        (
            one.kind,
            one.group,
            money(rounded(one.gained)),
            money(rounded(one.paid)),
            money(rounded(one.saving)),
            one.currency,
            _count(one.tokens),
            _count(one.written),
            "" if one.hit_rate is None else f"{rounded(one.hit_rate * 100, 1)} %",
            _count(one.unknown) if one.unknown else "",
        )
        for one in savings
    ]
    heads = ("at prices", "", "gained", "paid", "saving", "", "tokens", "written", "hit rate",
             "without price")  # fmt: skip
    table("", heads, rows, left=2)
    for kind in dict.fromkeys(one.kind for one in savings):
        say(f"{kind} = {FORMULAS[kind]}")


def _print_trend(found: Sequence[UnitCosts]) -> None:
    from apportion.cli.console import printable, table

    names = dict.fromkeys(
        (one.measure, one.of, one.group, one.currency) for month in found for one in month.costs
    )
    held = [
        {(one.measure, one.of, one.group, one.currency): one.figure for one in month.costs}
        for month in found
    ]
    rows = [
        (*(printable(text) for text in name), *(_figure(month.get(name)) for month in held))
        for name in names
    ]
    heads = ("trend", "of", found[-1].by, "", *(str(one.run.period) for one in found))
    table("", heads, rows, left=4)
