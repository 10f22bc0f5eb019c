"""apportion invoices bridge and prepaid: from what is invoiced to what statements sum to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of
from apportion.domain.restatement import View

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from apportion.domain.bridge import Bridge, Step
    from apportion.ledger.bridge_rows import BridgeRow


def bridge(
    context: typer.Context,
    period: PeriodOption,
    source: Annotated[str, typer.Option("--source", help="Only this source.")] = "",
    step: Annotated[
        str, typer.Option("--step", help="List what is behind this step, say purchases.")
    ] = "",
    top: Annotated[
        int, typer.Option("--top", min=1, help="How many rows of a step to list; JSON has all.")
    ] = 20,
    view: Annotated[
        View | None,
        typer.Option(
            "--view", help="Of a closed month: its statements as issued, or as restated since."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bridge a month from its invoices to its statements, to the last digit.

    From the invoices: less tax, less purchases that become prepaid, with amortisation of
    prepaid, credits and the provider's rounding, to effective cost and so to the sum of the
    statements. What no step explains is a line of its own. A closed month is as it was issued,
    unless its view as restated is asked for.
    Exits with 1 where there is such a line, or an invoice differs.
    """
    from apportion.cli.console import findings, print_json, say
    from apportion.domain.finding import Level
    from apportion.ledger.bridge import bridges
    from apportion.ledger.bridge_rows import bridge_rows
    from apportion.ledger.views import restatements_of
    from apportion.publish.bridge_document import bridge_document

    wanted, month = _step(step), period_of(period)
    with state_of(context).open() as project:
        found = bridges(project, month, source, view)
        restated = view is None and bool(restatements_of(project, month))
        rows = [bridge_rows(project, one, wanted) if wanted or as_json else {} for one in found]
    if as_json:
        pairs = zip(found, rows, strict=True)
        told = [bridge_document(one, behind) for one, behind in pairs]
        print_json({"period": period, "bridges": told})
    else:
        for one, behind in zip(found, rows, strict=True):
            _print(one)
            for name, parts in behind.items():
                _print_rows(name, parts, top)
        findings(finding for one in found for finding in one.findings)
        if restated:
            say(f"{period} was corrected since: --view as-restated bridges to what it says now")
    if any(finding.level is Level.ERROR for one in found for finding in one.findings):
        raise typer.Exit(1)


def _step(text: str) -> Step | None:
    from apportion.domain.bridge import Step
    from apportion.errors import UsageError
    from apportion.model.faults import did_you_mean

    if not text:
        return None
    known = tuple(str(one) for one in Step)
    if text.replace("-", "_") not in known:
        raise UsageError(f"the bridge has no step {text!r}", hint=did_you_mean(text, known))
    return Step(text.replace("-", "_"))


def _print(one: Bridge) -> None:
    from apportion.cli.console import table
    from apportion.domain.bridge import MEANINGS, TO_EFFECTIVE

    def told(step: Step) -> tuple[str, ...]:
        count = one.rows.get(step, 0)
        return (str(step), MEANINGS[step], f"{count:,}" if count else "", _figure(one.steps[step]))

    first = [told(step) for step in one.steps if step in TO_EFFECTIVE]
    then = [told(step) for step in one.steps if step not in TO_EFFECTIVE]
    ends = [("", "= effective cost", "", _figure(one.effective_cost)), *then]
    if one.statements is not None:
        ends.append(("", "= sum of the statements", "", _figure(one.statements)))
    if one.reported:
        ends.append(("", f"the same in {one.reported[0]}", "", _figure(one.reported[1])))
    title = f"{one.source}, {one.period}, {one.currency}"
    table(title, ("step", "", "charges", "amount"), [*first, *ends], left=2)


def _figure(amount: Fraction) -> str:
    from decimal import Decimal

    from apportion.cli.console import figure
    from apportion.publish.bridge_document import amount_text

    return figure(Decimal(amount_text(amount)))


def _print_rows(step: Step, rows: Sequence[BridgeRow], top: int) -> None:
    from apportion.cli.console import say, table

    told = [
        (
            one.invoice or one.place,
            one.category or one.kind,
            one.commitment or one.about,
            one.service,
            one.resource,
            one.key[:12],
            f"{one.charges:,}",
            _figure(one.amount),
        )
        for one in rows[:top]
    ]
    headings = ("invoice", "category", "commitment", "service", "resource", "key", "charges")
    table(f"behind {step}:", (*headings, "amount"), told, left=6)
    if len(rows) > top:
        say(f"… and {len(rows) - top} more: --top, or --json")


def prepaid(
    context: typer.Context,
    period: PeriodOption,
    months: Annotated[
        int, typer.Option("--months", min=1, max=120, help="How many months up to it.")
    ] = 1,
    source: Annotated[str, typer.Option("--source", help="Only this source.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Roll forward what is prepaid: each commitment's opening, bought, amortised, unused, closing.

    Each month opens where the one before it closes. Exits with 1 where more was used of a
    commitment than was bought: enter its opening balance (`apportion invoices opening`).
    """
    from apportion.cli.console import findings, print_json, table
    from apportion.ledger.prepaid import prepaid as roll
    from apportion.publish.bridge_document import prepaid_document
    from apportion.publish.documents import finding_document

    with state_of(context).open() as project:
        found = roll(project, period_of(period), months, source)
    if as_json:
        print_json(
            {
                "period": period,
                "prepaid": [prepaid_document(one) for one in found.months],
                "findings": [finding_document(one) for one in found.findings],
            }
        )
    else:
        rows = [
            (
                *(one.source, one.title or one.commitment, str(one.period), one.currency),
                *(_figure(one.opening), _figure(one.bought), _figure(-one.amortised)),
                *(_figure(-one.unused), _figure(one.closing)),
            )
            for one in found.months
        ]
        figures = ("opening", "bought", "amortised", "unused", "closing")
        table("", ("source", "commitment", "month", "", *figures), rows, left=4)
        findings(found.findings)
    if found.findings:
        raise typer.Exit(1)
