"""apportion post: send a period's journal to an ERP, and read back that it has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, actor, period_of, state_of

if TYPE_CHECKING:
    from apportion.domain.posting import PostingStatus
    from apportion.publish.erp.post.plan import Plan
    from apportion.publish.erp.post.post_period import Posted


def register(app: typer.Typer) -> None:
    app.command()(post)
    app.command()(postings)


def post(
    context: typer.Context,
    period: PeriodOption,
    target: Annotated[
        str,
        typer.Option(
            "--to", metavar="TARGET", help="sap, netsuite, xero or quickbooks, as `erp` says."
        ),
    ],
    reconcile: Annotated[
        bool,
        typer.Option(
            "--reconcile", help="Read all of a posted period back again, and mark it reconciled."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent; send nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Send the journal of a closed period to an ERP, read it back, and mark it posted.

    What is posted already stays as it is, and a post that broke off is taken up: run the
    command again. Nothing is sent twice; what may have arrived is looked for first. Credentials
    come from the environment. Exits with 1 while something isn't posted.
    """
    from apportion.cli.console import findings, print_json, remark
    from apportion.publish.erp.post.post_period import Outside, prepare_post
    from apportion.publish.erp.post.post_period import post as send
    from apportion.publish.posting_document import plan_document, posted_document

    asked = period_of(period)
    with state_of(context).open() as project:
        if dry_run:
            drawn = prepare_post(project, asked, target)
            if as_json:
                print_json(plan_document(drawn))
                return
            findings(drawn.findings)
            _show_plan(drawn)
            return
        found = send(
            project, asked, target, actor=actor(), reconcile=reconcile, outside=Outside(told=remark)
        )
    if as_json:
        print_json(posted_document(found))
    else:
        findings(found.findings)
        _show(found)
    if not found.whole:
        raise typer.Exit(1)


def postings(
    context: typer.Context,
    period: Annotated[
        str, typer.Option("--period", metavar="YYYY-MM", help="Only of this period.")
    ] = "",
    target: Annotated[str, typer.Option("--to", metavar="TARGET", help="Only to this ERP.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List what ERPs were sent: where each posting is, under which number, and why not."""
    from apportion.cli.console import print_json
    from apportion.publish.erp.post.post_period import postings_of
    from apportion.publish.posting_document import posting_document

    asked = period_of(period) if period else None
    with state_of(context).open() as project:
        found = postings_of(project, asked, target)
    if as_json:
        print_json({"postings": [posting_document(one) for one in found]})
    else:
        _list(found)


def _show_plan(drawn: Plan) -> None:
    from apportion.cli.console import money, say, some, table

    rows = [
        (posting.id, posting.currency, money(posting.debits), str(posting.lines))
        for _, posting in drawn.messages
    ]
    title = f"{drawn.period} to {drawn.connector.target.title} at {drawn.connector.url}"
    table(title, ("posting", "currency", "debits", "lines"), rows, left=2)
    say(f"{some(len(rows), 'posting')} would be sent; nothing was")


def _show(found: Posted) -> None:
    from apportion.cli.console import printable, say, some

    _list(found.postings)
    for name, said in found.by_others.items():
        say(f"{name}: {printable(said)}; it isn't posted twice")
    for one in found.postings:
        if one.last and not one.is_posted and one.last.reasons:
            said = "is not what the ERP has" if str(one.state) == "differs" else f"is {one.state}"
            say(f"{one.posting.id} {said}: {printable('; '.join(one.last.reasons))}")
            say(f"  do: {_REMEDIES[str(one.state)]}")
    done = sum(one.is_posted for one in found.postings)
    if not found.postings:
        say(f"{found.period} has nothing for {found.target}")
        return
    every = some(len(found.postings), "posting")
    say(f"posted: {done} of {every}; {found.period} is {found.state}")


_REMEDIES = {
    "prepared": "run the command again later; nothing was sent of it",
    "sent": "run the command again: it is looked for before anything is sent",
    "unknown": "run the command again: it is looked for before anything is sent",
    "rejected": "correct what the ERP says (open its period, add the account, name a code under "
    "`codes`), and run the command again; nothing of it is in the ERP, and nothing is lost",
    "accepted": "it is in the ERP, and isn't sent again; run the command again to read it back",
    "differs": "compare it with `apportion journal` in the ERP, correct it there, and run the "
    "command again; it isn't sent again",
}


def _list(found: tuple[PostingStatus, ...]) -> None:
    from apportion.cli.console import money, table

    rows = [
        (
            one.posting.id,
            one.posting.target,
            str(one.state or "waiting"),
            one.last.number if one.last else "",
            one.posting.currency,
            money(one.posting.debits),
            str(one.posting.lines),
        )
        for one in found
    ]
    names = ("posting", "to", "state", "number", "currency", "debits", "lines")
    table("", names, rows, left=5)
