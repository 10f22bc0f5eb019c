"""apportion audit: the log of who did what, and the proof that nobody changed it."""

from __future__ import annotations

from typing import Annotated

import typer

from apportion.cli.state import JsonOption, state_of

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
            ", ".join(f"{name} {value}" for name, value in one.detail.items()),
        )
        for one in lines
    ]
    table("", ("at (UTC)", "who", "did", "to", ""), rows, left=5)


@audit_app.command()
def verify(context: typer.Context, as_json: JsonOption = False) -> None:
    """Check the chain of the log: an edit, a deletion or a swap breaks it at its place.

    Prints the digest of the last line: keep it elsewhere, and nobody can cut the tail off
    unseen. Exits with 3 where the chain is broken.
    """
    from apportion.cli.console import print_json, say

    with state_of(context).open() as project:
        count, head, broken = project.books.verify_audit()
    if as_json:
        fault = {"line": broken.line, "why": broken.why} if broken else None
        print_json({"lines": count, "head": head, "broken": fault})
    elif broken:
        say(f"the chain breaks at line {broken.line}: {broken.why}; {count} lines before it hold")
    else:
        say(f"{count} lines hold; the head is {head}")
    if broken:
        raise typer.Exit(3)
