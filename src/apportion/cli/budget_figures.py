"""apportion budget list, show, compare and status: the figures of budgets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.budget_of import NameOption, VersionOption, wanted_budget
from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of

if TYPE_CHECKING:
    from apportion.domain.budget import BudgetLine
    from apportion.insight.budget_status import BudgetStatus


def register(app: typer.Typer) -> None:
    app.command("list")(list_)
    for command in (show, compare, status):
        app.command()(command)


def print_lines(lines: Iterable[BudgetLine], currency: str) -> None:
    """One row for each owner: its months, and their sum."""
    from apportion.cli.console import table
    from apportion.publish.budget_document import amount_text

    held = tuple(lines)
    months = sorted({line.month for line in held})
    rows = []
    for owner, extra in dict.fromkeys((line.owner, line.allowance) for line in held):
        own = {x.month: x.units for x in held if (x.owner, x.allowance) == (owner, extra)}
        cells = [amount_text(own.get(month), currency) or "–" for month in months]
        name = f"{owner} (allowance)" if extra else str(owner)
        rows.append((name, amount_text(sum(own.values()), currency) or "", *cells))
    table("", ("owner", "sum", *map(str, months)), rows)


def list_(context: typer.Context, name: NameOption = "", as_json: JsonOption = False) -> None:
    """List versions and transfers, the oldest first, with their state."""
    from apportion.cli.console import print_json, table
    from apportion.publish.budget_document import amount_text, budget_document
    from apportion.store.books.budgets import read_budgets

    with state_of(context).open() as project, project.books.reading() as connection:
        kept = read_budgets(connection, name or None)
    if as_json:
        print_json({"budgets": [budget_document(one) for one in kept]})
        return
    rows = []
    for one in kept:
        document = one.document
        moved = sum(max(line.units, 0) for line in document.lines)
        rows.append(
            (
                document.id,
                str(one.state),
                document.author,
                f"{document.at:%Y-%m-%d}",
                document.currency,
                amount_text(moved, document.currency) or "",
            )
        )
    table("", ("budget", "state", "author", "made", "currency", "amount"), rows, left=5)


def show(
    context: typer.Context,
    name: NameOption = "",
    version: VersionOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Show a version, month by month, after the transfers that were approved within it."""
    from apportion.cli.console import print_json, say
    from apportion.publish.budget_document import budget_document
    from apportion.store.books.budgets import lines_in_force, read_budget

    with state_of(context).open() as project:
        wanted = wanted_budget(project, name, version, 0)
        with project.books.reading() as connection:
            kept = read_budget(connection, wanted)
            lines = lines_in_force(connection, kept.document)
    if as_json:
        print_json(budget_document(kept, lines))
        return
    print_lines(lines, kept.document.currency)
    say(f"{kept.document.title}: {kept.told}")


def compare(
    context: typer.Context,
    first: Annotated[int, typer.Argument(metavar="V1", help="The one version.")],
    second: Annotated[int, typer.Argument(metavar="V2", help="The other.")],
    name: NameOption = "",
    as_json: JsonOption = False,
) -> None:
    """Compare two versions of a budget: what each owner gets more or less, by month."""
    from apportion.cli.console import print_json, table
    from apportion.insight.compare_budgets import compare_budgets
    from apportion.publish.budget_document import amount_text
    from apportion.store.books.budgets import lines_in_force, read_budget

    with state_of(context).open() as project:
        wanted = [wanted_budget(project, name, number, 0) for number in (first, second)]
        with project.books.reading() as connection:
            kept = [read_budget(connection, one).document for one in wanted]
            found = compare_budgets(*((one, lines_in_force(connection, one)) for one in kept))
    code = kept[0].currency
    listed = [
        {
            "owner": str(one.owner),
            "month": str(one.month),
            "allowance": one.allowance,
            "old": amount_text(one.old, code),
            "new": amount_text(one.new, code),
            "difference": amount_text(one.new - one.old, code),
        }
        for one in found
    ]
    if as_json:
        print_json({"old": wanted[0], "new": wanted[1], "currency": code, "differences": listed})
        return
    keys = ("owner", "month", "old", "new", "difference")
    table("", keys, [[str(one[key]) for key in keys] for one in listed], left=2)


def status(
    context: typer.Context,
    period: PeriodOption,
    allowance: Annotated[
        str,
        typer.Option(
            "--allowance", help="first: it is used up before the budget; apart: it bears the rest."
        ),
    ] = "apart",
    as_json: JsonOption = False,
) -> None:
    """Hold a month, and the year so far, against the approved budget."""
    from apportion.cli.console import print_json
    from apportion.errors import UsageError
    from apportion.insight.budget_status import AllowanceUse, budget_status
    from apportion.publish.budget_document import status_document

    if allowance not in set(AllowanceUse):
        raise UsageError(f"{allowance!r} is no use of an allowance", hint="first, or apart")
    with state_of(context).open() as project:
        found = budget_status(project, period_of(period), AllowanceUse(allowance))
    if as_json:
        print_json(status_document(found))
    else:
        _print_status(found)


def _print_status(found: BudgetStatus) -> None:
    from apportion.cli.console import say, table
    from apportion.publish.budget_document import status_document

    said = status_document(found)
    keys = {
        "owner": "owner",
        "budget": "budget",
        "actual": "actual",
        "allowance_used": "from allowance",
        "variance_percent": "variance %",
        "year_budget": "year",
        "year_actual": "spent",
        "burn_percent": "burn %",
        "left": "left",
    }
    rows = [["–" if one[key] is None else one[key] for key in keys] for one in said["owners"]]
    table(f"{found.budget.title}, {found.period}, {said['currency']}", [*keys.values()], rows)
    if found.missing:
        say(f"without a run: {', '.join(map(str, found.missing))}")
