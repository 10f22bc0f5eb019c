"""apportion statement: what each team carries."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from apportion.cli.state import JsonOption, State, period_of, state_of
from apportion.domain.restatement import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from apportion.domain.adjustment import Adjustment
    from apportion.domain.finding import Finding
    from apportion.domain.result import LineKind, Run
    from apportion.ledger.corrections_in import CorrectionLine
    from apportion.run.shadow_column import ShadowColumn
    from apportion.run.statement import Statement, StatementLine, TeamStatement

PREVIOUS = ("lines", "teams", "proofs", "attributed", "shares", "rates")
"""What is read of the run of the month before, and of a shadow run."""


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
        str,
        typer.Option(
            "--currency",
            help="Which currency. Left out: the reporting currency where rates are set, else all.",
        ),
    ] = "",
    original: Annotated[
        bool, typer.Option("--original", help="As billed: a statement for each currency.")
    ] = False,
    basis: Annotated[
        str,
        typer.Option("--basis", help="billed, effective, list or contracted cost."),
    ] = "",
    view: Annotated[
        View | None,
        typer.Option(
            "--view", help="Of a closed month: as it was issued, or as restated since then."
        ),
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format", metavar="FORMAT", help="Write a team's statement as pdf, xlsx or html."
        ),
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to write it."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print statements: direct cost, each shared pool, budget, change on the month before.

    With --format, a team's statement is written to a file that explains itself; it is a draft
    until `apportion statements` issues those of the month. A span (--from, --until) is
    evaluated on the spot over days of usage, and is provisional: nothing of it is saved. A view
    of a closed month tells neither of what came since nor of the month before: it is the same
    bytes whenever it is asked for.
    """
    from apportion.cli.console import findings, print_json
    from apportion.errors import UsageError
    from apportion.publish.dispute_document import adjustment_document
    from apportion.publish.documents import statement_document
    from apportion.publish.life_document import correction_line_document
    from apportion.run.notices import SHADOW_STALE
    from apportion.run.shadow_column import shadow_column
    from apportion.run.statement import one_team

    if form or output:
        from apportion.cli.statements import write_one

        if start or until or currency or original or basis or view:
            hint = "leave out --from, --until, --currency, --original, --basis, --view"
            raise UsageError("a file is a whole statement, as it is issued", hint=hint)
        write_one(state_of(context), period, team, form, output, as_json=as_json)
        return
    asked = _Asked(currency, original, basis)
    if view:
        _print_view(state_of(context), period, view, (team, asked), as_json=as_json)
        return
    asked_for = _statements(state_of(context), period, (start, until), asked)
    found, told, shadow, moved, corrected = asked_for
    if team:
        one_team(found[0], team)
    if as_json:
        document = statement_document(
            found[0], team=team or None, others=found[1:], findings=told, shadow=shadow
        )
        shown = [adjustment_document(one) for one in moved if _is_of(one, team)]
        listed = [correction_line_document(one) for one in corrected if _corrects(one, team)]
        document |= {"adjustments": shown} | ({"corrections": listed} if listed else {})
        print_json(document)
        return
    findings(told)
    if shadow and any(one.code == SHADOW_STALE for one in told):
        shadow = (shadow[0], f"{shadow[1]} (stale)")
    for each in found:
        beside = shadow_column(each, *shadow) if shadow else None
        if team:
            print_team(each, one_team(each, team), beside)
        else:
            print_statement(each, beside)
        print_adjustments(each, moved, team)
    _print_corrections([one for one in corrected if _corrects(one, team)])


def _corrects(one: CorrectionLine, team: str) -> bool:
    return not team or team in one.teams


def _print_corrections(found: Sequence[CorrectionLine]) -> None:
    """Corrections of closed months that this month carries, each naming its own."""
    from apportion.cli.console import money, table

    if not found:
        return
    rows = [
        (f"correction of {one.original}", ", ".join(one.teams), one.cost_center, one.currency,
         f"{money(one.amount)}")
        for one in found
    ]  # fmt: skip
    title = "booked in this month, and no part of its total"
    table(title, ("", "team", "cost centre", "", "amount"), rows, left=4)


def _print_view(
    state: State, period: str, view: View, what: tuple[str, _Asked], *, as_json: bool
) -> None:
    """A closed month as it was issued or as it is restated."""
    from apportion.cli.console import print_json, say
    from apportion.errors import UsageError
    from apportion.ledger.views import adjustments_in, restatements_of, standing_run
    from apportion.publish.view_document import view_document
    from apportion.run.statement import draw_statements, one_team

    team, asked = what
    if not period:
        raise UsageError("--view is of a month", hint="give --period YYYY-MM")
    with state.open() as project:
        run = standing_run(project, period_of(period), view)
        since = restatements_of(project, run.period) if view is View.AS_RESTATED else ()
        moved = adjustments_in(project, run.period, view)
        preferred = project.settings.currency
    if as_json:
        if team:
            one_team(draw_statements(run, preferred)[0], team)
        print_json(view_document(run, view, preferred, since, team, moved))
        return
    for each in _drawn(run, None, preferred, asked):
        if team:
            print_team(each, one_team(each, team))
        else:
            print_statement(each)
        print_adjustments(each, moved, team)
    for one in since:
        say(f"restated by {one.actor}, booked in {one.into}: {one.because}")


