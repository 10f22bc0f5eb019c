"""apportion demo: the sample company, from bills to statements."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, State

if TYPE_CHECKING:
    from apportion.domain.period import Period
    from apportion.domain.result import Run
    from apportion.run.open_project import OpenProject
    from apportion.run.reconcile import Reconciliation
    from apportion.run.statement import Statement


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to write the sample company's project.")
    ] = Path("demo-project"),
    months: Annotated[
        int, typer.Option("--months", min=2, max=26, help="How many months of bills.")
    ] = 26,
    as_json: JsonOption = False,
) -> None:
    """Generate the sample company's bills, load them, run the last two months, print statements.

    An existing demo project in DIR is used as it is.
    """
    from apportion.cli.console import print_json
    from apportion.demo import LAST_PERIOD, write_demo
    from apportion.publish.documents import reconciliation_document, statement_document

    known = (folder / "apportion.yaml").exists()
    if not known:
        write_demo(folder, months=months)
    with State(str(folder)).open() as project:
        statement, reconciliation = _road(project, LAST_PERIOD, quiet=as_json, known=known)
    if as_json:
        print_json(
            {
                "folder": str(folder),
                "statement": statement_document(statement),
                "reconciliation": reconciliation_document(reconciliation),
            }
        )
        return
    _next(folder, LAST_PERIOD)


def _road(
    project: OpenProject, period: Period, *, quiet: bool, known: bool
) -> tuple[Statement, Reconciliation]:
    """Load, run two months, and print what came out unless told to be quiet."""
    from apportion.cli import reconcile as proof
    from apportion.cli import statement as page
    from apportion.cli.console import findings, say
    from apportion.cli.load import print_load, print_usage
    from apportion.cli.progress import Bar
    from apportion.run.bring_in import bring_in, bring_in_usage
    from apportion.run.evaluate import evaluate
    from apportion.run.reconcile import reconcile
    from apportion.run.statement import draw_statement, one_team

    if not quiet:
        say("The sample company: " + ("its bills are there already" if known else "bills written"))
    with Bar(quiet=quiet) as bar:
        loaded = bring_in(project, actor="demo", progress=bar.show)
        usage = bring_in_usage(project, actor="demo", progress=bar.show)
    runs = [evaluate(project.workspace, project.model, p) for p in (period.previous(), period)]
    for made in runs:
        project.books.save_run(made)
    statement = draw_statement(runs[-1], project.settings.currency, previous=runs[0])
    reconciliation = reconcile(project.settings, project.books, runs[-1])
    if not quiet:
        for each in loaded:
            print_load(each)
        for one in usage:
            print_usage(one)
        findings(runs[-1].findings, most=5)
        page.print_statement(statement)
        page.print_team(statement, one_team(statement, statement.teams[0].facts.team))
        proof.print_reconciliation(reconciliation)
        _units(project, runs[-1])
    return statement, reconciliation


def _units(project: OpenProject, run: Run) -> None:
    """Print what one of each thing costs, and what drove the month that ran away."""
    from apportion.cli.console import say
    from apportion.cli.movers import print_movers
    from apportion.cli.unit_cost import print_unit_costs
    from apportion.demo.company import NLP, RUNAWAY
    from apportion.insight.movers import find_movers
    from apportion.insight.unit_costs import find_unit_costs
    from apportion.run.evaluate import evaluate

    workspace, model = project.workspace, project.model
    say()
    print_unit_costs([find_unit_costs(workspace, model, run)])
    months = (RUNAWAY.previous(), RUNAWAY)
    if all(project.books.current("aws", month, quarantined=False) for month in months):
        before, after = (evaluate(workspace, model, month) for month in months)
        for made in (before, after):
            project.books.save_run(made)
        say(f"What drove the cost of team {NLP} in {RUNAWAY}")
        print_movers(find_movers(workspace, model, before, after, team=NLP), most=6)


def _next(folder: Path, period: Period) -> None:
    from apportion.cli.console import say

    command = f".venv/bin/apportion --project {folder}"
    say()
    say("What to do next")
    for words, arguments in (
        ("why does a team carry this", f"explain --period {period} --team nlp"),
        ("what drove the change", f"movers --period {period}"),
        ("what a token costs", f"unit-cost --period {period} --by team"),
        ("who owns the untagged cost", f"untagged --period {period} --top 10"),
        ("the same as JSON", f"statement --period {period} --json"),
        ("change a rule, then", "check"),
        ("and see what it does", f"run --period {period}"),
    ):
        say(f"  {words:<28} {command} {arguments}")
    say(f"  {'start with your own bill':<28} .venv/bin/apportion init my-project")
