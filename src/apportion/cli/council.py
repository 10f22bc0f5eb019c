"""apportion council: what waits for the allocation council, and its quarterly review."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, state_of

if TYPE_CHECKING:
    from apportion.govern.council import Queue

council_app = typer.Typer(
    help="What waits for the allocation council, and its quarterly review.",
    invoke_without_command=True,
)


def register(app: typer.Typer) -> None:
    app.add_typer(council_app, name="council")


@council_app.callback()
def council(context: typer.Context, as_json: JsonOption = False) -> None:
    """What waits for the allocation council, and its quarterly review; alone, the queue."""
    if context.invoked_subcommand is None:
        # the registered command, so that whatever stands before it stands before this too
        registered = next(one for one in council_app.registered_commands if one.name == "queue")
        assert registered.callback is not None
        registered.callback(context=context, as_json=as_json)


@council_app.command("queue")
def queue(context: typer.Context, as_json: JsonOption = False) -> None:
    """What waits for the allocation council: disputes, adjustments, and rules that are due.

    Disputes come by the day by which they are to be decided. `apportion council` alone is the
    same.
    """
    from apportion.cli.console import print_json
    from apportion.govern.council import council_queue
    from apportion.publish.council_document import queue_document

    with state_of(context).open() as project:
        found = council_queue(project, datetime.now(UTC).date())
    if as_json:
        print_json(queue_document(found))
    else:
        _print_queue(found)


@council_app.command()
def review(
    context: typer.Context,
    quarter: Annotated[
        str, typer.Option("--quarter", metavar="YYYY-Qn", help="The quarter, say 2026-Q3.")
    ],
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print a page of Markdown instead of tables.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Draw a quarter's review: coverage, disputes, corrections, weights, and rules that are due.

    Each rate has its formula; n/a where it would be divided by nothing. The newest month that
    today's model made says what a tenth more of each weight would move.
    """
    from apportion.cli.console import print_json, say, table
    from apportion.govern.quarter_review import review_quarter
    from apportion.publish.council_document import review_document
    from apportion.publish.review_tables import review_markdown, review_tables

    with state_of(context).open() as project:
        found = review_quarter(project, quarter)
    if as_json:
        print_json(review_document(found))
    elif markdown:
        typer.echo(review_markdown(found), nl=False)
    else:
        for one in review_tables(found):
            table(f"{found.quarter}: {one.title}", one.headings, one.rows, left=one.left)
        for note in found.notes:
            say(note)


def _print_queue(found: Queue) -> None:
    from apportion.cli.adjust import adjustment_row
    from apportion.cli.console import say, some, table
    from apportion.cli.dispute import DISPUTES, dispute_row

    table(
        "disputes to decide",
        DISPUTES,
        [dispute_row(one, found.today) for one in found.disputes],
        left=7,
    )
    table(
        "adjustments to decide or apply",
        ("adjustment", "of", "state", "from", "to", "because", "amount"),
        [adjustment_row(one) for one in found.adjustments],
        left=6,
    )
    if found.due:
        rows = [(one.what, one.name, one.place, one.why) for one in found.due]
        table("rules due", ("what", "name", "place", "why"), rows, left=4)
    if found.overdue:
        say(f"{some(len(found.overdue), 'dispute')} overdue")