class _Asked(NamedTuple):
    """Which currency, whether as billed, and on which cost basis."""

    currency: str
    original: bool
    basis: str


class _Drawn(NamedTuple):
    """Statements with all that is shown beside them."""

    statements: list[Statement]
    told: tuple[Finding, ...]
    shadow: tuple[Run, str] | None
    moved: tuple[Adjustment, ...]
    corrected: tuple[CorrectionLine, ...]


def _statements(state: State, period: str, span: tuple[str, str], asked: _Asked) -> _Drawn:
    """The statements asked for, the reporting currency's first, and what must be known of them.

    And the shadow run beside the run with the name of its model, if there is one; the applied
    adjustments, and corrections of closed months that are booked in this one.
    """
    from apportion.domain.cost_basis import basis_named
    from apportion.errors import UsageError
    from apportion.ledger.corrections_in import corrections_in
    from apportion.run.notices import notices, stale_shadow
    from apportion.run.saved import latest_run
    from apportion.store.books.adjustments import adjustments_on

    if bool(period) == any(span) or any(span) != all(span):
        raise UsageError(
            "say which days", hint="give --period YYYY-MM, or both --from DAY and --until DAY"
        )
    told: tuple[Finding, ...] = ()
    shadow: tuple[Run, str] | None = None
    moved: tuple[Adjustment, ...] = ()
    corrected: tuple[CorrectionLine, ...] = ()
    with state.open() as project:
        previous: Run | None = None
        if period:
            run = latest_run(project.books, period_of(period))
            previous = project.books.run(run.period.previous(), PREVIOUS)
            shadow = project.books.shadow(run.id, PREVIOUS)
            with project.books.reading() as connection:
                moved = adjustments_on(connection, run.period)
            told = notices(project, run, basis_named(asked.basis))
            if shadow:
                told = (*told, *stale_shadow(project, run, *shadow))
            corrected = corrections_in(project, run.period, run)
        else:
            from apportion.run.span import evaluate_span

            run = evaluate_span(project.workspace, project.model, _day(span[0]), _day(span[1]))
        preferred = project.settings.currency
    return _Drawn(_drawn(run, previous, preferred, asked), told, shadow, moved, corrected)


def _drawn(run: Run, previous: Run | None, preferred: str, asked: _Asked) -> list[Statement]:
    """Converted where the run converts, unless the currencies of the bills are asked for."""
    from apportion.domain.cost_basis import basis_named
    from apportion.errors import NotLoaded, UsageError
    from apportion.run.statement import currencies, draw_statement, draw_statements

    basis = basis_named(asked.basis)
    if asked.original and asked.currency:
        raise UsageError("--original shows all currencies", hint="leave out one of the two")
    if not asked.original and asked.currency in {"", run.currency}:
        return list(draw_statements(run, preferred, basis=basis, previous=previous))
    billed = currencies(run, preferred)
    if asked.currency and asked.currency not in billed:
        into = f", and rates convert it to {run.currency}" if run.currency else ""
        raise NotLoaded(
            f"nothing was billed in {asked.currency}", hint=f"there is {', '.join(billed)}{into}"
        )
    wanted = (asked.currency,) if asked.currency else billed
    return [draw_statement(run, each, basis=basis, previous=previous) for each in wanted]


def _day(text: str) -> date:
    from apportion.errors import UsageError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day", hint="write it as YYYY-MM-DD") from None


def print_statement(found: Statement, beside: ShadowColumn | None = None) -> None:
    """All teams, one row each; `beside` adds what a shadow model would charge."""
    from apportion.cli.console import money, say, table
    from apportion.domain.result import LineKind

    provisional = ", provisional" if found.provisional else ""
    title = f"{found.period} · {found.basis} in {found.currency}{provisional}"
    kinds = [LineKind.DIRECT, LineKind.SHARED]
    kinds += [
        kind for kind in (LineKind.IDLE, LineKind.LOST, LineKind.VARIANCE) if _has(found, kind)
    ]
    rows = [
        (
            team.facts.title or team.facts.team,
            *(money(team.sum_of(kind)) for kind in kinds),
            money(team.total),
            money(team.budget),
            money(team.variance),
            money(team.change),
            *([money(beside.totals.get(team.facts.team))] if beside else ()),
        )
        for team in found.teams
    ]
    blank, none = ("",) * len(kinds), ("",) * (4 if beside else 3)
    aside = [(_kept(line), line.amount) for line in found.kept_lines]
    aside += [("unallocated", found.unallocated), ("total", found.total)]
    rows += [(name, *blank, money(amount), *none) for name, amount in aside]
    headings = [_HEADINGS.get(str(kind), str(kind)) for kind in kinds]
    heads = ("team", *headings, "total", "budget", "variance", "change")
    table(title, (*heads, f"by {beside.label}") if beside else heads, rows)
    _print_beside(beside)
    say(f"rounding: {found.rounding:+,f} {found.currency} against the exact bill; run {found.run}")
    print_rates(found)


