"""apportion retention: what is older than it need be kept, and taking it away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from apportion.cli.state import JsonOption, actor, state_of

if TYPE_CHECKING:
    from apportion.govern.retention import Due

retention_app = typer.Typer(help="Retention: what may go by age, and what holds it.")


def register(app: typer.Typer) -> None:
    app.add_typer(retention_app, name="retention")


@retention_app.command()
def check(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the loads whose age is over, and what holds those that stay. Changes nothing."""
    from apportion.cli.console import print_json
    from apportion.govern.retention import due_loads

    with state_of(context).open() as project:
        found = due_loads(project)
    if as_json:
        print_json({"due": [_document(one) for one in found]})
    else:
        _print(found)


@retention_app.command()
def apply(
    context: typer.Context,
    really: Annotated[
        bool, typer.Option("--really", help="Remove it; without this it is only listed.")
    ] = False,
    because: Annotated[str, typer.Option("--because", help="Why, for the audit log.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Remove loads whose age is over and that nothing holds, with their files in the lake.

    What a close, a journal or a latest run rests on stays, and so does what a legal hold names.
    """
    from apportion.cli.console import print_json, say
    from apportion.govern.retention import apply_retention, due_loads

    with state_of(context).open() as project:
        found = due_loads(project)
        removed = apply_retention(project, actor=actor(), because=because) if really else None
    if as_json:
        print_json(
            {
                "applied": really,
                "due": [_document(one) for one in found],
                "removed": {
                    "snapshots": [one.snapshot for one in removed.loads] if removed else [],
                    "runs": list(removed.runs) if removed else [],
                    "files": list(removed.files) if removed else [],
                },
            }
        )
        return
    _print(found)
    if removed is None:
        say("nothing was removed; say --really")
    else:
        counts = f"{len(removed.loads)} loads, {len(removed.runs)} runs"
        say(f"removed {counts} and {len(removed.files)} files of the lake")


def _document(one: Due) -> dict[str, Any]:
    load = one.load
    return {
        "snapshot": load.snapshot,
        "source": load.source,
        "period": str(load.period),
        "kind": str(load.kind),
        "loaded_at": load.loaded_at.isoformat(),
        "current": load.current,
        "age": one.age,
        "held": one.held,
    }


def _print(found: tuple[Due, ...]) -> None:
    from apportion.cli.console import table

    rows = [
        (
            one.load.source,
            str(one.load.period),
            str(one.load.kind),
            f"{one.load.loaded_at:%Y-%m-%d}",
            one.load.snapshot[:12],
            one.held or "may go",
        )
        for one in found
    ]
    table("", ("source", "period", "kind", "loaded", "snapshot", "held by"), rows, left=6)
