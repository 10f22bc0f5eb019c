"""apportion audit: the log of who did what, and the proof that nobody changed it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from apportion.cli.state import JsonOption, actor, state_of

audit_app = typer.Typer(help="The audit log: who did what and why, and that it is whole.")


def register(app: typer.Typer) -> None:
    app.add_typer(audit_app, name="audit")


@audit_app.command()
def log(
    context: typer.Context,
    subject: Annotated[str, typer.Option("--subject", help="Only what this was done to.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Print the log, the oldest line first."""
    from apportion.cli.console import print_json, table

    with state_of(context).open() as project:
        lines = project.books.audit(subject or None)
    if as_json:
        listed = [
            {
                "at": one.at.isoformat(),
                "actor": one.actor,
                "action": one.action,
                "subject": one.subject,
                "detail": dict(one.detail),
            }
            for one in lines
        ]
        print_json({"audit": listed})
        return
    rows = [
        (
            f"{one.at:%Y-%m-%d %H:%M:%S}",
            one.actor,
            one.action,
            one.subject,
            ", ".join(f"{name} {value}" for name, value in one.detail.items() if name != "rows"),
        )
        for one in lines
    ]
    table("", ("at (UTC)", "who", "did", "to", ""), rows, left=5)


@audit_app.command()
def verify(
    context: typer.Context,
    kept: Annotated[
        str, typer.Option("--head", metavar="HASH", help="A head that was kept elsewhere.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Check the chain of the log: an edit, a deletion or a swap breaks it at its place.

    Prints the digest of the last line: keep it elsewhere and give it with --head, and nobody
    can cut the tail off unseen. Lines whose time lies before that of the line before are told:
    the clock was set back.

    The books are compared with the log as well: each journal document is computed anew from
    its lines, and steps of periods, roles, approvals and postings are compared row by row.
    Exits with 3 where the chain is broken, or the books aren't what the log says.
    """
    from apportion.cli.console import print_json, say
    from apportion.store.books.audit_chain import set_back

    with state_of(context).open() as project:
        count, head, broken = project.books.verify_audit(kept)
        with project.books.reading() as connection:
            back = set_back(connection)
        departed = project.books.verify_books()
    if as_json:
        fault = {"line": broken.line, "why": broken.why} if broken else None
        told: dict[str, object] = {
            "lines": count,
            "head": head,
            "broken": fault,
            "clock_set_back": list(back),
        }
        told["books"] = [asdict(one) for one in departed]
        print_json(told)
    elif broken:
        say(f"the chain breaks at line {broken.line}: {broken.why}; {count} lines before it hold")
    else:
        say(f"{count} lines hold; the head is {head}")
    for line in back if not as_json else ():
        say(f"line {line} is earlier than the one before it: the clock was set back")
    for one in departed if not as_json else ():
        say(f"the books aren't what the log says: {one}")
    if broken or departed:
        raise typer.Exit(3)


@audit_app.command()
def head(context: typer.Context, as_json: JsonOption = False) -> None:
    """Print the digest of the last line: keep it where whoever writes the books can't."""
    from apportion.cli.console import print_json, say
    from apportion.store.books.audit_chain import head as last

    with state_of(context).open() as project, project.books.reading() as connection:
        found = last(connection)
    if as_json:
        print_json({"head": found})
    else:
        say(found)


@audit_app.command()
def export(
    context: typer.Context,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="The file to write.")],
    since: Annotated[
        str, typer.Option("--since", metavar="YYYY-MM-DD", help="From the first line of that day.")
    ] = "",
    kind: Annotated[
        str, typer.Option("--format", help="jsonl, or csv; by the file's name when left out.")
    ] = "",
    names: Annotated[
        bool, typer.Option("--names/--no-names", help="Whether people's names stand beside.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Write the log to a file that can be verified without apportion.

    In a CSV what a spreadsheet could take for a formula has a ' before it.
    """
    from apportion.cli.console import print_json, say
    from apportion.errors import UsageError
    from apportion.publish.audit_export import FORMATS, audit_text
    from apportion.store.books.audit import stored_lines
    from apportion.store.books.audit_chain import GENESIS

    form = kind or ("csv" if to.suffix.lower() == ".csv" else "jsonl")
    if form not in FORMATS:
        raise UsageError(f"no format is called {form!r}", hint=f"known: {', '.join(FORMATS)}")
    moment = _moment(since) if since else None
    with state_of(context).open() as project, project.books.reading() as connection:
        lines = stored_lines(connection, moment)
    to.write_text(audit_text(lines, form, names=names), encoding="utf-8", newline="")
    last = lines[-1].hash if lines else GENESIS
    if as_json:
        print_json({"file": str(to), "lines": len(lines), "head": last})
    else:
        say(f"wrote {len(lines)} lines to {to}; the head is {last}")


def _moment(text: str) -> datetime:
    from apportion.errors import UsageError

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day", hint="write it as 2026-10-15") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@audit_app.command()
def pseudonymise(
    context: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Whose name is to go.")],
    because: Annotated[str, typer.Option("--because", help="Why, for the audit log.")],
    as_json: JsonOption = False,
) -> None:
    """Take somebody's name out of the books for good; what they did stays, under a pseudonym.

    The chain of the log holds as before. It can't be undone.
    """
    from apportion.cli.console import print_json, say
    from apportion.govern.pseudonymise import pseudonymise as take_away

    with state_of(context).open() as project:
        found = take_away(project, person, actor=actor(), because=because)
    if as_json:
        left = [{"column": column, "rows": rows} for column, rows in found.left]
        print_json({"pseudonym": found.pseudonym, "left": left})
        return
    say(f"the name is gone; it was {found.pseudonym}")
    for column, rows in found.left:
        say(f"a text with the name is left in {rows} rows of {column}")