_HEADINGS = {"variance": "rate variance"}
"""`variance` is a budget's."""


def _has(found: Statement, kind: LineKind) -> bool:
    """Whether any team has a line of a kind."""
    return any(line.kind is kind for team in found.teams for line in team.lines)


def _kept(line: StatementLine) -> str:
    """What stays with a pool. What a policy keeps is a line under its own name: *central tax*."""
    from apportion.domain.result import LineKind

    if line.kind is not LineKind.KEPT:
        return line.title
    return line.pool if line.pool.startswith("central ") else f"kept in pool {line.pool}"


def print_team(found: Statement, team: TeamStatement, beside: ShadowColumn | None = None) -> None:
    """One team, line by line."""
    from apportion.cli.console import money, say, table

    center = f" · cost centre {team.facts.cost_center}" if team.facts.cost_center else ""
    provisional = ", provisional" if found.provisional else ""
    title = (
        f"{team.facts.title or team.facts.team}{center} · {found.period} · "
        f"{found.basis} in {found.currency}{provisional}"
    )
    billed = ("billed",) if found.converted else ()
    rows = [
        (
            _titled(line, team),
            *(_original(line, found.basis) for _ in billed),
            _share(line),
            money(line.amount),
            *([money(beside.lines.get(line.id))] if beside else ()),
            line.id,
        )
        for line in team.lines
    ]
    empty = tuple("" for _ in billed)
    rows += [
        (line.title, *empty, "", "", money(line.amount), line.id)
        for line in (beside.only.get(team.facts.team, ()) if beside else ())
    ]
    whole = [money(beside.totals.get(team.facts.team))] if beside else []
    rows.append(("total", *empty, "", money(team.total), *whole, ""))
    column = [f"by {beside.label}"] if beside else []
    table(title, ("", *billed, "share", found.currency, *column, "line"), rows)
    _print_beside(beside)
    print_rates(found)
    by_mode = team.sum_by_mode()
    if set(by_mode) - {"showback"}:
        say("of this: " + ", ".join(f"{mode} {money(part)}" for mode, part in by_mode.items()))
    if team.budget is not None:
        say(f"budget {money(team.budget)}, variance {money(team.variance)}")
    if team.change is not None:
        say(f"the month before {money(team.previous)}, change {money(team.change)}")


def _titled(line: StatementLine, team: TeamStatement) -> str:
    """A line's title, with its mode where that isn't the team's own."""
    return f"{line.title} ({line.mode})" if line.mode not in {"", team.mode} else line.title


def _is_of(one: Adjustment, team: str) -> bool:
    """Whether a team's statement shows an adjustment; that of all shows each."""
    return not team or one.is_of_team(team)


def print_adjustments(found: Statement, moved: Iterable[Adjustment], team: str = "") -> None:
    """What approved decisions moved, beside the run: each sums to zero."""
    from apportion.cli.console import money, say, table
    from apportion.domain.money import from_units, minor_digits
    from apportion.domain.owner import OwnerKind

    digits = minor_digits(found.currency)
    whole, rows = 0, []
    for one in moved:
        for owner, units in one.moves() if one.currency == found.currency else ():
            if team and (owner.kind is not OwnerKind.TEAM or owner.name != team):
                continue
            whole += units
            when = f"of {one.period}, in {one.into}" if str(one.period) != one.into else ""
            of = f"adjustment {one.id}{f' (dispute {one.dispute})' if one.dispute else ''}"
            rows.append((of, str(owner), when, one.because, money(from_units(units, digits))))
    if not rows:
        return
    headings = ("adjustments booked", "owner", "", "because", found.currency)
    table("", headings, rows, left=4)
    if team:
        booked = from_units(whole, digits)
        say(f"adjustments {booked:+,f} {found.currency}, beside the total of the run")


def _print_beside(beside: ShadowColumn | None) -> None:
    from apportion.cli.console import say

    if beside:
        say(f"by {beside.label}: what the shadow model would charge, for information only")


def print_rates(found: Statement) -> None:
    """By which rates a statement was converted, and what it lacks."""
    from apportion.cli.console import money, say
    from apportion.cli.rates import words_of

    if found.converted:
        for rate in found.rates:
            if not rate.missing:
                say(f"rate: {words_of(rate)}")
        for rest in found.left:
            say(
                f"INCOMPLETE: {money(rest.total)} {rest.currency} has no rate to "
                f"{found.currency} and is no part of this total"
            )


def _original(line: StatementLine, basis: str) -> str:
    """What a converted line was billed as, to the places of its currency."""
    from apportion.cli.console import money
    from apportion.domain.money import minor_digits
    from apportion.run.explain import rounded

    return " + ".join(
        f"{money(rounded(part.amounts.of(basis), minor_digits(part.currency)))} {part.currency}"
        for part in line.originals
    )


def _share(line: StatementLine) -> str:
    from apportion.run.explain import percent

    return "" if line.share is None else f"{percent(line.share):f} %"
