"""apportion budget: versions that are drawn up, approved, and moved between owners."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli import budget_figures, budget_forecast
from apportion.cli.budget_of import (
    BecauseOption,
    NameOption,
    TransferOption,
    VersionOption,
    tell_budget,
    wanted_budget,
)
from apportion.cli.state import JsonOption, actor, period_of, state_of

if TYPE_CHECKING:
    from apportion.govern.transfer_budget import Moves
    from apportion.run.open_project import OpenProject

budget_app = typer.Typer(
    help="Budgets: versions with approval, transfers, forecasts, and how a month stands."
)


def register(app: typer.Typer) -> None:
    budget_figures.register(budget_app)
    budget_forecast.register(budget_app)
    app.add_typer(budget_app, name="budget")


NewNameOption = Annotated[
    str, typer.Option("--name", metavar="NAME", help="What the budget is called, say 2027.")
]
FromOption = Annotated[
    str, typer.Option("--first", metavar="YYYY-MM", help="First month, where NAME is no year.")
]


@budget_app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or YAML file.")],
    name: NewNameOption,
    currency: Annotated[
        str, typer.Option("--currency", help="Its currency; the project's when left out.")
    ] = "",
    because: BecauseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Draw up a version from a file: owner (team:nlp), month, amount, allowance (yes or no)."""
    from apportion.govern.budgets import draft_budget
    from apportion.govern.read_budget_file import read_budget_file

    with state_of(context).open() as project:
        code = _currency(project, currency)
        lines = read_budget_file(file, code)
        made = draft_budget(project, name, lines, actor=actor(), because=because, currency=code)
        tell_budget(project, made.id, as_json)


def _currency(project: OpenProject, asked: str) -> str:
    from apportion.domain.money import minor_digits

    code = asked or project.settings.currency
    minor_digits(code)
    return code


