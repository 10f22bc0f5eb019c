"""apportion verify: hold a statement's PDF against the evidence that is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from apportion.cli.state import JsonOption, actor, state_of


def register(app: typer.Typer) -> None:
    app.command()(verify)


def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A statement as PDF.")],
    books: Annotated[
        bool, typer.Option("--books", help="Hold it against the project's books, too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check a statement: its lines, shares and proof, and that no byte was changed.

    Needs the file alone, no network and no project. With --books its run, its issue and the
    audit log are looked up in the project. Exits with 3 where something doesn't hold.
    """
    from apportion.cli.console import print_json, printable, say
    from apportion.publish.papers.check_paper import check_paper
    from apportion.publish.papers.read_paper import read_paper

    paper = read_paper(file)
    checks = check_paper(paper)
    if books:
        from apportion.govern.acts import check_act
        from apportion.publish.papers.against_books import against_books

        with state_of(context).open() as project:
            check_act("audit verify", actor(), project.books.roles())
            checks = (*checks, *against_books(project, paper))
    ok = all(one.ok is not False for one in checks)
    facts = ("project", "period", "team", "number", "closed", "run", "model", "audit_head")
    if as_json:
        print_json(
            {
                "ok": ok,
                **{name: paper.evidence.get(name) for name in facts},
                "evidence": paper.digest,
                "checks": [{"name": c.name, "ok": c.ok, "words": c.words} for c in checks],
            }
        )
    else:
        for one in checks:
            state = {True: "holds", False: "FAILS", None: "not checked"}[one.ok]
            say(printable(f"{one.name:<10} {state:<12} {one.words}"))
        for name in facts:
            say(printable(f"{name.replace('_', ' '):<10} {paper.evidence.get(name)}"))
        say(f"{'evidence':<10} {paper.digest}")
        say("the statement holds" if ok else "THE STATEMENT DOESN'T HOLD")
    if not ok:
        raise typer.Exit(3)
