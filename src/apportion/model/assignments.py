"""The assignment file: who owns a resource, by a person's decision, dated and never forgotten."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from apportion.errors import ConfigurationError, Place, UsageError
from apportion.model.dated import Validity
from apportion.model.faults import Faults
from apportion.model.resource_list import KEYS
from apportion.model.text_file import CsvFile, parse_csv, read_text, write_atomically
from apportion.model.values import as_day

FILE = "assignments.csv"
COLUMNS = ("ResourceId", "team", "from", "until", "because", "by")


@dataclass(frozen=True)
class Assignment:
    """A decision: the team that owns a resource from a day on.

    `resource` is a value of the file's first column (ResourceId in the starter),
    `because` its reason, `by` who decided.
    """

    resource: str
    team: str
    start: date | None = None
    until: date | None = None
    because: str = ""
    by: str = ""

    @property
    def valid(self) -> Validity:
        return Validity(self.start, self.until)


def append_assignments(path: Path, rows: Iterable[Assignment], column: str = "ResourceId") -> int:
    """Add decisions to an assignment file, and return how many lines are new or changed.

    All or nothing, and atomically: a reader sees the old file or the new one.
    Rows that are there stay, with their order and any further columns. A
    decision that follows an open-ended one for the same resource ends it on the
    day that the new one begins; one that is there already changes nothing.

    Raises UsageError where two decisions would hold on the same days, and
    ConfigurationError where the file that is there can't be read.
    """
    header, lines = _read(path, column)
    key = next((name for name in header if name in KEYS), column)
    changed = 0
    for row in rows:
        changed += _enter(row, lines, key, path)
    missing = [name for name in COLUMNS[1:] if name not in header]
    used = [name for name in missing if any(line.get(name) for line in lines)]
    if changed:
        _write(path, (*header, *used), lines)
    return changed


def _read(path: Path, column: str) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    if not path.exists():
        return (column, *COLUMNS[1:]), []
    faults = Faults()
    place = Place(path.name)
    text = read_text(path, place, faults)
    found: CsvFile | None = parse_csv(text, path.name, faults) if text is not None else None
    faults.raise_all()
    assert found is not None
    if not any(name in KEYS for name in found.columns):
        raise ConfigurationError(
            f"no column {' or '.join(KEYS)}", place=found.place, hint="add the header line"
        )
    return found.columns, [dict(row.fields) for row in found.rows]


def _enter(row: Assignment, lines: list[dict[str, str]], key: str, path: Path) -> int:
    """Add one decision to the lines; 0 where it is there already."""
    row = replace(row, resource=row.resource.strip(), team=row.team.strip())
    if not row.resource or not row.team:
        raise UsageError("an assignment needs a resource and a team", place=Place(path.name))
    changed = 1
    for line in lines:
        if line[key].strip() != row.resource:
            continue
        there = Validity(_day(line, "from"), _day(line, "until"))
        if line.get("team", "").strip() == row.team and _within(row.valid, there):
            return 0
        if there.meet(row.valid) is None:
            continue
        if row.start is None or (there.start and there.start >= row.start) or there.until:
            raise UsageError(
                f"{row.resource!r} belongs to {line.get('team') or line.get('pool')!r} "
                "on the same days",
                place=Place(path.name),
                hint="begin later, or edit the line that is there",
            )
        line["until"] = row.start.isoformat()
        changed += 1
    lines.append(
        {
            key: row.resource,
            "team": row.team,
            "from": row.start.isoformat() if row.start else "",
            "until": row.until.isoformat() if row.until else "",
            "because": row.because,
            "by": row.by,
        }
    )
    return changed


def _within(inner: Validity, outer: Validity) -> bool:
    return outer.meet(inner) == inner


def _day(line: dict[str, str], column: str) -> date | None:
    text = line.get(column, "").strip()
    return as_day(text) if text else None


def _write(path: Path, header: tuple[str, ...], lines: list[dict[str, str]]) -> None:
    # Python before 3.13 leaves a lone carriage return bare, which would then end the line.
    odd = any("\r" in field for line in lines for field in line.values())
    text = io.StringIO(newline="")
    writer = csv.DictWriter(
        text,
        header,
        restval="",
        extrasaction="ignore",
        lineterminator="\n",
        quoting=csv.QUOTE_ALL if odd else csv.QUOTE_MINIMAL,
    )
    writer.writeheader()
    writer.writerows(lines)
    write_atomically(path, text.getvalue().encode())
