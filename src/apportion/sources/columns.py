"""Match a file's columns to those of FOCUS: spelling, doubles, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apportion.domain.charge import BY_NAME, COSTS, FOCUS_COLUMNS
from apportion.domain.finding import Finding, Level
from apportion.errors import Place, SourceError

_BY_SPELLING = {name.lower(): name for name in BY_NAME}


@dataclass(frozen=True)
class Matched:
    """The columns of a file in their order, under FOCUS's spelling where FOCUS knows them."""

    names: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


def match_columns(written: Sequence[str], file: str) -> Matched:
    """Name each column; FOCUS names are recognised in any case, all others are kept as written.

    Raises SourceError when two columns have one name, upper and lower case
    taken as equal, because a query could not tell them apart.

    >>> match_columns(["billedcost", "x_Team"], "b.csv").names
    ('BilledCost', 'x_Team')
    """
    names: list[str] = []
    findings: list[Finding] = []
    for number, as_written in enumerate(written, start=1):
        name = _BY_SPELLING.get(as_written.lower(), as_written) or f"Unnamed{number}"
        names.append(name)
        if not as_written:
            findings.append(_unnamed(number, name, file))
    refuse_doubles(names, written, file)
    respelt = [w for w, n in zip(written, names, strict=True) if w and w != n]
    if respelt:
        findings.append(_respelt(respelt, file))
    return Matched(tuple(names), tuple(findings))


def refuse_doubles(names: Sequence[str], written: Sequence[str], file: str) -> None:
    """Raise SourceError when two columns have one name, upper and lower case taken as equal."""
    seen: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        first = seen.setdefault(name.lower(), number)
        if first != number:
            raise SourceError(
                f"the column {name} is there twice: as column {first} ({written[first - 1]!r}) "
                f"and as column {number} ({written[number - 1]!r})",
                place=Place(file, 1),
                why="which of the two holds the value can't be told",
                hint="remove or rename one of them in the export",
            )


def _unnamed(number: int, name: str, file: str) -> Finding:
    return Finding(
        "column-unnamed",
        Level.NOTE,
        f"column {number} has no name and is kept as {name}",
        Place(file, 1),
        hint="name it in the export, if it holds something",
    )


def _respelt(respelt: Sequence[str], file: str) -> Finding:
    return Finding(
        "column-case",
        Level.NOTE,
        f"FOCUS columns in another case: {', '.join(respelt)}",
        Place(file, 1),
        hint="FOCUS names are in PascalCase; they were read as such",
    )


def missing_columns(names: Iterable[str], version: str, allowed: Iterable[str]) -> tuple[str, ...]:
    """Mandatory columns of a FOCUS version that a file lacks, but for those known to be lacking."""
    there = {*names, *allowed}
    return tuple(
        column.name
        for column in FOCUS_COLUMNS
        if column.mandatory and column.known_in(version) and column.name not in there
    )


def findings_for_missing(missing: Iterable[str], version: str, file: str) -> tuple[Finding, ...]:
    """What missing columns mean: a cost that counts as zero, or a rule that can't see something."""
    lacking = list(missing)
    costs = [name for name in COSTS if name in lacking]
    others = [name for name in lacking if name not in costs]
    found = [
        Finding(
            "cost-column-missing",
            Level.WARNING,
            f"there is no {name}: nothing can be shown on that basis",
            Place(file, 1),
            hint=f"add it to the export, or declare `without: [{name}]`",
        )
        for name in costs
    ]
    if others:
        found.append(
            Finding(
                "column-missing",
                Level.NOTE,
                f"mandatory columns of FOCUS {version} are missing: {', '.join(others)}",
                Place(file, 1),
                hint="rules can't see what isn't there; add them to the export if rules need them",
            )
        )
    return tuple(found)
