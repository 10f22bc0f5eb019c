"""apportion export: charges out again, in the form that other tools read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of

if TYPE_CHECKING:
    from apportion.publish.export_focus import Exported

group = typer.Typer(
    no_args_is_help=True, help="Write charges in a form that other tools read: FOCUS."
)


def register(app: typer.Typer) -> None:
    group.command()(focus)
    group.command()(methods)
    app.add_typer(group, name="export")


def focus(
    context: typer.Context,
    period: PeriodOption,
    version: Annotated[
        str,
        typer.Option(
            "--version", metavar="VERSION", help="FOCUS 1.2, 1.3 or 1.4; 1.2, or 1.3 if allocated."
        ),
    ] = "",
    allocated: Annotated[
        bool,
        typer.Option(
            "--allocated", help="Split charges of pools over who carries them (1.3, 1.4)."
        ),
    ] = False,
    kind: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="csv or parquet.")
    ] = "csv",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to; focus-VERSION-PERIOD.FORMAT else."
        ),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="NAME", help="Only this source; may be given again."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a period's charges as FOCUS; the file's money is proven to be what was loaded.

    With --allocated, charges of pools are split over the teams that carry them by
    the period's latest run: one row for each, whose amounts and ratios sum to the
    charge exactly. `apportion export methods` describes the methods.
    """
    from apportion.cli.console import figure, findings, print_json, say
    from apportion.errors import UsageError
    from apportion.publish.export_focus import FORMATS, export_focus

    if kind not in FORMATS:
        raise UsageError(f"no format is called {kind!r}", hint=f"known: {', '.join(FORMATS)}")
    version = version or ("1.3" if allocated else "1.2")
    name = "focus-allocated" if allocated else "focus"
    path = output or Path(f"{name}-{version}-{period}.{kind}")
    with state_of(context).open() as project:
        if allocated:
            from apportion.publish.export_allocated import export_allocated
            from apportion.run.saved import latest_run

            made = export_allocated(
                project.workspace,
                project.model,
                latest_run(project.books, period_of(period)),
                version=version,
                path=path,
                kind=kind,
                sources=tuple(source or ()),
            )
        else:
            made = export_focus(
                project.books,
                project.lake,
                period=period_of(period),
                version=version,
                path=path,
                kind=kind,
                sources=tuple(source or ()),
            )
    if as_json:
        print_json(_document(made, period))
        return
    findings(made.findings)
    for (currency, basis), amount in sorted(made.totals.items()):
        say(f"{basis:<15} {figure(amount):>24} {currency}")
    what = "rows" if allocated else "charges"
    say(f"wrote {made.rows:,} {what} as FOCUS {made.version} to {made.path}")


def methods(
    context: typer.Context,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to; printed when left out."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Describe each pool's method, as AllocatedMethodId of allocated charges refers to it.

    Markdown, or JSON: the method's definition, drivers and weights, receivers,
    dates, who answers for it and why; made from the model as it is now.
    """
    from apportion.cli.console import as_json_text, say
    from apportion.publish.method_documents import method_documents, methods_page

    with state_of(context).open() as project:
        found = method_documents(project.model)
    text = as_json_text({"methods": found}) if as_json else methods_page(found)
    if output is None:
        typer.echo(text.rstrip("\n"))
    else:
        output.write_text(text, encoding="utf-8")
        say(f"wrote {len(found)} methods to {output}")


def _document(made: Exported, period: str) -> dict[str, object]:
    from apportion.publish.documents import finding_document, trimmed

    return {
        "period": period,
        "version": made.version,
        "path": str(made.path),
        "rows": made.rows,
        "totals": [
            {"currency": currency, "basis": basis, "amount": trimmed(amount)}
            for (currency, basis), amount in sorted(made.totals.items())
        ],
        "findings": [finding_document(finding) for finding in made.findings],
    }