@budget_app.command()
def from_model(
    context: typer.Context,
    name: NewNameOption,
    first: FromOption = "",
    because: BecauseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Draw up a version from the budgets of the model, month by month."""
    from apportion.govern.budgets import draft_budget
    from apportion.govern.draw_budget import from_model as of_model
    from apportion.govern.draw_budget import months_of

    with state_of(context).open() as project:
        lines = of_model(project.model, months_of(name, first), project.settings.currency)
        made = draft_budget(project, name, lines, actor=actor(), because=because)
        tell_budget(project, made.id, as_json)


@budget_app.command()
def phase(
    context: typer.Context,
    name: NewNameOption,
    owner: Annotated[
        str, typer.Option("--owner", metavar="KIND:NAME", help="Whose budget, say team:nlp.")
    ],
    amount: Annotated[str, typer.Option("--amount", help="The amount of the whole year.")],
    by: Annotated[
        str,
        typer.Option("--by", help="even, last-year, or twelve percentages: 10,10,5,…"),
    ] = "even",
    allowance: Annotated[
        bool, typer.Option("--allowance", help="It is an innovation allowance.")
    ] = False,
    first: FromOption = "",
    because: BecauseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Spread a year's amount over its months, to the cent, in a new draft of the budget.

    The draft is the newest version with this owner's months anew.
    """
    from dataclasses import replace

    from apportion.domain.budget import BudgetKind, BudgetOwner
    from apportion.govern.budgets import draft_budget
    from apportion.govern.draw_budget import months_of, phased, read_units, replaced
    from apportion.store.books.budgets import read_budgets

    with state_of(context).open() as project:
        with project.books.reading() as connection:
            kept = [one.document for one in read_budgets(connection, name)]
        before = [one for one in kept if one.kind is BudgetKind.VERSION]
        held = before[-1].lines if before else ()
        code = before[-1].currency if before else project.settings.currency
        whose, months = BudgetOwner.parse(owner), months_of(name, first)
        made = phased(project, whose, read_units(amount, code), months, by)
        lines = replaced(held, tuple(replace(line, allowance=allowance) for line in made))
        drawn = draft_budget(project, name, lines, actor=actor(), because=because, currency=code)
        tell_budget(project, drawn.id, as_json)


@budget_app.command()
def submit(
    context: typer.Context,
    name: NameOption = "",
    version: VersionOption = 0,
    transfer: TransferOption = 0,
    because: BecauseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Ask for the approval of a version, or of a transfer within it."""
    from apportion.govern.budgets import submit_budget

    with state_of(context).open() as project:
        wanted = wanted_budget(project, name, version, transfer)
        submit_budget(project, wanted, actor=actor(), because=because)
        tell_budget(project, wanted, as_json)


@budget_app.command()
def approve(
    context: typer.Context,
    name: NameOption = "",
    version: VersionOption = 0,
    transfer: TransferOption = 0,
    because: BecauseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Approve what somebody else submitted: from now on it counts, on statements too."""
    from apportion.govern.budgets import approve_budget

    with state_of(context).open() as project:
        wanted = wanted_budget(project, name, version, transfer)
        approve_budget(project, wanted, actor=actor(), because=because)
        tell_budget(project, wanted, as_json)


@budget_app.command()
def reject(
    context: typer.Context,
    because: Annotated[str, typer.Option("--because", help="Why.")],
    name: NameOption = "",
    version: VersionOption = 0,
    transfer: TransferOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Refuse what somebody else submitted; it never counts."""
    from apportion.govern.budgets import reject_budget

    with state_of(context).open() as project:
        wanted = wanted_budget(project, name, version, transfer)
        reject_budget(project, wanted, actor=actor(), because=because)
        tell_budget(project, wanted, as_json)


@budget_app.command()
def transfer(
    context: typer.Context,
    because: Annotated[str, typer.Option("--because", help="Why the budget moves.")],
    name: NameOption = "",
    giver: Annotated[
        str, typer.Option("--from", metavar="KIND:NAME", help="Who gives, say central:platform.")
    ] = "",
    receiver: Annotated[
        str, typer.Option("--to", metavar="KIND:NAME", help="Who gets, say product:assistant.")
    ] = "",
    amount: Annotated[
        str, typer.Option("--amount", help="How much in all, spread evenly over the months.")
    ] = "",
    months: Annotated[
        str,
        typer.Option("--months", metavar="MONTHS", help="2027-01..2027-06, or 2027-01,2027-03."),
    ] = "",
    follow: Annotated[
        bool,
        typer.Option("--follow", help="As much as a model moves from central pools to products."),
    ] = False,
    period: Annotated[
        str,
        typer.Option("--period", metavar="YYYY-MM", help="With --follow: the month to compare."),
    ] = "",
    other: Annotated[
        str,
        typer.Option(
            "--with",
            metavar="DIR|GIT-REF",
            help="With --follow: the model before, by which the cost still was central.",
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Draw up a transfer within the approved version, as a draft; the sum of all stays.

    With --follow the project's model is compared with the one before on a month: what no
    longer stays in pools, or unallocated, gives its budget to the products that now carry it.
    """
    from apportion.govern.transfer_budget import draft_transfer

    with state_of(context).open() as project:
        asked = wanted_budget(project, name, 0, 0, anything=True)
        moves = (
            _followed(project, asked, period, other, months)
            if follow
            else _moved(project, asked, giver, receiver, amount, months)
        )
        made = draft_transfer(project, asked, moves, actor=actor(), because=because)
        tell_budget(project, made.id, as_json)


def _moved(
    project: OpenProject, name: str, giver: str, receiver: str, amount: str, months: str
) -> Moves:
    from apportion.domain.budget import BudgetOwner
    from apportion.domain.phase import read_months
    from apportion.errors import UsageError
    from apportion.govern.budgets import approved_version
    from apportion.govern.draw_budget import read_units
    from apportion.govern.transfer_budget import move

    if not (giver and receiver and amount and months):
        raise UsageError(
            "a transfer needs --from, --to, --amount and --months",
            hint="or --follow with --period and --with",
        )
    with project.books.reading() as connection:
        code = approved_version(connection, name).currency
    units = read_units(amount, code)
    return move(BudgetOwner.parse(giver), BudgetOwner.parse(receiver), units, read_months(months))


def _followed(project: OpenProject, name: str, period: str, other: str, months: str) -> Moves:
    from apportion.domain.phase import read_months
    from apportion.errors import UsageError
    from apportion.govern.transfer_budget import follow_model

    if not (period and other):
        raise UsageError("--follow needs --period and --with", hint="--with names the model before")
    asked = period_of(period)
    wanted = read_months(months) if months else (asked,)
    return follow_model(project, name, asked, other, wanted)
