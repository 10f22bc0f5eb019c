"""Output for people: tables, findings and faults; colour only on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from apportion.domain.finding import Finding
    from apportion.errors import ApportionError

NARROWEST = 100

WIDEST_NAME = 24
"""Letters of a name; longer ones are folded where the page is narrow."""

GAP = 3
"""Letters between two columns."""


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
    """Print a table; columns from the `left`-th on are figures, set flush right.

    A figure is never cut or broken: where a page is too narrow for all columns,
    several tables follow each other, each beginning with the texts.
    """
    if title:
        say(printable(title))
    columns = list(zip(headings, *([printable(c) for c in row] for row in rows), strict=True))
    for part in _that_fit(columns, left, console().width):
        _print_columns(part, left)


Column = tuple[str, ...]
"""A heading and what stands below it."""


def _that_fit(columns: Sequence[Column], left: int, width: int) -> Iterator[list[Column]]:
    """The columns in parts that fit a page, each with the texts; at least one figure in each."""
    texts, figures = list(columns[:left]), columns[left:]
    taken = [sum(min(WIDEST_NAME, _width(column)) + GAP for column in texts)]
    part: list[Column] = []
    for column in figures:
        if part and sum(taken) + _width(column) + GAP > width:
            yield [*texts, *part]
            part, taken = [], taken[:1]
        part.append(column)
        taken.append(_width(column) + GAP)
    yield [*texts, *part]


def _width(column: Column) -> int:
    return max(map(len, column))


def _print_columns(columns: Sequence[Column], left: int) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        figures = number >= left
        made.add_column(
            Text(column[0]),
            justify="right" if figures else "left",
            no_wrap=figures or (number == 0 and _width(column) <= WIDEST_NAME),
            overflow="fold",
        )
    for cells in zip(*(column[1:] for column in columns), strict=True):
        made.add_row(*map(Text, cells))
    page = console()
    page.print(made, width=max(page.width, page.measure(made).minimum), crop=False)


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
    from apportion.domain.money import WIDE

    if amount is None:
        return ""
    plain, cents = amount.normalize(WIDE), amount.quantize(Decimal("0.01"), context=WIDE)
    return money(cents if cents == plain else plain)


def some(count: int, noun: str) -> str:
    """A count with its noun.

    >>> some(1, "file"), some(3000, "row")
    ('1 file', '3,000 rows')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def printable(text: str) -> str:
    r"""A text from a bill, made safe for a terminal: control characters are shown, not obeyed.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def findings(found: Iterable[Finding], *, most: int = 20) -> None:
    """Print findings to standard error: errors, then what moved money, then all else.

    Where there are too many to print, of one code only a few, so that many of a kind
    don't hide the others.
    """
    page = console(stderr=True)
    groups = list(_by_code(found))
    many, left = sum(map(len, groups)) > most, most
    for own in groups:
        shown = own[: min(left, _MOST_OF_A_CODE)] if many else own
        for finding in shown:
            _print_finding(page, finding)
        left -= len(shown)
        if shown and len(own) > len(shown):
            page.print(f"… and {len(own) - len(shown)} more of {own[0].code}", soft_wrap=True)
    hidden = sum(map(len, groups)) - (most - left)
    if hidden:
        page.print(f"… {hidden} are not shown; `--json` lists them all", soft_wrap=True)


_MOST_OF_A_CODE = 4


def _by_code(found: Iterable[Finding]) -> Iterable[list[Finding]]:
    """Findings of one code together, in the order in which people should read them."""
    from apportion.domain.finding import MOVED_MONEY, Level

    groups: dict[tuple[bool, bool, int, str], list[Finding]] = {}
    for one in found:
        grave = one.level is Level.ERROR
        key = (not grave, one.code not in MOVED_MONEY, one.level.rank, one.code)
        groups.setdefault(key, []).append(one)
    order = {key: place for place, key in enumerate(groups)}
    return (groups[key] for key in sorted(groups, key=lambda key: (*key[:3], order[key])))


def _print_finding(page: Console, finding: Finding) -> None:
    where = f"{finding.place}: " if finding.place else ""
    text = f"{finding.level} {finding.code}: {where}{finding.message}"
    style = {"error": "red", "warning": "yellow", "note": "dim"}[finding.level]
    page.print(printable(text), style=style, soft_wrap=True)
    if finding.hint:
        page.print(printable(f"  do: {finding.hint}"), soft_wrap=True)


def complain(fault: ApportionError) -> None:
    """Print a fault to standard error."""
    first, *rest = str(fault).split("\n")
    page = console(stderr=True)
    page.print(printable(first), style="bold red", soft_wrap=True)
    for line in rest:
        page.print(printable(line), soft_wrap=True)


def remark(text: str) -> None:
    """Tell on standard error what a command is waiting for."""
    console(stderr=True).print(printable(text), style="dim", soft_wrap=True)


def as_json_text(document: object) -> str:
    """A document as JSON, as files and pipes get it."""
    import json

    return json.dumps(document, indent=2, ensure_ascii=False)


def print_json(document: object) -> None:
    """Print a document as JSON on standard output."""
    typer.echo(as_json_text(document))
