"""apportion check: is the project sound? Needs no bill."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from apportion.cli.state import JsonOption, state_of


def register(app: typer.Typer) -> None:
    app.command()(check)


def check(
    context: typer.Context,
    as_json: JsonOption = False,
    schema: Annotated[
        Path | None,
        typer.Option("--schema", metavar="DIR", help="Also write JSON Schemas for editors here."),
    ] = None,
) -> None:
    """Check apportion.yaml, the model and its shadow: faults with file:line:column and remedy."""
    from apportion.cli.console import findings, print_json, say
    from apportion.model.check import check as find
    from apportion.publish.documents import finding_document

    if schema is not None:
        from apportion.model.schema import write_schemas

        for path in write_schemas(schema):
            say(f"wrote {path}")
    with state_of(context).open() as project:
        model = project.model
        found = find(project.settings)
        shadow = project.shadow_model if project.settings.shadow else None
    if as_json:
        document = {
            "ok": True,
            "model": model.hash,
            "teams": len(model.organisation.teams),
            "rules": len(model.rules),
            "pools": len(model.pools),
            "shadow": shadow.hash if shadow else None,
            "findings": [finding_document(finding) for finding in found],
        }
        print_json(document)
        return
    findings(found)
    say(
        f"sound: {len(model.organisation.teams)} teams, {len(model.rules)} rules, "
        f"{len(model.pools)} pools, {len(model.drivers)} drivers; model {model.hash[:12]}"
    )
