"""apportion pull: fetch reports from their providers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, state_of

if TYPE_CHECKING:
    from datetime import date

    from apportion.model.project import Project, SourceSpec
    from apportion.model.usage_spec import UsageSpec
    from apportion.sources.pull.pull import PulledRange


def register(app: typer.Typer) -> None:
    app.command()(pull)


def pull(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Sources to pull; all that have `pull` if left out."),
    ] = None,
    start: Annotated[
        str, typer.Option("--from", metavar="YYYY-MM-DD", help="The first day (UTC).")
    ] = "",
    until: Annotated[
        str,
        typer.Option("--to", metavar="YYYY-MM-DD", help="The first day that is no longer wanted."),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Fetch reports of usage and cost from their providers into the folders of their sources.

    Without days: from where it ended, less the days that the provider may still change, up to
    yesterday; the first time from the month before. A pull that was cut off goes on.
    """
    from datetime import UTC, datetime
    from pathlib import Path

    from apportion.cli.console import print_json
    from apportion.model.read_project import read_project
    from apportion.sources.pull.pull import Wish
    from apportion.sources.pull.pull import pull as pull_source

    project = read_project(Path(state_of(context).folder))
    wish = Wish(datetime.now(UTC), _day(start, "--from"), _day(until, "--to"))
    pulled = []
    for spec in _chosen(project, names or []):

        def tell(found: PulledRange, name: str = spec.name) -> None:
            if not as_json:
                _say(name, found)

        done = pull_source(spec, project.root, wish, tell)
        pulled.append({"source": spec.name, "ranges": [_document(one) for one in done]})
    if as_json:
        print_json({"pulled": pulled})


def _chosen(project: Project, names: list[str]) -> list[SourceSpec | UsageSpec]:
    from apportion.errors import UsageError
    from apportion.model.faults import did_you_mean

    every: dict[str, SourceSpec | UsageSpec] = {**project.sources, **project.usage}
    for name in names:
        if name not in every:
            raise UsageError(
                f"no source is called {name!r}",
                hint=did_you_mean(name, every, "see `sources` and `usage` of the project"),
            )
    chosen = [every[name] for name in dict.fromkeys(names)]
    chosen = chosen or [spec for spec in every.values() if spec.pull]
    if not chosen:
        raise UsageError(
            "no source is pulled", hint="say how by `pull: {api: …, key: env:NAME}` under a source"
        )
    return chosen


def _day(text: str, option: str) -> date | None:
    from apportion.errors import UsageError
    from apportion.model.values import as_day

    if not text:
        return None
    try:
        return as_day(text)
    except ValueError as fault:
        raise UsageError(
            f"{option} {text!r} is no day", why=str(fault), hint="write it as YYYY-MM-DD"
        ) from None


def _say(name: str, found: PulledRange) -> None:
    from apportion.cli.console import say, some

    days = f"{name}: {found.start} to before {found.until}"
    resumed = ", continued" if found.resumed else ""
    written = found.file or "the same as before"
    say(f"{days}: {some(found.pages, 'page')}{resumed}; {written}")
    if found.told_until:
        say(f"  nothing was told of the days from {found.told_until} on; pull again later")


def _document(found: PulledRange) -> dict[str, object]:
    return {
        "from": str(found.start),
        "to": str(found.until),
        "file": found.file or None,
        "pages": found.pages,
        "resumed": found.resumed,
        "told_until": str(found.told_until) if found.told_until else None,
    }
