"""Which budget a command means, and how it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject

NameOption = Annotated[
    str, typer.Option("--name", metavar="NAME", help="Which budget; the only one when left out.")
]
VersionOption = Annotated[
    int, typer.Option("--version", min=0, help="Which version; the newest when left out.")
]
TransferOption = Annotated[
    int, typer.Option("--transfer", min=0, help="The transfer of that number within the version.")
]
BecauseOption = Annotated[str, typer.Option("--because", help="Why, for the audit log.")]


def wanted_budget(
    project: OpenProject, name: str, version: int, transfer: int, *, anything: bool = False
) -> str:
    """The id of the version or transfer that is meant; `anything`: only the budget's name.

    Raises UsageError where several could be meant, NotLoaded where there is none.
    """
    from apportion.domain.budget import BudgetKind
    from apportion.errors import NotLoaded, UsageError
    from apportion.store.books.budgets import read_budgets

    with project.books.reading() as connection:
        kept = [one.document for one in read_budgets(connection)]
    names = sorted({one.name for one in kept})
    if not name and len(names) > 1:
        raise UsageError("there are several budgets", hint=f"say --name: {', '.join(names)}")
    if not names or (name and name not in names):
        raise NotLoaded(
            f"no budget is called {name!r}" if name else "there is no budget",
            hint=f"there are {', '.join(names)}"
            if names
            else "make one: `apportion budget import`",
        )
    name = name or names[0]
    if anything:
        return name
    numbers = [one.number for one in kept if one.name == name and one.kind is BudgetKind.VERSION]
    number = version or max(numbers)
    return f"{name} v{number} transfer {transfer}" if transfer else f"{name} v{number}"


def tell_budget(project: OpenProject, budget: str, as_json: bool) -> None:
    """Print a version or transfer as it is in the books now."""
    from apportion.cli.budget_figures import print_lines
    from apportion.cli.console import print_json, say
    from apportion.publish.budget_document import amount_text, budget_document
    from apportion.store.books.budgets import read_budget

    with project.books.reading() as connection:
        kept = read_budget(connection, budget)
    if as_json:
        print_json(budget_document(kept))
        return
    one = kept.document
    print_lines(one.lines, one.currency)
    whole = amount_text(one.total, one.currency)
    say(f"{one.title}: {kept.told}; {whole} {one.currency} in all")
