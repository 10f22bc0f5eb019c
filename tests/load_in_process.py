"""A load in a process of its own: `load_in_process.py ROOT [--die-at STEP] [--wait]`.

With ``--die-at`` it is killed, as by the system, at the n-th file that it
would keep in the lake, or at the commit. With ``--wait`` it says "ready" before
it commits and waits for a line.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from apportion.errors import LoadConflict
from apportion.load import fold
from apportion.store.books import Books
from apportion.store.lake import Lake
from loads import House


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("--die-at", default="")
    parser.add_argument("--wait", action="store_true")
    given = parser.parse_args()
    house = House(given.root)
    if given.die_at.startswith("keep"):
        _die_at_keep(int(given.die_at.removeprefix("keep")))
    elif given.die_at == "fold":
        setattr(fold, "fold_monthly", lambda _: die())  # noqa: B010
    elif given.die_at == "commit":
        Books.commit_load = lambda *_: die()  # type: ignore[assignment, method-assign]
    if given.wait:
        _wait_at_commit()
    try:
        house.load()
    except LoadConflict as conflict:
        print(f"conflict: {conflict}", flush=True)  # noqa: T201
    else:
        print("loaded", flush=True)  # noqa: T201


def _die_at_keep(number: int) -> None:
    keep, kept = Lake.keep, 0

    def counted(lake: Lake, role: str, temporary: Path, rows: int) -> object:
        nonlocal kept
        kept += 1
        if kept == number:
            die()
        return keep(lake, role, temporary, rows)

    Lake.keep = counted  # type: ignore[assignment, method-assign]


def _wait_at_commit() -> None:
    commit = Books.commit_load

    def waiting(*given: object) -> object:
        print("ready", flush=True)  # noqa: T201
        sys.stdin.readline()
        return commit(*given)  # type: ignore[arg-type]

    Books.commit_load = waiting  # type: ignore[assignment, method-assign]


if __name__ == "__main__":
    main()
