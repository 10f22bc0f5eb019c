"""apportion explain: why does a team carry this?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from apportion.cli.state import JsonOption, PeriodOption, chosen, period_of, state_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from apportion.domain.result import Run
    from apportion.publish.explanation_document import Behind
    from apportion.run.bill_rows import RowsBehind
    from apportion.run.explain import Explanation
    from apportion.run.keys_behind import KeysBehind
    from apportion.run.open_project import OpenProject
    from apportion.run.said import Sayings

CHARGES = ("currency", "service", "resource", "tags", "rule", "amount")
KEYS = ("source", "service", "resource", "tags", "rule", "charges")
ROWS = ("day", "source", "file", "row", "resource", "service")


def register(app: typer.Typer) -> None:
    app.command()(explain)


def explain(
    context: typer.Context,
    period: PeriodOption,
    team: Annotated[
        str,
        typer.Option(
            "--team", "-t", help="The team. Left out: what pools keep and nobody carries."
        ),
    ] = "",
    line: Annotated[
        str,
        typer.Option("--line", help="Only this line, by its id; without --team, anybody's."),
    ] = "",
    charges: Annotated[
        int, typer.Option("--charges", min=0, help="Also show this many of the largest charges.")
    ] = 0,
    rows: Annotated[
        int, typer.Option("--rows", min=0, help="Also show this many of each line's bill rows.")
    ] = 0,
    all_rows: Annotated[
        bool, typer.Option("--all-rows", help="Also show all of each line's bill rows.")
    ] = False,
    currency: Annotated[
        str, typer.Option("--currency", help="Only lines in this currency; all otherwise.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Explain lines as a tree: pools, rules, driver quantities, exact shares, and the charges.

    The parts of a tree sum to the line exactly. Lines of all currencies are
    explained, each in its own. --charges lists the largest charge keys behind each
    line, and the team's by currency. --rows lists the largest rows of
    the bill behind each line; behind a share of a pool these are the pool's, and
    those of pools that charge it.
    """
    from apportion.cli.console import print_json, say
    from apportion.cli.explanation_text import model_text
    from apportion.publish.explanation_document import explanation_document
    from apportion.run.explain import explain_all
    from apportion.run.said import Sayings
    from apportion.run.saved import run_to_explain
    from apportion.run.statement import currencies

    with state_of(context).open() as project:
        run = run_to_explain(project.books, period_of(period), team, line)
        wanted = chosen(currencies(run, project.settings.currency), currency)
        found = explain_all(run, wanted, team, line or None)
        said = Sayings.of(project, run)
        largest = None
        if charges:
            largest = [
                one
                for each in (wanted if team else ())
                for one in _largest(project, run, team, each, charges)
            ]
        behind = _behind(project, run, found, charges, None if all_rows else rows)
    if as_json:
        document = explanation_document(found, run.basis, said, behind)
        if largest is not None:
            document["charges"] = largest
        head = {"period": period, "team": team or None, "currency": wanted[0], "run": run.id}
        print_json(head | document)
        return
    if not found:
        say(f"{f'team {team} carries' if team else 'pools keep'} nothing in {period}")
    for each in found:
        _print(each, said)
        if each.line.id in behind.keys:
            _print_keys(each, behind.keys[each.line.id])
        if behind.rows is not None:
            _print_rows(each, behind.rows[each.line.id])
    if found:
        say(model_text(said))
    if largest:
        _print_charges(largest)


def _largest(
    project: OpenProject, run: Run, team: str, currency: str, most: int
) -> list[dict[str, Any]]:
    from apportion.run.charges import largest_charges

    return largest_charges(project.workspace, project.model, run, team, currency, most)


def _behind(
    project: OpenProject,
    run: Run,
    found: Sequence[Explanation],
    charges: int,
    rows: int | None,
) -> Behind:
    """The charge keys and the rows of bills behind lines; none where none are asked for."""
    from apportion.publish.explanation_document import Behind

    keys: Mapping[str, KeysBehind] = {}
    listed = None
    if charges:
        from apportion.run.keys_behind import keys_behind

        keys = keys_behind(project.workspace, project.model, run, found, charges)
    if rows is None or rows:
        from apportion.run.bill_rows import rows_behind

        listed = rows_behind(project.workspace, project.model, run, found, rows)
    return Behind(listed, keys)


def _print(found: Explanation, said: Sayings) -> None:
    from apportion.cli.console import money, printable, say
    from apportion.cli.explanation_text import explanation_text
    from apportion.cli.rates import words_of

    line, currency = found.line, found.currency
    shown = [f"{money(amount)} {code}" for code, amount in found.stated if code != currency]
    stated = f", {' and '.join(shown)} on the statement" if shown else ""
    mode = f" ({found.aside})" if found.aside else ""
    head = f"{line.title}{mode}: {money(line.amount)} {currency}{stated}"
    say(printable(f"{head}   line {line.id}"))
    for original in found.originals:
        say(f"  converted: {words_of(original.rate)}")
    for text in explanation_text(found, said):
        say(printable(f"  {text}"))
    say()


def _print_keys(found: Explanation, behind: KeysBehind) -> None:
    from apportion.cli.console import figure, say, table

    table(
        "  charge keys behind the line, the largest first",
        (*KEYS, found.currency),
        [
            (
                key.source,
                key.service,
                key.resource,
                key.tags,
                key.rule,
                f"{key.charges:,}",
                figure(key.amount),
            )
            for key in behind.keys
        ],
        left=len(KEYS),
    )
    say(
        f"  shown {len(behind.keys):,} of {behind.count:,} keys: {figure(behind.shown)} of "
        f"{figure(behind.total)} {found.currency}"
    )


def _print_rows(found: Explanation, behind: RowsBehind) -> None:
    from apportion.cli.console import figure, say, table
    from apportion.run.explain import percent

    of = f"pool {found.line.pool}" if found.line.pool else "the line"
    if set(found.weights) - {found.line.pool}:
        of += " and of pools that charge it"
    weighed = ("in the line",) if found.line.pool else ()
    table(
        f"  bill rows of {of}, the largest first",
        (*ROWS, behind.currency, *weighed),
        [
            (
                str(row.day),
                row.source,
                row.file,
                "" if row.row is None else str(row.row),
                row.resource,
                row.service,
                figure(row.amount),
                *(f"{percent(row.weight)} %" for _ in weighed),
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
