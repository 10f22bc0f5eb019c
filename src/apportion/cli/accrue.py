"""apportion accrue: what a month is expected to cost, booked before its bills are complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, actor, period_of, state_of

if TYPE_CHECKING:
    from apportion.ledger.accrual_accuracy import Accuracy, Nearness
    from apportion.ledger.accrue import Accrued


def register(app: typer.Typer) -> None:
    app.command()(accrue)


def accrue(
    context: typer.Context,
    period: Annotated[
        str, typer.Option("--period", metavar="YYYY-MM", help="The billing period, say 2026-10.")
    ] = "",
    because: Annotated[str, typer.Option("--because", help="Why, for the audit log.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Estimate; book nothing.")] = False,
    report: Annotated[
        bool,
        typer.Option("--report", help="Accrued beside actual, by source and by team; all months."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Book what a month is expected to cost, and its reversal on day one of the next.

    Each source goes by its run-rate (what is loaded ÷ days covered × days of the month), by
    usage at its prices while its bill is awaited, or by the mean of the months before; the
    method is told. Another estimate takes the former back; the same again does nothing.
    """
    from apportion.cli.console import print_json
    from apportion.errors import UsageError
    from apportion.ledger.accrual_accuracy import accrual_accuracy
    from apportion.ledger.accrue import accrue as book
    from apportion.ledger.accrue import prepare_accrual
    from apportion.publish.life_document import accrued_document, accuracy_document

    asked = period_of(period) if period else None
    if asked is None and not report:
        raise UsageError("say which month", hint="give --period YYYY-MM, or --report")
    with state_of(context).open() as project:
        if report:
            told = accrual_accuracy(project, asked)
            if as_json:
                print_json({"accruals": [accuracy_document(one) for one in told]})
            else:
                _print_report(told)
            return
        assert asked is not None
        if dry_run:
            found = prepare_accrual(project, asked)
        else:
            found = book(project, asked, actor=actor(), because=because)
    if as_json:
        print_json(accrued_document(found, booked=not dry_run))
    else:
        _print_accrued(found, period, dry_run=dry_run)


def _print_accrued(found: Accrued, period: str, *, dry_run: bool) -> None:
    from apportion.cli.console import findings, money, say, some, table
    from apportion.domain.money import minor_digits
    from apportion.run.explain import rounded

    findings(found.findings)
    rows = [
        (one.name, one.method, one.basis, one.currency,
         money(rounded(one.amount, minor_digits(one.currency))))
        for one in found.accrual.of_kind("source")
    ]  # fmt: skip
    table(
        f"{period} is expected to cost", ("source", "method", "basis", "", "amount"), rows, left=4
    )
    if dry_run:
        say("nothing is booked")
    elif found.booked:
        told = some(len(found.booked), "journal document")
        say(f"{period} is accrued by {actor()}; {told} booked, reversals included")
    else:
        say(f"{period}: this estimate stands already, or nobody is charged; nothing is booked")


def _print_report(found: tuple[Accuracy, ...]) -> None:
    from apportion.cli.console import say, table

    for one in found:
        state = "" if one.closed else ", not closed yet"
        rows = [_row(row) for row in one.rows]
        for kind, currency in sorted({(row.kind, row.currency) for row in one.rows}):
            rows.append(_row(one.total(kind, currency)))
        heads = ("", "", "method", "accrued", "actual", "true-up", "%")
        table(f"{one.accrual.period}: accrued beside actual{state}", heads, rows, left=3)
        _say_mean(one)
    if not found:
        say("nothing was accrued")


def _say_mean(found: Accuracy) -> None:
    from apportion.cli.console import say
    from apportion.run.explain import rounded

    for kind, currency in sorted({(row.kind, row.currency) for row in found.rows}):
        off = found.mean_absolute_percent(kind, currency)
        if off is not None:
            say(f"by {kind}, {currency}: {rounded(off, 2)} % off without signs")


def _row(one: Nearness) -> tuple[str, ...]:
    from apportion.cli.console import money
    from apportion.domain.money import minor_digits
    from apportion.run.explain import rounded

    digits = minor_digits(one.currency)
    figures = (one.accrued, one.actual, one.difference)
    shown = ("" if value is None else money(rounded(value, digits)) for value in figures)
    percent = "" if one.percent is None else f"{rounded(one.percent, 2):+}"
    return (f"{one.kind} {one.name}", one.currency, one.method, *shown, percent)
