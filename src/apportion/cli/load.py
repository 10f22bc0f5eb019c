"""apportion load: bring bills in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, actor, state_of

if TYPE_CHECKING:
    pass


def register(app: typer.Typer) -> None:
    app.command()(load)


def load(
    context: typer.Context,
    source: Annotated[
        list[str] | None, typer.Option("--source", "-s", help="Only this source; may be repeated.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring in bills: what is new or restated replaces the period as a whole, the rest stays.

    Exits with 1 when rows had to be set aside.
    """
    from apportion.cli.console import findings, print_json
    from apportion.cli.progress import Bar
    from apportion.run.bring_in import bring_in

    with state_of(context).open() as project, Bar(quiet=as_json) as bar:
        loaded = bring_in(project, source or None, actor=actor(), progress=bar.show)
    if as_json:
        print_json({"sources": [_document(each) for each in loaded]})
    else:
        for each in loaded:
            _print(each)
            findings(each.findings)
    if any(period.quarantined_rows for each in loaded for period in each.periods):
        raise typer.Exit(1)
