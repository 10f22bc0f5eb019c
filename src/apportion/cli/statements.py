"""apportion statements: those of all teams as files, a site, mails or calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, State, actor, period_of, state_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apportion.publish.delivery.deliver import Sent
    from apportion.publish.documents import Document
    from apportion.publish.papers.facts import PaperFacts, Version
    from apportion.publish.papers.write_papers import Written

statements_app = typer.Typer()


def register(app: typer.Typer) -> None:
    app.add_typer(statements_app, name="statements")


@statements_app.callback(invoke_without_command=True)
def statements(
    context: typer.Context,
    period: Annotated[
        str, typer.Option("--period", metavar="YYYY-MM", help="The billing period, say 2026-10.")
    ] = "",
    folder: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="The folder to write to.")
    ] = None,
    formats: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMATS",
            help="pdf, xlsx, html, with commas between; html makes a site with an index.",
        ),
    ] = "pdf",
    draft: Annotated[
        bool, typer.Option("--draft", help="Don't issue them: they have no number then.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Issue the statements of all teams, and write them into a folder.

    The first issue of a month is no. 1; another run of the month is issued as no. 2. Files of
    the same issue are the same, byte by byte. The site needs no server and no script.
    """
    from apportion.cli.console import print_json, say, some
    from apportion.errors import UsageError
    from apportion.publish.papers.facts import gather_facts
    from apportion.publish.papers.issue_papers import issue_papers
    from apportion.publish.papers.write_papers import check_formats, write_papers

    if context.invoked_subcommand is not None:
        return
    if not period or folder is None:
        raise UsageError("say which month, and where to", hint="give --period YYYY-MM and --to DIR")
    wanted = check_formats(formats)
    with state_of(context).open() as project:
        facts = gather_facts(project, period_of(period))
        if not draft:
            facts = issue_papers(project, facts, actor=actor())
        written = write_papers(facts, folder, wanted)
    if as_json:
        print_json(_document(facts, written, folder))
        return
    _tell(facts)
    say(f"{_version(facts.version)}: {some(len(written), 'statement')} in {folder}")


def write_one(
    state: State, period: str, team: str, form: str, output: Path | None, *, as_json: bool
) -> None:
    """Write one team's statement to a file."""
    from apportion.cli.console import print_json, say
    from apportion.errors import UsageError
    from apportion.publish.papers.draw_paper import draw_paper
    from apportion.publish.papers.evidence import EvidenceDesk
    from apportion.publish.papers.facts import gather_facts
    from apportion.publish.papers.file_names import file_names
    from apportion.publish.papers.write_papers import check_formats, draw_file

    if not period or not team:
        raise UsageError(
            "say whose statement, and of which month", hint="give --period YYYY-MM and --team TEAM"
        )
    named = form or (output.suffix[1:].lower() if output else "")
    (kind,) = check_formats(named, most=1)
    with state.open() as project:
        facts = gather_facts(project, period_of(period), team)
        evidence = EvidenceDesk(facts).draw(team, draw_paper(facts, team))
        content = draw_file(evidence, kind)
    path = output or Path(f"{file_names([team], str(facts.run.period))[team]}.{kind}")
    path.write_bytes(content)
    if as_json:
        print_json(_heading(facts) | {"files": [str(path)], "evidence": evidence.digest})
        return
    _tell(facts)
    say(f"{_version(facts.version)}: wrote {path}")


@statements_app.command()
def send(
    context: typer.Context,
    period: PeriodOption,
    way: Annotated[
        str, typer.Option("--to", metavar="WAY", help="email (to the teams' owners) or webhook.")
    ],
    team: Annotated[
        list[str] | None, typer.Option("--team", "-t", help="Only this team; may be given again.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be sent to whom.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Send also what was sent there before.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Issue the statements of a month, and send each to its team.

    How is set under `delivery` in apportion.yaml. Whom what was sent to stands in the audit
    log, and isn't sent there a second time. Exits with 1 where some couldn't be sent.
    """
    from apportion.cli.console import print_json
    from apportion.publish.delivery.deliver import Order, check_way, deliver
    from apportion.publish.papers.facts import gather_facts
    from apportion.publish.papers.issue_papers import issue_papers
    from apportion.run.statement import one_team

    with state_of(context).open() as project:
        check_way(project, way)
        facts = gather_facts(project, period_of(period))
        for name in team or ():
            one_team(facts.statements[0], name)
        if not dry_run:
            facts = issue_papers(project, facts, actor=actor())
        order = Order(tuple(team or ()), dry_run=dry_run, again=again)
        sent = tuple(deliver(project, facts, way, order, actor=actor()))
    if as_json:
        listed = [
            {"team": one.team, "to": one.to or None, "state": one.state, "why": one.why or None}
            for one in sent
        ]
        print_json(_heading(facts) | {"sent": listed})
    else:
        _print_sent(facts, sent)
    if any(one.state == "failed" for one in sent):
        raise typer.Exit(1)


_STATES = {"known": "sent before", "planned": "would be sent", "failed": "NOT sent"}


def _print_sent(facts: PaperFacts, sent: Sequence[Sent]) -> None:
    from apportion.cli.console import table

    _tell(facts)
    rows = [(one.team, one.to, _STATES.get(one.state, one.state), one.why) for one in sent]
    title = f"{facts.run.period} · {_version(facts.version)}"
    table(title, ("team", "to", "", "why"), rows, left=4)


def _tell(facts: PaperFacts) -> None:
    """What must be known of the figures, and why something isn't told."""
    from apportion.cli.console import findings, say

    findings(facts.notices)
    if facts.moved_why:
        say(f"the statements don't tell the causes of the change: {facts.moved_why}")
    if facts.costs_why:
        say(f"the statements have no unit costs: {facts.costs_why}")


def _version(version: Version) -> str:
    state = "closed" if version.state.is_closed else "not closed yet"
    if version.issue is None:
        return f"draft, month {state}"
    return f"statement no. {version.issue.number}, month {state}"


def _heading(facts: PaperFacts) -> Document:
    from apportion.publish.documents import finding_document

    issue = facts.version.issue
    return {
        "period": str(facts.run.period),
        "run": facts.run.id,
        "number": issue.number if issue else None,
        "closed": facts.version.state.is_closed,
        "findings": [finding_document(one) for one in facts.notices],
        "causes_missing": facts.moved_why or None,
        "unit_costs_missing": facts.costs_why or None,
    }


def _document(facts: PaperFacts, written: Sequence[Written], folder: Path) -> Document:
    return _heading(facts) | {
        "folder": str(folder),
        "statements": [
            {
                "team": one.team,
                "evidence": one.digest,
                "files": [path.name for path in one.files],
            }
            for one in written
        ],
    }
