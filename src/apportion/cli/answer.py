"""apportion answer: take answered question files back in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, actor, state_of

if TYPE_CHECKING:
    from apportion.insight.take_answers import Taken
    from apportion.run.open_project import OpenProject


def register(app: typer.Typer) -> None:
    app.command()(answer)


def answer(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Answered question files.")],
    as_json: JsonOption = False,
) -> None:
    """Take answers in: what is accepted is assigned, what is denied isn't proposed again.

    Nothing is written unless every answer in every file can be read. Questions
    without an answer stay open.
    """
    from datetime import UTC, datetime

    from apportion.cli.assign import log_assignments
    from apportion.insight.questions import read_answers
    from apportion.insight.take_answers import take_answers

    held = [read_answers(path) for path in files]
    today = datetime.now(UTC).date()
    with state_of(context).open() as project:
        taken = take_answers(project.workspace, project.model, held, actor=actor(), today=today)
        project.reread_model()
        if taken.changed:
            log_assignments(project, taken.assigned)
        _log_denials(project, taken)
    _report(taken, as_json=as_json)


def _log_denials(project: OpenProject, taken: Taken) -> None:
    for one in taken.denied:
        detail = {"team": one.team, "on": str(one.on), "because": one.because}
        project.books.log(actor(), "deny", one.resource, detail)


def _report(taken: Taken, *, as_json: bool) -> None:
    from apportion.cli.assign import assignment_document
    from apportion.cli.console import print_json, say

    if as_json:
        document = {
            "changed": taken.changed,
            "assignments": [assignment_document(one) for one in taken.assigned],
            "denials": [
                {"resource": one.resource, "team": one.team, "because": one.because or None}
                for one in taken.denied
            ],
            "open": taken.open,
        }
        print_json(document)
        return
    say(
        f"{len(taken.assigned)} assigned ({taken.changed} lines written), "
        f"{len(taken.denied)} newly denied, {taken.open} still open"
    )
    if taken.changed:
        say("Next: apportion run --period YYYY-MM")
