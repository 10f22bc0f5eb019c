"""apportion statement: what each team carries."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, State, period_of, state_of

if TYPE_CHECKING:
    from apportion.domain.result import Run
    from apportion.run.statement import Statement, StatementLine, TeamStatement

BASES = {
    "billed": "BilledCost",
    "effective": "EffectiveCost",
    "list": "ListCost",
    "contracted": "ContractedCost",
}


def register(app: typer.Typer) -> None:
    app.command()(statement)


def statement(
    context: typer.Context,
    period: Annotated[
        str, typer.Option("--period", metavar="YYYY-MM", help="The billing period, say 2026-10.")
    ] = "",
    start: Annotated[
        str, typer.Option("--from", metavar="DAY", help="First day of a span instead of a period.")
    ] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="DAY", help="The day after the last one of the span.")
    ] = "",
    team: Annotated[str, typer.Option("--team", "-t", help="Only this team, line by line.")] = "",
    currency: Annotated[
        str, typer.Option("--currency", help="Which currency; all that were billed otherwise.")
    ] = "",
    basis: Annotated[
        str,
        typer.Option("--basis", help="billed, effective, list or contracted cost."),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Print statements: direct cost, each shared pool, budget, change on the month before.

    A span (--from, --until) is evaluated on the spot over days of usage, and
    is provisional: nothing of it is saved.
    """
    from apportion.cli.console import console, print_json
    from apportion.publish.documents import statement_document
    from apportion.run.statement import one_team

    found, stale = _statements(state_of(context), period, (start, until), currency, basis)
    if team:
        one_team(found[0], team)
    if as_json:
        print_json(
            statement_document(found[0], team=team or None, others=found[1:], stale=bool(stale))
        )
        return
    if stale:
        console(stderr=True).print(f"warning: {stale}: apportion run --period {period}")
    for each in found:
        if team:
            print_team(each, one_team(each, team))
        else:
            print_statement(each)


def _statements(
    state: State, period: str, span: tuple[str, str], currency: str, basis: str
) -> tuple[list[Statement], str]:
    """The statements asked for, the reporting currency's first, and why they may be stale."""
    from apportion.errors import NotLoaded, UsageError
    from apportion.run.reconcile import is_stale
    from apportion.run.saved import latest_run
    from apportion.run.statement import currencies, draw_statement

    if bool(period) == any(span) or any(span) != all(span):
        raise UsageError(
            "say which days", hint="give --period YYYY-MM, or both --from DAY and --until DAY"
        )
    stale = ""
    with state.open() as project:
        previous: Run | None = None
        if period:
            run = latest_run(project.books, period_of(period))
            previous = project.books.run(run.period.previous(), {"lines", "teams", "proofs"})
            if is_stale(project.books, run):
                stale = "another bill was loaded after this run"
        else:
            from apportion.run.span import evaluate_span

            run = evaluate_span(project.workspace, project.model, _day(span[0]), _day(span[1]))
        wanted = currencies(run, project.settings.currency)
        if currency:
            if currency not in wanted:
                raise NotLoaded(
                    f"nothing was billed in {currency}", hint=f"there is {', '.join(wanted)}"
                )
            wanted = (currency,)
    named = _basis(basis)
    drawn = [draw_statement(run, each, basis=named, previous=previous) for each in wanted]
    return drawn, stale


def _basis(name: str) -> str:
    from apportion.errors import UsageError

    if not name or name in BASES.values():
        return name
    if name not in BASES:
        raise UsageError(f"no cost basis is called {name!r}", hint=f"use one of {', '.join(BASES)}")
    return BASES[name]


def _day(text: str) -> date:
    from apportion.errors import UsageError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day", hint="write it as YYYY-MM-DD") from None


def print_statement(found: Statement) -> None:
    """All teams, one row each."""
    from apportion.cli.console import money, say, table
    from apportion.domain.result import LineKind

    provisional = ", provisional" if found.provisional else ""
    title = f"{found.period} · {found.basis} in {found.currency}{provisional}"
    rows = [
        (
            team.facts.title or team.facts.team,
            money(team.sum_of(LineKind.DIRECT)),
            money(team.sum_of(LineKind.SHARED)),
            money(team.total),
            money(team.budget),
            money(team.variance),
            money(team.change),
        )
        for team in found.teams
    ]
    rows += [(f"kept in pool {pool}", "", "", money(kept), "", "", "") for pool, kept in found.kept]
    rows.append(("unallocated", "", "", money(found.unallocated), "", "", ""))
    rows.append(("total", "", "", money(found.total), "", "", ""))
    table(title, ("team", "direct", "shared", "total", "budget", "variance", "change"), rows)
    say(f"rounding: {found.rounding:+,f} {found.currency} against the exact bill; run {found.run}")


def print_team(found: Statement, team: TeamStatement) -> None:
    """One team, line by line."""
    from apportion.cli.console import money, say, table

    center = f" · cost centre {team.facts.cost_center}" if team.facts.cost_center else ""
    provisional = ", provisional" if found.provisional else ""
    title = (
        f"{team.facts.title or team.facts.team}{center} · {found.period} · "
        f"{found.basis} in {found.currency}{provisional}"
    )
    rows = [(_label(line), _share(line), money(line.amount), line.id) for line in team.lines]
    rows.append(("total", "", money(team.total), ""))
    table(title, ("", "share", found.currency, "line"), rows)
    if team.budget is not None:
        say(f"budget {money(team.budget)}, variance {money(team.variance)}")
    if team.change is not None:
        say(f"the month before {money(team.previous)}, change {money(team.change)}")


def _label(line: StatementLine) -> str:
    return f"share of {line.pool}" if line.pool else (line.service or "(no service named)")


def _share(line: StatementLine) -> str:
    from apportion.run.explain import percent

    return "" if line.share is None else f"{percent(line.share):f} %"
