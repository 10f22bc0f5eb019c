"""apportion periods: where each month is in its life, and what is done and open on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, period_of, state_of

if TYPE_CHECKING:
    from apportion.domain.period_life import PeriodStep
    from apportion.ledger.checklist import Checklist


def register(app: typer.Typer) -> None:
    app.command()(periods)


def periods(
    context: typer.Context,
    period: Annotated[
        str, typer.Option("--period", metavar="YYYY-MM", help="Only this month.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """List the steps of each month, and its checklist.

    open, accrued, in review, closed, posted, reconciled; until when teams may look at it and
    who accepted, which approvals there are, how near its accrual came, how often it was
    restated.
    """
    from apportion.cli.console import print_json, table
    from apportion.ledger.checklist import checklist, checklists
    from apportion.publish.life_document import checklist_document

    asked = period_of(period) if period else None
    with state_of(context).open() as project:
        lists = (checklist(project, asked),) if asked else checklists(project)
        steps = project.books.steps(asked)
    if as_json:
        listed = [_step(one) for one in steps]
        print_json({"steps": listed, "periods": [checklist_document(one) for one in lists]})
        return
    rows = [
        (str(one.period), str(one.state), one.actor, f"{one.at:%Y-%m-%d %H:%M}", one.because)
        for one in sorted(steps, key=lambda one: (one.period, one.at))
    ]
    table("the life of periods", ("period", "state", "by", "at (UTC)", "because"), rows, left=5)
    heads = ("period", "state", "review", "approvals", "accrual", "restated")
    table("checklist", heads, [_row(one) for one in lists], left=6)


def _step(one: PeriodStep) -> dict[str, str | None]:
    return {
        "period": str(one.period),
        "state": str(one.state),
        "run": one.run or None,
        "by": one.actor,
        "because": one.because or None,
        "at": one.at.isoformat(),
    }


def _row(one: Checklist) -> tuple[str, ...]:
    approvals = ", ".join(f"{each.request.subject}: {each.state}" for each in one.approvals)
    restated = f"{len(one.restatements)} ×" if one.restatements else ""
    return (str(one.period), str(one.state), _review(one), approvals, _accrual(one), restated)


def _review(one: Checklist) -> str:
    if one.review is None:
        return ""
    answers = one.review.answers.values()
    silent = sum(said.silent for said in answers)
    others = sum(said.on_behalf for said in answers)
    told = f"until {one.review.window.until}: {len(answers) - silent} accepted"
    told += f" ({others} on behalf)" if others else ""
    return f"{told}, {silent} by silence, {len(one.review.waiting)} without a word"


def _accrual(one: Checklist) -> str:
    from apportion.cli.console import money
    from apportion.domain.money import minor_digits
    from apportion.run.explain import rounded

    if one.accuracy is None:
        return ""
    told = []
    for currency in sorted({row.currency for row in one.accuracy.rows}):
        total, digits = one.accuracy.total("source", currency), minor_digits(currency)
        said = f"{money(rounded(total.accrued, digits))} {currency}"
        if total.difference is not None:
            said += f", true-up {money(rounded(total.difference, digits))}"
        told.append(said)
    return "; ".join(told)
