"""apportion explain: why does a team carry this?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of

if TYPE_CHECKING:
    from fractions import Fraction

    from apportion.run.explain import Explanation


COLUMNS = ("service", "resource", "tags", "rule", "amount")


def register(app: typer.Typer) -> None:
    app.command()(explain)


def explain(
    context: typer.Context,
    period: PeriodOption,
    team: Annotated[str, typer.Option("--team", "-t", help="The team.")],
    line: Annotated[str, typer.Option("--line", help="Only this line, by its id.")] = "",
    charges: Annotated[
        int, typer.Option("--charges", min=0, help="Also show this many of the largest charges.")
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Explain a team's lines: rule, evidence, driver quantities, exact share, and the charges."""
    from apportion.cli.console import print_json, say
    from apportion.publish.documents import explanation_document
    from apportion.run.explain import explain as find
    from apportion.run.explain import explain_all
    from apportion.run.saved import latest_run
    from apportion.run.statement import currencies, draw_statement

    with state_of(context).open() as project:
        run = latest_run(project.books, period_of(period))
        statement = draw_statement(run, currencies(run, project.settings.currency)[0])
        if run.currency:
            found = explain_all(run, project.settings.currency, team, line or None)
        else:
            found = find(run, statement, team, line or None)
        largest = None
        if charges:
            from apportion.run.charges import largest_charges

            largest = largest_charges(project.workspace, project.model, run, team, charges)
    if as_json:
        document = explanation_document(found, statement.basis)
        if largest is not None:
            document["charges"] = largest
        print_json({"period": period, "team": team, "currency": statement.currency} | document)
        return
    if not found:
        say(f"team {team} carries nothing in {period}")
    for each in found:
        _print(each)
    if largest is not None:
        _print_charges(largest)


def _print(found: Explanation) -> None:
    from apportion.cli.console import money, say, table
    from apportion.cli.rates import words_of
    from apportion.run.explain import percent, rounded

    line, currency = found.line, found.currency
    what = f"share of pool {line.pool}" if line.pool else line.service or "(no service named)"
    say(f"{what}: {money(line.amount)} {currency}   line {line.id}")
    for original in found.originals:
        say(f"  converted: {words_of(original.rate)}")
    if found.share is not None and found.pool_cost is not None:
        say(f"  = {percent(found.share)} % ({found.share}) of the pool, split by {found.method}")
        table(
            "  what the share rests on",
            ("driver", "weight", "yours", "all", "unit"),
            [
                (u.driver, _figure(u.weight), _figure(u.quantity), _figure(u.total), u.unit)
                for u in found.uses
            ],
        )
    places = -int(line.amount.as_tuple().exponent)
    table(
        "  what the pool is made of" if line.pool else "  which rules decided",
        ("rule", "evidence", "source", "service", "charges", currency),
        [
            (
                reason.rule or "(no rule)",
                str(reason.evidence),
                reason.source,
                reason.service,
                f"{reason.charges:,}",
                money(rounded(reason.amount, places)),
            )
            for reason in found.reasons
        ],
        left=4,
    )


def _figure(value: Fraction) -> str:
    """A quantity for reading: at most four decimal places."""
    from apportion.run.explain import rounded

    return f"{rounded(value, 4).normalize():,f}"


def _print_charges(rows: list[dict[str, object]]) -> None:
    from apportion.cli.console import table

    table(
        "largest charges",
        COLUMNS,
        [tuple(str(row[name] or "") for name in COLUMNS) for row in rows],
        left=4,
    )
