"""Resource lists: CSV files that name the owner of a resource or an account, dated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from apportion.domain.owner import Owner, OwnerKind
from apportion.model.dated import ALWAYS, Validity
from apportion.model.faults import Faults, nearest
from apportion.model.names import Names
from apportion.model.rules import Listed
from apportion.model.text_file import CsvFile, CsvRow
from apportion.model.values import as_day

KEYS = ("ResourceId", "ResourceName", "SubAccountId", "BillingAccountId")
KNOWN = ("team", "pool", "from", "until")


@dataclass(frozen=True)
class ResourceList:
    """The column that a list goes by, and its rows."""

    column: str
    rows: tuple[Listed, ...]


def read_resource_list(
    found: CsvFile, teams: Names, pools: Names, faults: Faults
) -> ResourceList | None:
    """Read a list; None where its header is at fault. Columns beyond the known ones are notes."""
    column = _column(found, faults)
    if column is None:
        return None
    rows = [(row, _row(row, column, teams, pools, faults)) for row in found.rows]
    sound = [(row, listed) for row, listed in rows if listed is not None]
    _check_overlaps(sound, faults)
    return ResourceList(column, tuple(listed for _, listed in sound))


def _column(found: CsvFile, faults: Faults) -> str | None:
    keys = [name for name in KEYS if name in found.columns]
    before = len(faults.found)
    absent = [known for known in (*KEYS, *KNOWN) if known not in found.columns]
    for name in found.columns:
        meant = next((known for known in absent if _misspelt(name, known)), None)
        if meant and name not in (*KEYS, *KNOWN):
            faults.add(found.place, f"unknown column {name!r}", hint=f"did you mean {meant!r}?")
    if len(faults.found) > before:
        return None
    if len(keys) != 1:
        what = "several of the columns" if keys else "none of the columns"
        faults.add(
            found.place, f"{what} {', '.join(KEYS)}", hint="a resource list goes by exactly one"
        )
        return None
    if "team" not in found.columns and "pool" not in found.columns:
        faults.add(found.place, "no column 'team' (or 'pool')", hint="add the owner of each row")
        return None
    return keys[0]


def _misspelt(name: str, known: str) -> bool:
    """Whether a column is a known one misspelt (`Team`, `untill`, `form`), and not a note."""
    same_letters = sorted(name.casefold()) == sorted(known.casefold())
    return same_letters or nearest(name, [known], cutoff=0.85) is not None


def _row(row: CsvRow, column: str, teams: Names, pools: Names, faults: Faults) -> Listed | None:
    value, team, pool = row[column], row["team"], row["pool"]
    if not value:
        faults.add(row.field(column), f"no {column}", hint="give one, or remove the row")
        return None
    if bool(team) == bool(pool):
        what = "both a team and a pool" if team else "neither a team nor a pool"
        faults.add(row.field("team"), f"{what} for {value!r}", hint="name exactly one")
        return None
    names, name = (teams, team) if team else (pools, pool)
    known = names.knows(name, row.field("team" if team else "pool"), faults)
    valid = read_row_validity(row, faults)
    if not known or valid is None:
        return None
    return Listed(value, _owner(OwnerKind.TEAM if team else OwnerKind.POOL, name), valid)


def read_row_validity(row: CsvRow, faults: Faults) -> Validity | None:
    """The days that a row names by `from` and `until`; None where they are at fault."""
    days: list[date | None] = []
    for column in ("from", "until"):
        try:
            days.append(as_day(row[column]) if row[column] else None)
        except ValueError as why:
            faults.add(row.field(column), f"`{column}`: {row[column]!r} is not a day", why=str(why))
            return None
    start, until = days
    if start is None and until is None:
        return ALWAYS
    if start and until and until <= start:
        faults.add(
            row.field("from"), "`from` isn't before `until`", hint="swap or correct the days"
        )
        return None
    return _days(start, until)


@lru_cache(maxsize=4096)
def _owner(kind: OwnerKind, name: str) -> Owner:
    """One value for all rows of an owner: lists are long, and owners few."""
    return Owner(kind, name)


@lru_cache(maxsize=4096)
def _days(start: date | None, until: date | None) -> Validity:
    return Validity(start, until)


def _check_overlaps(rows: Iterable[tuple[CsvRow, Listed]], faults: Faults) -> None:
    by_value: dict[str, list[tuple[CsvRow, Listed]]] = {}
    for row, listed in rows:
        others = by_value.setdefault(listed.value, [])
        for other, earlier in others:
            if earlier.valid.meet(listed.valid):
                faults.add(
                    row,
                    f"{listed.value!r} is listed twice for the same days",
                    why=f"the other is at {other.place}",
                    hint="keep one, or end the earlier with `until`",
                )
                break
        others.append((row, listed))
