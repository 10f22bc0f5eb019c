"""Output for people: tables, findings and faults; colour only on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal
from functools import cache
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from apportion.domain.finding import Finding
    from apportion.errors import ApportionError

NARROWEST = 100


@cache
def console(*, stderr: bool = False) -> Console:
    """The terminal, or a plain page of fixed width when output goes to a file or pipe."""
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False, emoji=False, markup=False)
    if not made.is_terminal:
        return Console(
            stderr=stderr, highlight=False, emoji=False, markup=False, width=NARROWEST * 2
        )
    return made


def say(text: str = "") -> None:
    console().print(text, soft_wrap=True)


def table(
    title: str, headings: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1
) -> None:
    """Print a table; columns from the `left`-th on are figures, set flush right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, heading in enumerate(headings):
        figure = number >= left
        made.add_column(
            Text(heading),
            justify="right" if figure else "left",
            no_wrap=figure,
            overflow="fold",
        )
    if title:
        say(printable(title))
    for row in rows:
        made.add_row(*(Text(printable(cell)) for cell in row))
    console().print(made)


def money(value: Decimal | None) -> str:
    """An amount for people: thousands set apart; an absent one is a dash.

    >>> money(Decimal("-1234.50")), money(None)
    ('-1,234.50', '–')
    """
    return "–" if value is None else f"{value:,f}"


def figure(amount: Decimal | None) -> str:
    """An amount to its last digit, without zeros that say nothing.

    >>> figure(Decimal("1234.500000")), figure(Decimal("0.1230")), figure(None)
    ('1,234.50', '0.123', '')
    """
    if amount is None:
        return ""
    wide = Context(prec=120)
    plain, cents = amount.normalize(wide), amount.quantize(Decimal("0.01"), context=wide)
    return money(cents if cents == plain else plain)


def printable(text: str) -> str:
    r"""A text from a bill, made safe for a terminal: control characters are shown, not obeyed.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def findings(found: Iterable[Finding], *, most: int = 20) -> None:
    """Print findings, the gravest first, to standard error."""
    ordered = sorted(found, key=lambda finding: finding.level.rank)
    page = console(stderr=True)
    style = {"error": "red", "warning": "yellow", "note": "dim"}
    for finding in ordered[:most]:
        where = f"{finding.place}: " if finding.place else ""
        text = f"{finding.level} {finding.code}: {where}{finding.message}"
        page.print(printable(text), style=style[finding.level], soft_wrap=True)
        if finding.hint:
            page.print(printable(f"  do: {finding.hint}"), soft_wrap=True)
    if len(ordered) > most:
        page.print(f"… and {len(ordered) - most} more; `--json` lists them all")


def complain(fault: ApportionError) -> None:
    """Print a fault to standard error."""
    first, *rest = str(fault).split("\n")
    page = console(stderr=True)
    page.print(printable(first), style="bold red", soft_wrap=True)
    for line in rest:
        page.print(printable(line), soft_wrap=True)


def print_json(document: object) -> None:
    """Print a document as JSON on standard output."""
    import json

    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
