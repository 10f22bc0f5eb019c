"""apportion change: changes of the model, proposed, agreed on and taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, actor, period_of, state_of

if TYPE_CHECKING:
    from datetime import date

    from apportion.govern.change_model import Proposed

change_app = typer.Typer(
    no_args_is_help=True, help="Changes of the model: proposed, agreed on, taken in; reviews."
)

NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", help="The change, by its number.")]
BecauseOption = Annotated[str, typer.Option("--because", help="Why, for the audit log.")]


def register(app: typer.Typer) -> None:
    app.add_typer(change_app, name="change")


@change_app.command()
def propose(
    context: typer.Context,
    model: Annotated[
        str,
        typer.Option(
            "--model", metavar="DIR|GIT-REF", help="The proposed model: folder or commit."
        ),
    ],
    effective: Annotated[
        str, typer.Option("--effective", metavar="YYYY-MM-DD", help="The first day it counts.")
    ],
    reviewers: Annotated[
        str, typer.Option("--reviewers", metavar="NAMES", help="Who must agree: ann,bob.")
    ],
    because: BecauseOption,
    authors: Annotated[
        str, typer.Option("--authors", metavar="NAMES", help="Who wrote it, besides you.")
    ] = "",
    period: Annotated[
        str,
        typer.Option(
            "--period", metavar="YYYY-MM", help="Show what it moves here; the last loaded month."
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Propose another model: what it says differently, what that would move, and who must agree.

    Nothing is allocated by it yet. Whoever proposes or wrote it, or leads a team that would pay
    less, doesn't agree to it.
    """
    from apportion.cli.compare import print_comparison
    from apportion.cli.console import findings, print_json, printable, say
    from apportion.govern.change_model import Wish, propose_change
    from apportion.publish.change_document import proposal_document

    wish = Wish(model, _day(effective), because, _names(reviewers), _names(authors))
    with state_of(context).open() as project:
        month = period_of(period) if period else None
        made, found = propose_change(project, wish, actor=actor(), period=month)
    if as_json:
        print_json(proposal_document(made, found))
        return
    findings(found.findings)
    for one in found.changes:
        say(printable(one.title))
    if found.compared:
        print_comparison(found.compared, "", ())
    if found.benefits:
        say(printable(f"would pay less: {', '.join(found.benefits)}; who leads them can't agree"))
    say(printable(f"{made.change.subject} waits for: {made.approval.waits_for}"))


@change_app.command("list")
def list_(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the changes that were proposed, and how far they are."""
    from apportion.cli.console import print_json, say, table
    from apportion.govern.change_model import list_changes
    from apportion.publish.change_document import change_document

    with state_of(context).open() as project:
        found = list_changes(project)
    if as_json:
        print_json({"changes": [change_document(one) for one in found]})
    elif found:
        heads = ("", "state", "from", "model", "proposed by", "because", "waits for")
        table("", heads, [_row(one) for one in found], left=len(heads))
    else:
        say("no change was proposed")


def _row(one: Proposed) -> tuple[str, ...]:
    change = one.change
    waits = one.approval.waits_for if one.state == "open" else ""
    named = (change.named, change.actor, change.because, waits)
    return (str(change.id), one.state, str(change.effective), *named)


@change_app.command()
def show(context: typer.Context, number: NumberArgument, as_json: JsonOption = False) -> None:
    """Show a change: what it says differently, and who said what of it."""
    from apportion.cli.console import print_json, printable, say
    from apportion.govern.change_model import show_change
    from apportion.publish.change_document import change_document

    with state_of(context).open() as project:
        found = show_change(project, number)
    if as_json:
        print_json(change_document(found))
        return
    change = found.change
    say(printable(f"change {change.id} is {found.state}: {change.named} from {change.effective}"))
    say(printable(f"proposed by {change.actor}: {change.because}"))
    for line in change.says.splitlines():
        say(printable(f"  {line}"))
    for one in found.approval.decisions:
        said = "yes" if one.approved else "no"
        say(printable(f"{one.at:%Y-%m-%d} {one.actor} says {said}: {one.because}"))
    if found.state == "open":
        say(printable(f"it waits for: {found.approval.waits_for}"))


@change_app.command("apply")
def apply_(
    context: typer.Context,
    number: NumberArgument,
    because: BecauseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take a change in, once it is agreed on and merged into the model folder.

    The folder must say exactly what was agreed on, and the effective day lie in an open month.
    """
    from apportion.cli.console import print_json, say
    from apportion.govern.change_model import apply_change
    from apportion.publish.change_document import change_document

    with state_of(context).open() as project:
        found = apply_change(project, number, actor=actor(), because=because)
    if as_json:
        print_json(change_document(found))
    else:
        say(f"change {number} is applied; run the open months again: `apportion run`")


@change_app.command()
def reviewed(context: typer.Context, because: BecauseOption, as_json: JsonOption = False) -> None:
    """Keep that you looked through the model as it is, and found it right."""
    from apportion.cli.console import print_json, say
    from apportion.govern.change_model import review_model

    with state_of(context).open() as project:
        found = review_model(project, actor=actor(), because=because)
    if as_json:
        print_json({"model": found.model, "by": found.actor, "at": found.at.isoformat()})
    else:
        say(f"the model {found.model[:12]} was looked through by {found.actor}")


def _names(text: str) -> tuple[str, ...]:
    """Names apart by commas, each once."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _day(text: str) -> date:
    from apportion.errors import UsageError
    from apportion.model.values import as_day

    try:
        return as_day(text)
    except ValueError as fault:
        raise UsageError(f"{text!r} is no day", why=str(fault), hint="say 2027-01-01") from None
