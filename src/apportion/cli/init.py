"""apportion init: a starter project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command()(init)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make or fill.")],
) -> None:
    """Write a starter project: settings, a model to edit, and a place for bills."""
    from apportion.cli.console import say
    from apportion.model.starter import init_project

    for path in init_project(folder):
        say(f"wrote {path}")
    say()
    say(f"Next: put a FOCUS bill into {folder / 'bills'}, edit {folder / 'model'}, then")
    say(f"  apportion --project {folder} check")
    say(f"  apportion --project {folder} load")
    say(f"  apportion --project {folder} run --period YYYY-MM")
    say(f"  apportion --project {folder} statement --period YYYY-MM")
