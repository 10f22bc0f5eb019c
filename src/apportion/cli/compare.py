"""apportion compare: two models on the same charges."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, period_of, state_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apportion.domain.comment import Comment
    from apportion.domain.period import Period
    from apportion.model.project import Model
    from apportion.run.compare import Compared
    from apportion.run.compare_values import Difference, OwnerDifference, PeriodComparison
    from apportion.run.open_project import OpenProject

FORMATS = ("table", "json", "csv", "html", "markdown")


def register(app: typer.Typer) -> None:
    app.command()(compare)


def compare(
    context: typer.Context,
    period: Annotated[
        str,
        typer.Option(
            "--period", metavar="YYYY-MM", help="The billing period; the last one that is loaded."
        ),
    ] = "",
    other: Annotated[
        str,
        typer.Option(
            "--with",
            metavar="DIR|GIT-REF",
            help="The proposed model: a folder, or a commit. The shadow model when left out.",
        ),
    ] = "",
    as_current: Annotated[
        bool,
        typer.Option(
            "--as-current",
            help="--with names the current model, and the project's is the proposed one.",
        ),
    ] = False,
    months: Annotated[
        int, typer.Option("--months", min=1, max=60, help="So many months up to the period.")
    ] = 1,
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of",
            metavar="YYYY-MM",
            help="Take both models as they are at the beginning of this month.",
        ),
    ] = "",
    team: Annotated[str, typer.Option("--team", "-t", help="Only this team, line by line.")] = "",
    kind: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="table, json, csv, html or markdown.")
    ] = "table",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it to this file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two models on the same charges: old, new, difference, and the change that causes it.

    Nothing is saved. Totals are equal; what each change adds doesn't depend on
    the order in which one thinks of them. --format markdown gives next month's
    charge per team, if it is used like the period: the models are taken as they
    are at the beginning of the month after it, unless --as-of says otherwise.
    """
    from apportion.cli.console import findings, say
    from apportion.errors import UsageError
    from apportion.model.as_of import as_of as on_day
    from apportion.run.compare import compare as lay_out

    kind = "json" if as_json else kind
    if kind not in FORMATS:
        raise UsageError(f"no format is called {kind!r}", hint=f"known: {', '.join(FORMATS)}")
    with state_of(context).open() as project:
        last = period_of(period) if period else _last_loaded(project)
        day = period_of(as_of) if as_of else last.next() if kind == "markdown" else None
        current, proposed = project.model, _other(project, other)
        if as_current:
            current, proposed = proposed, current
        if day is not None:
            current, proposed = on_day(current, day.start), on_day(proposed, day.start)
        periods = _months(last, months)
        found = lay_out(project.workspace, current, proposed, periods)
        said = [one for each in periods for one in project.books.comments(each, team or None)]
        name = project.settings.name
    _check_team(found, team)
    if kind == "table":
        for each in found.periods:
            findings(each.findings)
        print_comparison(found, team, said)
        return
    text = _written(found, kind, name, team, day, said)
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        say(f"wrote {out}")


def _other(project: OpenProject, named: str) -> Model:
    from apportion.errors import UsageError
    from apportion.run.other_model import read_other_model

    if named:
        return read_other_model(project.settings, named)
    if project.settings.shadow is not None:
        return project.shadow_model
    raise UsageError(
        "there is nothing to compare with",
        hint="name the other model: `--with model-next` or `--with origin/main`; or set `shadow` "
        "in apportion.yaml",
    )


def _last_loaded(project: OpenProject) -> Period:
    from apportion.errors import NotLoaded

    held = {snapshot.period for snapshot in project.books.current(quarantined=False)}
    if not held:
        raise NotLoaded("no charges are loaded", hint="load a bill: `apportion load`")
    return max(held)


def _months(last: Period, count: int) -> list[Period]:
    found = [last]
    while len(found) < count:
        found.insert(0, found[0].previous())
    return found


def _check_team(found: Compared, team: str) -> None:
    from apportion.errors import NotLoaded
    from apportion.model.faults import did_you_mean

    names = sorted(
        {own.owner.name for each in found.periods for one in each.comparisons for own in one.owners}
    )
    if team and team not in names:
        raise NotLoaded(
            f"no team is called {team!r} in either model", hint=did_you_mean(team, names)
        )


def _written(
    found: Compared,
    kind: str,
    name: str,
    team: str,
    day: Period | None,
    said: Sequence[Comment],
) -> str:
    """The comparison in one of the formats that are text."""
    import json

    if kind == "json":
        from apportion.publish.compare_document import compare_document

        document = compare_document(found, team=team, comments=said)
        document["as_of"] = str(day) if day else None
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if kind == "csv":
        from apportion.publish.compare_csv import compare_csv

        return compare_csv(found, team=team, comments=said)
    if kind == "markdown":
        from apportion.publish.compare_markdown import compare_markdown

        return compare_markdown(found, team=team, as_of=day)
    from apportion.publish.compare_html import compare_html

    return compare_html(found, name=name, team=team, as_of=day, comments=said)


HEADS = ("", "current", "proposed", "difference", "%")


def print_comparison(found: Compared, team: str, said: Sequence[Comment]) -> None:
    """A table for each period, with the causes below; of one team, its lines."""
    from apportion.cli.console import money, say, table
    from apportion.publish.compare_words import owner_words, verdict

    say(verdict(found))
    if len(found.periods) > 1:
        for one in found.together:
            rows = [
                _row(owner_words(own), own) for own in one.owners if team in {"", own.owner.name}
            ]
            rows.append(("total", money(one.total), money(one.new_total), "0", ""))
            table(f"{len(found.periods)} months · {one.basis} in {one.currency}", HEADS, rows)
    for each in found.periods:
        for one in each.comparisons:
            title = f"{each.period} · {one.basis} in {one.currency}"
            owners = [own for own in one.owners if team in {"", own.owner.name}]
            rows = [_row(owner_words(own), own) for own in owners]
            rows.append(("total", money(one.total), money(one.new_total), "0", ""))
            table(title, HEADS, rows)
            for own in owners:
                _print_owner(own, each, said, lines=bool(team))


def _row(words: str, one: Difference) -> tuple[str, ...]:
    from apportion.cli.console import money
    from apportion.publish.compare_document import percent, signed

    return (
        words,
        money(one.old),
        money(one.new),
        signed(one.difference),
        percent(one.percent) or "",
    )


def _print_owner(
    own: OwnerDifference, found: PeriodComparison, said: Sequence[Comment], *, lines: bool
) -> None:
    from apportion.cli.console import printable, say, table
    from apportion.publish.compare_words import cause_words, line_words, owner_words

    if lines:
        table("", HEADS, [_row(line_words(one), one) for one in own.lines])
    for words in cause_words(own.effects, found, len(found.causes) + 1):
        say(printable(f"{owner_words(own)}: {words}"))
    for one in own.lines if lines else ():
        for comment in said:
            if (comment.period, comment.line) == (found.period, one.line.id):
                say(printable(f"{line_words(one)}: {comment.text!r} ({comment.author})"))
