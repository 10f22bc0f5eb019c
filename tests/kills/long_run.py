"""Two hundred kills and more, month after month: `make kills ARGS="--kills 200 --url URL"`."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from killed_month import Month, disturbed, erp, posted, undisturbed


def main() -> None:
    """Kill until so many processes were killed at work; stop at the first month that differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance, kills, months = random.Random(given.seed), Counter[str](), 0
    with tempfile.TemporaryDirectory() as root, erp() as calm:
        expected, taken = undisturbed(Path(root) / "calm", calm)
        while sum(kills.values()) < given.kills:
            months += 1
            with erp() as server:
                month = Month(Path(root) / f"m{months}", server.url)
                found = disturbed(month, chance, taken, kills=12)
                if found != expected or posted(server) != posted(calm):
                    raise SystemExit(f"month {months} of seed {given.seed} differs: {found}")
            kills += month.kills
            told = ", ".join(f"{name} {count}" for name, count in sorted(kills.items()))
            whole = f"{sum(kills.values())} kills in {months} months, all whole ({told})"
            print(whole, flush=True)  # noqa: T201 -- what the run has to tell


if __name__ == "__main__":
    main()
