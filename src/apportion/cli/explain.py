"""apportion explain: why does a team carry this?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from apportion.cli.state import JsonOption, PeriodOption, chosen, period_of, state_of

if TYPE_CHECKING:
    from fractions import Fraction

    from apportion.run.bill_rows import RowsBehind
    from apportion.run.explain import Explanation


CHARGES = ("currency", "service", "resource", "tags", "rule", "amount")
ROWS = ("day", "source", "file", "row", "resource", "service")


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
    rows: Annotated[
        int, typer.Option("--rows", min=0, help="Also show this many of each line's bill rows.")
    ] = 0,
    currency: Annotated[
        str, typer.Option("--currency", help="Only lines in this currency; all otherwise.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Explain a team's lines: rule, evidence, driver quantities, exact share, and the charges.

    Lines of all currencies are explained, each in its own. --charges lists the
    team's largest charge keys, by currency. --rows lists the largest rows of
    the bill behind each line; behind a share of a pool these are the pool's.
    """
    from apportion.cli.console import print_json, say
    from apportion.publish.explanation_document import explanation_document
    from apportion.run.explain import explain_all
    from apportion.run.saved import latest_run
    from apportion.run.statement import currencies

    with state_of(context).open() as project:
        run = latest_run(project.books, period_of(period))
        wanted = chosen(currencies(run, project.settings.currency), currency)
        found = explain_all(run, wanted, team, line or None)
        largest, behind = None, None
        if charges:
            from apportion.run.charges import largest_charges

            largest = [
                charge
                for each in wanted
                for charge in largest_charges(
                    project.workspace, project.model, run, team, each, charges
                )
            ]
        if rows:
            from apportion.run.bill_rows import rows_behind

            behind = rows_behind(project.workspace, project.model, run, found, rows)
    if as_json:
        document = explanation_document(found, run.basis, behind)
        if largest is not None:
            document["charges"] = largest
        print_json({"period": period, "team": team, "currency": wanted[0]} | document)
        return
    if not found:
        say(f"team {team} carries nothing in {period}")
    for each in found:
        _print(each)
        if behind is not None:
            _print_rows(each, behind[each.line.id])
    if largest is not None:
        _print_charges(largest)


def _print(found: Explanation) -> None:
    from apportion.cli.console import money, say, table
    from apportion.cli.rates import words_of
    from apportion.run.explain import percent, rounded

    line, currency = found.line, found.currency
    say(f"{line.title}: {money(line.amount)} {currency}   line {line.id}")
    for original in found.originals:
        say(f"  converted: {words_of(original.rate)}")
    if found.share is not None and found.pool_cost is not None:
        say(f"  = {percent(found.share)} % ({found.share}) of the pool, split by {found.method}")
        if found.note:
            say(f"  {found.note}")
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


def _print_rows(found: Explanation, behind: RowsBehind) -> None:
    from apportion.cli.console import figure, say, table

    of = f"pool {found.line.pool}" if found.line.pool else "the line"
    table(
        f"  bill rows of {of}, the largest first",
        (*ROWS, behind.currency),
        [
            (
                str(row.day),
                row.source,
                row.file,
                "" if row.row is None else str(row.row),
                row.resource,
                row.service,
                figure(row.amount),
            )
            for row in behind.rows
        ],
        left=len(ROWS),
    )
    say(
        f"  shown {len(behind.rows):,} of {behind.count:,} rows: {figure(behind.shown)} of "
        f"{figure(behind.total)} {behind.currency}"
    )


def _print_charges(rows: list[dict[str, Any]]) -> None:
    from decimal import Decimal

    from apportion.cli.console import figure, table

    table(
        "largest charges",
        CHARGES,
        [
            (*(str(row[name] or "") for name in CHARGES[:-1]), figure(Decimal(row["amount"])))
            for row in rows
        ],
        left=len(CHARGES) - 1,
    )
