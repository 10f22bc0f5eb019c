"""What a question of the benchmark answers: a table, bounds, and remarks; as text or Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Bound:
    """A number to reach: `measured` must be at most `limit`, or at least where `at_least`."""

    what: str
    limit: float
    measured: float | None
    unit: str = ""
    at_least: bool = False

    @property
    def reached(self) -> bool | None:
        if self.measured is None:
            return None
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def cells(self) -> list[str]:
        sign = "at least" if self.at_least else "at most"
        verdict = {True: "reached", False: "MISSED", None: "not measured"}[self.reached]
        measured = "" if self.measured is None else f"{self.measured:.3g} {self.unit}".strip()
        return [self.what, f"{sign} {self.limit:g} {self.unit}".strip(), measured, verdict]


@dataclass
class Answer:
    """One question's table. Cells are text; the first column is a name."""

    title: str
    header: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        parts = [f"## {self.title}", "", *table(self.header, self.rows)]
        for note in self.notes:
            parts += ["", note]
        return "\n".join(parts) + "\n"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table whose source is readable too."""
    widths = [max(len(row[n]) for row in (header, *rows)) for n in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return [line(header), f"|{'|'.join(f' {part} ' for part in rule)}|", *map(line, rows)]


def seconds(value: float | None) -> str:
    """Seconds with three figures, or a dash where nothing was measured.

    >>> seconds(0.01234), seconds(12.345), seconds(None)
    ('0.0123', '12.3', '–')
    """
    if value is None:
        return "\N{EN DASH}"
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def ratio(over: float | None, under: float | None) -> str:
    return "\N{EN DASH}" if over is None or not under else f"{over / under:.3g}"


def count(number: int) -> str:
    """Rows as people say them: 100 k, 10 M."""
    return f"{number // 10**6} M" if number >= 10**6 else f"{number // 1000} k"
