"""How fast a journal is written in each format: one document, and fifty, of as many lines together.

Each line has a cost centre of its own, which is the worst case for the checks. Checked and split
with it; the time is that of everything between the journal in memory and the bytes of its files.

    python bench/journal_export.py --lines 100000
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from apportion.domain.journal import Assignment, JournalDocument
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.target import Target
from apportion.publish.erp.targets import TARGETS
from erp_journals import CODED, RECOVERY, document, settings


def documents(lines: int, count: int) -> list[JournalDocument]:
    """So many balanced documents, each of its part of the lines."""
    size = lines // count
    made = []
    for number in range(count):
        first = number * size
        teams = {Assignment("653010", f"C{k:06}"): k + 1 for k in range(first, first + size - 1)}
        name = f"cb-1010-2026-10-USD-{number:08}"
        made.append(document({**teams, RECOVERY: -sum(teams.values())}, name))
    return made


def asked(target: Target, lines: int) -> ErpSettings:
    """The format's settings, with a code for each cost centre where it wants one."""
    found = settings(target.name)
    if target.limits.coded:
        centers = {f"C{k:06}": f"6{k}" for k in range(lines)} | CODED["cost_centers"]
        codes = {**CODED, "cost_centers": centers}
        return replace(found, spec=replace(found.spec, codes=codes))
    if target.name == "dynamics-365":
        return settings(target.name, dimensions="{account}|{cost_center}")
    return found


def main() -> None:
    """Print a row for each format."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    lines = parser.parse_args().lines
    for count in (1, 50):
        made = documents(lines, count)
        for target in TARGETS.values():
            given = asked(target, lines)
            start, used = time.perf_counter(), time.process_time()
            files = target.write(made, given)
            taken, used = time.perf_counter() - start, time.process_time() - used
            size = sum(map(len, files.values()))
            shown = f"{taken:6.2f} s, {used:5.2f} s of a core, {size / 1e6:5.1f} MB"
            print(f"{count:>3} documents  {target.name:20} {shown}")


if __name__ == "__main__":
    main()
