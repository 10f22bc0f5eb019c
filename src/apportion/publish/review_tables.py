"""The quarterly review as tables, which the terminal prints and a Markdown page holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apportion.domain.money import from_units, to_units
from apportion.govern.quarter_review import QuarterReview


@dataclass(frozen=True)
class ReviewTable:
    """A table with its title; the first `left` columns are texts."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int = 1


def review_tables(found: QuarterReview) -> Iterator[ReviewTable]:
    """The tables of a review; those without a row are left out."""
    said = found.disputes
    days = "n/a" if said.days is None else f"{from_units(to_units(said.days, 1), 1)}"
    yield ReviewTable(
        "coverage",
        ("currency", "total", "direct", "%", "shared", "%", "unallocated", "%"),
        [
            (
                one.currency,
                _money(one.total),
                *(
                    text
                    for part in (one.direct, one.shared, one.unallocated)
                    for text in (
                        _money(part.amount),
                        "n/a" if part.percent is None else f"{part.percent}",
                    )
                ),
            )
            for one in found.coverage
        ],
    )
    yield ReviewTable(
        "disputes",
        (
            *("opened", "accepted", "rejected", "withdrawn", "undecided", "decided late"),
            "median days to settle",
        ),
        [
            (
                *map(
                    str,
                    (
                        *(said.opened, said.accepted, said.rejected),
                        *(said.withdrawn, said.undecided, said.late),
                    ),
                ),
                days,
            )
        ],
        left=0,
    )
    yield ReviewTable(
        "rates",
        ("rate", "currency", "%", "formula"),
        [
            (
                one.name,
                one.currency,
                "n/a" if one.percent is None else f"{one.percent}",
                one.formula,
            )
            for one in found.rates
        ],
        left=4,
    )
    if found.sensitivity:
        yield ReviewTable(
            "a tenth more of each weight (a tenth less moves as much the other way)",
            ("month", "pool", "driver", "team", "moves", "currency"),
            [
                (one.period, one.pool, one.driver, one.team, _money(one.move), one.currency)
                for one in found.sensitivity
            ],
            left=4,
        )
    if found.due:
        yield ReviewTable(
            "rules due",
            ("what", "name", "place", "why"),
            [(one.what, one.name, one.place, one.why) for one in found.due],
            left=4,
        )


def review_markdown(found: QuarterReview) -> str:
    """The review as a page of Markdown; texts of the model are no mark-up in it."""
    parts = [f"# Allocation council, review of {found.quarter}", ""]
    for one in review_tables(found):
        parts += [f"## {one.title[0].upper()}{one.title[1:]}", ""]
        parts.append(_row(one.headings))
        parts.append(
            "|"
            + "|".join("---" if n < one.left else "---:" for n in range(len(one.headings)))
            + "|"
        )
        parts += [_row(row) for row in one.rows]
        parts.append("")
    parts += [f"- {_plain(note)}" for note in found.notes]
    return "\n".join(parts).rstrip() + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(_plain, cells)) + " |"


def _plain(text: str) -> str:
    r"""A text that Markdown takes as it is.

    >>> print(_plain("a|b <i> [x](y)"))
    a\|b &lt;i> \[x\](y)
    """
    made = text.replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;")
    for mark in "|[]*_`#":
        made = made.replace(mark, f"\\{mark}")
    return " ".join(made.split())


def _money(value: Decimal) -> str:
    return f"{value:,f}"
