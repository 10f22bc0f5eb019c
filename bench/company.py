"""The benchmark's company: fifty teams, ten platforms whose cost is split by a quantity each.

Ours and the peers get the same task: direct cost by team tag, each platform's
cost to the teams in proportion to its quantities, the rest unallocated.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from generate import PERIOD, POOLS, TEAMS, WORK, Bill

KEYS = WORK / "keys.csv"


def quantities() -> Iterator[tuple[str, str, int]]:
    """Platform, team, and how much of the platform the team uses."""
    for pool in range(POOLS):
        for team in range(TEAMS):
            yield f"platform-{pool:02d}", f"team-{team:02d}", (pool * 7 + team * 13) % 97 + 1


def write_keys() -> Path:
    """The quantities as a CSV that the peers read."""
    return _write(KEYS, ("pool", "team", "quantity"), quantities())


def write_project(
    folder: Path, bills: Iterable[Bill], *, rules: Iterable[str] = (), teams: int = TEAMS
) -> Path:
    """A project of ours over some bills; `rules` are lines of YAML tried before the team tag."""
    shutil.rmtree(folder, ignore_errors=True)
    listed = list(bills)
    (folder / "model").mkdir(parents=True)
    seven = ", without: [BilledCost, BillingPeriodStart]"
    sources = "".join(
        f"  bill{n}: {{format: focus, path: {bill.path}{seven if bill.width == 'seven' else ''}}}\n"
        for n, bill in enumerate(listed)
    )
    (folder / "apportion.yaml").write_text(
        f"name: Benchmark\ncurrency: USD\nsources:\n{sources}", encoding="utf-8"
    )
    periods = sorted({bill.period for bill in listed})
    write_model(folder, periods, rules, teams)
    return folder


def write_model(
    folder: Path, periods: Iterable[str] = (PERIOD,), rules: Iterable[str] = (), teams: int = TEAMS
) -> None:
    organisation = "".join(f"  - {{name: team-{n:02d}, kind: team}}\n" for n in range(teams))
    pools, drivers = "", ""
    for n in range(POOLS):
        pool = f"platform-{n:02d}"
        split = f"{{by: driver, driver: {pool}}}"
        pools += f"  - {{name: {pool}, tag: {{team: {pool}}}, split: {split}}}\n"
        drivers += f"  - {{name: {pool}, unit: units, file: {pool}.csv}}\n"
        rows = [(t, p, q) for name, t, q in quantities() if name == pool for p in periods]
        _write(folder / "model" / f"{pool}.csv", ("team", "period", "quantity"), rows)
    text = f"organisation:\n{organisation}pools:\n{pools}drivers:\n{drivers}"
    (folder / "model" / "company.yaml").write_text(text, encoding="utf-8")
    write_rules(folder, rules)


def write_rules(folder: Path, rules: Iterable[str] = ()) -> None:
    """The rules alone, as an edit of the model would change them."""
    lines = "".join(f"  - {rule}\n" for rule in rules)
    text = f"rules:\n{lines}  - {{name: team tag, team_from_tag: team}}\n"
    (folder / "model" / "rules.yaml").write_text(text, encoding="utf-8")


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path
