"""apportion final: say that a month of a source won't be restated any more."""

from __future__ import annotations

from typing import Annotated

import typer

from apportion.cli.state import PeriodOption, actor, loaded, period_of, state_of


def register(app: typer.Typer) -> None:
    app.command()(final)


def final(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="The source whose month it is.")],
    period: PeriodOption,
    because: Annotated[str, typer.Option("--because", help="Why, for the audit log.")] = "",
    take_back: Annotated[
        bool, typer.Option("--not", help="Take back that the month is final.")
    ] = False,
) -> None:
    """Declare a period of a source final: its bill won't be restated any more.

    `apportion sources` shows it, and a load that changes the month all the same
    tells so. Who said it, when and why is kept in the audit log.
    """
    from apportion.cli.console import say

    with state_of(context).open() as project:
        asked = period_of(period)
        loaded(project, source, asked)
        act = project.books.take_back_final if take_back else project.books.declare_final
        done = act(source, asked, actor(), because)
        spec = project.settings.sources.get(source)
        until = spec.final_until if spec else ""
    if take_back:
        say(_taken_back(source, period, done, until))
    elif done:
        say(f"{source} is final in {period}, says {actor()}")
    else:
        say(f"{source} was declared final in {period} already; nothing changed")


def _taken_back(source: str, period: str, done: bool, until: str) -> str:
    said = (
        f"{source} is declared final in {period} no longer"
        if done
        else f"nobody declared {source} final in {period} by this command; nothing changed"
    )
    if until and period <= until:
        said += f"; `final_until: {until}` of the source still says it"
    return said
