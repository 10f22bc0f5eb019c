"""apportion reproduce: a closed month evaluated again from what was frozen, byte for byte."""

from __future__ import annotations

from typing import Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of
from apportion.domain.restatement import View


def register(app: typer.Typer) -> None:
    app.command()(reproduce)


def reproduce(
    context: typer.Context,
    period: PeriodOption,
    view: Annotated[
        View, typer.Option("--view", help="As the month was issued, or as it is restated.")
    ] = View.AS_ISSUED,
    as_json: JsonOption = False,
) -> None:
    """Evaluate a closed month again from its frozen inputs, and compare every byte.

    Of statement and journal, whatever bills, model and prices were loaded since. Exits with 3
    where a byte differs.
    """
    from apportion.cli.console import print_json, say
    from apportion.ledger.reproduce import reproduce as evaluate_again
    from apportion.publish.view_document import reproduction_document

    with state_of(context).open() as project:
        document = reproduction_document(evaluate_again(project, period_of(period), view))
    if as_json:
        print_json(document)
    else:
        for part in ("statement", "journal"):
            one = document[part]
            if one["equal"]:
                say(f"{part}: {one['bytes']:,} bytes, all equal")
            else:
                say(f"{part}: DIFFERS: {one['differs_at']}")
        for other in document["other_by_now"]:
            say(f"note: {other}")
        word = "reproduced" if document["reproduced"] else "NOT reproduced"
        say(f"{period} {view}: {word} from {document['frozen_files']} frozen files")
    if not document["reproduced"]:
        raise typer.Exit(3)
