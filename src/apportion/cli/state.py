"""What commands share: the project folder, opened when a command asks for it."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import date

    from apportion.domain.period import Period
    from apportion.domain.snapshot import Snapshot
    from apportion.run.open_project import OpenProject

PeriodOption = Annotated[
    str, typer.Option("--period", metavar="YYYY-MM", help="The billing period, say 2026-10.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


@dataclass(frozen=True)
class State:
    """Set by the options before the command."""

    folder: str

    def open(self) -> OpenProject:
        from apportion.run.open_project import OpenProject

        return OpenProject(self.folder)


def state_of(context: typer.Context) -> State:
    found = context.obj
    assert isinstance(found, State)
    return found


def period_of(text: str) -> Period:
    from apportion.domain.period import Period

    return Period.parse(text)


def day_of(text: str) -> date:
    """A day that was given as an option; raises UsageError with the form that is expected."""
    from datetime import date as day

    from apportion.errors import UsageError

    try:
        return day.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is no day", hint="write it as YYYY-MM-DD, say 2026-10-15"
        ) from None


def loaded(project: OpenProject, source: str, period: Period) -> tuple[Snapshot, ...]:
    """What is loaded of a source for a period.

    Raises UsageError for a source that the project doesn't have, NotLoaded where
    nothing is loaded for the period.
    """
    from apportion.errors import NotLoaded, UsageError
    from apportion.model.faults import did_you_mean

    held = project.books.current(source, period)
    if not held and source not in project.settings.sources:
        raise UsageError(
            f"no source is called {source!r}",
            hint=did_you_mean(source, project.settings.sources, "see `sources` of the project"),
        )
    if not held:
        raise NotLoaded(
            f"source {source} has no charges for {period}",
            hint=f"load a bill that covers it: `apportion load --source {source}`",
        )
    return held


def chosen(currencies: tuple[str, ...], currency: str) -> tuple[str, ...]:
    """The one currency asked for, or all; raises NotLoaded where nothing is in it."""
    from apportion.errors import NotLoaded

    if not currency:
        return currencies
    if currency not in currencies:
        raise NotLoaded(
            f"nothing was billed in {currency}", hint=f"there is {', '.join(currencies) or 'none'}"
        )
    return (currency,)


def actor() -> str:
    """Who runs the command, for the audit log; raises UsageError for a pseudonym of the books."""
    from apportion.domain.person import is_pseudonym

    name = os.environ.get("APPORTION_ACTOR") or getpass.getuser()
    if is_pseudonym(name):
        from apportion.errors import UsageError

        raise UsageError(
            f"{name} is a pseudonym of the books: nobody acts under it",
            hint="set APPORTION_ACTOR to your own name",
        )
    return name
