"""apportion ask: put questions to likely owners, one file for each, to be answered by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, actor, period_of, state_of

if TYPE_CHECKING:
    from apportion.insight.questions import QuestionFile
    from apportion.run.open_project import OpenProject


def register(app: typer.Typer) -> None:
    app.command()(ask)


def ask(
    context: typer.Context,
    period: PeriodOption,
    top: Annotated[
        int,
        typer.Option("--top", min=1, help="About how many resources, the costliest first."),
    ] = 50,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to; the project's questions/ otherwise."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a question file for each likely owner: what it is, its cost, the evidence.

    A person writes accept, deny or another team's name after each `answer:`;
    `apportion answer FILE` takes the answers in.
    """
    from datetime import UTC, datetime

    from apportion.insight.draw_questions import draw_questions
    from apportion.insight.questions import file_name, write_questions
    from apportion.insight.untagged import find_untagged

    with state_of(context).open() as project:
        found = find_untagged(project.workspace, project.model, period_of(period))
        today = datetime.now(UTC).date()
        files = draw_questions(found, project.model, today, top)
        folder = out or project.settings.root / "questions"
        usual = project.settings.currency
        named = [(folder / file_name(a.team, a.period, a.currency, usual), a) for a in files]
        write_questions(named)
        for path, asked in named:
            _log(project, asked, path)
    _report(named, period, as_json=as_json)


def _log(project: OpenProject, asked: QuestionFile, path: Path) -> None:
    for one in asked.questions:
        detail = {
            "team": asked.team,
            "period": str(asked.period),
            "cost": format(one.cost, "f"),
            "score": str(one.score),
            "file": path.name,
        }
        project.books.log(actor(), "ask", one.resource, detail)


def _report(written: list[tuple[Path, QuestionFile]], period: str, *, as_json: bool) -> None:
    from apportion.cli.console import print_json, printable, say

    if as_json:
        files = [
            {
                "file": str(path),
                "team": asked.team,
                "who": asked.who or None,
                "currency": asked.currency,
                "questions": len(asked.questions),
                "cost": format(sum(one.cost for one in asked.questions), "f"),
            }
            for path, asked in written
        ]
        print_json({"period": period, "files": files})
        return
    for path, asked in written:
        cost = sum(one.cost for one in asked.questions)
        who = f" ({asked.who})" if asked.who else ""
        text = f"{path}: {len(asked.questions)} questions to {asked.team}{who}, "
        say(printable(f"{text}{cost:,.2f} {asked.currency}"))
    if written:
        say("Next: have them answered, then apportion answer FILE…")
    else:
        say("nobody to ask: no resource in the gap has a likely owner")
