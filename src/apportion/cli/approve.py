"""apportion approve and approvals: decide what others ask for, and what waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, actor, state_of

if TYPE_CHECKING:
    from apportion.domain.approval import Approval


def register(app: typer.Typer) -> None:
    app.command()(approve)
    app.command()(approvals)


def approve(
    context: typer.Context,
    subject: Annotated[
        list[str],
        typer.Argument(metavar="SUBJECT…", help="What was asked for, say: close 2026-10"),
    ],
    because: Annotated[str, typer.Option("--because", help="Why, for the audit log.")],
    reject: Annotated[bool, typer.Option("--reject", help="Say no.")] = False,
    content: Annotated[
        str,
        typer.Option(
            "--content", metavar="DIGEST", help="Only if this is still what is asked for."
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Say yes (or --reject) to what somebody asked for.

    Who asked for it, made it, or leads a team that would pay less by it doesn't decide. A yes
    holds for what was asked for as it is now: once that changes, it is asked for again.
    """
    from apportion.cli.console import print_json, printable, say
    from apportion.govern.approvals import decide_on
    from apportion.publish.approval_document import approval_document

    with state_of(context).open() as project:
        found = decide_on(
            project,
            " ".join(subject),
            actor=actor(),
            approved=not reject,
            because=because,
            content=content,
        )
    if as_json:
        print_json(approval_document(found))
        return
    waits = f"; it waits for: {found.waits_for}" if found.state == "open" else ""
    say(printable(f"{found.request.subject} is {found.state}{waits}"))


def approvals(
    context: typer.Context,
    every: Annotated[
        bool, typer.Option("--all", help="Also what is decided, or was asked for anew.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List what waits for somebody's yes, the oldest first."""
    from apportion.cli.console import print_json, say, table
    from apportion.govern.approvals import list_approvals
    from apportion.publish.approval_document import approval_document

    with state_of(context).open() as project:
        found = list_approvals(project, waiting=not every)
    if as_json:
        print_json({"approvals": [approval_document(one) for one in found]})
    elif found:
        heads = ("what", "says", "state", "asked by", "because", "waits for")
        table("", heads, [_row(one) for one in found], left=len(heads))
    else:
        say("nothing waits for an approval")


def _row(one: Approval) -> tuple[str, ...]:
    asked = one.request
    waits = one.waits_for if one.state == "open" else ""
    return (asked.subject, asked.says, str(one.state), asked.asker, asked.because, waits)
