"""Costs of coalitions from a CSV: what it would cost to serve each set of teams alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING

from apportion.model import marked_yaml as y
from apportion.model.terms.games import CoalitionCosts
from apportion.model.text_file import CsvFile, CsvRow
from apportion.model.values import as_quantity

if TYPE_CHECKING:
    from apportion.model.read_pools import PoolReading

MOST = 12
"""Teams whose coalitions can be stated one by one: 2^12 - 1 costs."""

Names = tuple[str, ...]


def read_coalitions(node: y.Node, reading: PoolReading) -> CoalitionCosts | None:
    """The file that a split names, with the columns `teams` (separated by ``|``) and `cost`.

    Each of the 2^n - 1 coalitions of the n teams it names must be there.
    """
    found = reading.open_csv(node)
    if found is None:
        return None
    lacking = [name for name in ("teams", "cost") if name not in found.columns]
    if lacking:
        reading.faults.add(
            found.place,
            f"no column {', '.join(lacking)}",
            hint="a file of coalitions has teams (a|b|c) and cost",
        )
        return None
    before = len(reading.faults.found)
    costs = _costs(found, reading)
    if len(reading.faults.found) > before:
        return None
    players = sorted({name for names in costs for name in names})
    if not _complete(node, found, players, costs, reading):
        return None
    return CoalitionCosts(tuple(sorted(costs.items())))


def _costs(found: CsvFile, reading: PoolReading) -> dict[Names, Fraction]:
    made: dict[Names, Fraction] = {}
    for row in found.rows:
        read = _row(row, reading)
        if read is None:
            continue
        names, cost = read
        if names in made:
            reading.faults.add(
                row.field("teams"), f"a second cost of {'|'.join(names)}", hint="keep one"
            )
        made[names] = cost
    return made


def _row(row: CsvRow, reading: PoolReading) -> tuple[Names, Fraction] | None:
    at, faults = row.field("teams"), reading.faults
    names = sorted(name.strip() for name in row["teams"].split("|"))
    for name in names:
        reading.receivers.receives(name, at, faults)
    if len(set(names)) < len(names):
        faults.add(at, "a team stands twice in one coalition", hint="name each once")
    try:
        return tuple(names), Fraction(as_quantity(row["cost"]))
    except ValueError as why:
        faults.add(row.field("cost"), f"the cost {row['cost']!r} can't be read", why=str(why))
        return None


def _complete(
    node: y.Node,
    found: CsvFile,
    players: list[str],
    costs: Mapping[Names, Fraction],
    reading: PoolReading,
) -> bool:
    if not players:
        reading.faults.add(found.place, "no coalitions", hint="add rows: teams, cost")
        return False
    if len(players) > MOST:
        reading.faults.add(
            node,
            f"coalitions of {len(players)} teams can't be stated one by one",
            why=f"2^{len(players)} - 1 costs would be needed; up to {MOST} teams are taken",
            hint="state the cost as `needs` or `cost_of`, which hold for any number of teams",
        )
        return False
    missing = list(_missing(players, costs))
    if missing:
        shown = ", ".join("|".join(names) for names in missing[:5])
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        reading.faults.add(
            found.place,
            f"no cost of {shown}{more}",
            why=f"each of the {2 ** len(players) - 1} coalitions of {len(players)} teams has one",
            hint="add a row for each",
        )
    return not missing


def _missing(players: list[str], costs: Mapping[Names, Fraction]) -> Iterator[Names]:
    for size in range(1, len(players) + 1):
        yield from (names for names in combinations(players, size) if names not in costs)
