"""apportion quarantine: the rows that were set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of

if TYPE_CHECKING:
    from apportion.domain.snapshot import Quarantined


def register(app: typer.Typer) -> None:
    app.command()(quarantine)


def quarantine(
    context: typer.Context,
    period: PeriodOption,
    source: Annotated[str, typer.Option("--source", help="Only this source.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List a period's rows that were set aside: where they stand, why, and what to do.

    At most 1,000 rows of a file are kept with their text; all are counted.
    """
    from apportion.cli.console import print_json, say, table

    with state_of(context).open() as project:
        held = project.books.current(source or None, period_of(period))
    counted = sum(one.quarantined_rows for s in held for unit in s.units for one in unit.totals)
    rows = [(s.source, row) for s in held for unit in s.units for row in unit.quarantined]
    if as_json:
        listed = [_document(name, row) for name, row in rows]
        print_json({"period": period, "total": counted, "shown": len(rows), "rows": listed})
        return
    table(
        f"{_how_many(len(rows), counted)} set aside in {period}",
        ("source", "where", "column", "why", "do"),
        [(name, _place(row), row.column, row.reason, row.hint) for name, row in rows],
        left=5,
    )
    if rows:
        say("Mend the file and load again, or `apportion acknowledge` them with a reason.")


def _how_many(listed: int, counted: int) -> str:
    from apportion.cli.console import some

    rows = some(counted, "row")
    return rows if listed == counted else f"the first {listed:,} of {rows}"


def _place(row: Quarantined) -> str:
    return row.file if row.line is None else f"{row.file}:{row.line}"


def _document(source: str, row: Quarantined) -> dict[str, object]:
    return {
        "source": source,
        "file": row.file,
        "line": row.line,
        "column": row.column,
        "reason": row.reason,
        "hint": row.hint,
        "row": dict(row.row),
    }
