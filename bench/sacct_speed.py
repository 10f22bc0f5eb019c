"""Slurm: how long reading and loading a file of sacct takes, with nothing else on the machine.

python bench/sacct_speed.py --rows 1000000
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter

from apportion.errors import Place
from apportion.load.usage import load_usage
from apportion.model.read_project import read_project
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.formats import usage_format
from apportion.store.books import Books
from apportion.store.lake import Lake

FIELDS = (
    "JobIDRaw|JobID|User|Account|Partition|QOS|WCKey|Cluster|State|Submit|Eligible|Start|End|"
    "ElapsedRaw|Suspended|AllocTRES|ReqTRES|NodeList|ExitCode"
)
STATES = ["COMPLETED"] * 8 + ["FAILED", "CANCELLED by 1001"]
FIRST = datetime(2026, 10, 1)  # noqa: DTZ001 -- a cluster's own clock
MONTH = 30 * 86400
PROJECT = """
name: Cluster
currency: USD
usage:
  hpc: {format: slurm, path: jobs.txt, timezone: Europe/Berlin}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "apportion.yaml").write_text(PROJECT)
        with (root / "jobs.txt").open("w") as out:
            out.writelines(jobs(given.rows))
        for what, work in (("read", read), ("load", load)):
            began = perf_counter()
            records = work(root)
            print(f"{what}: {records:,} records in {perf_counter() - began:.1f} s")


def jobs(rows: int) -> Iterator[str]:
    random = Random(1)
    yield FIELDS + "\n"
    for job in range(rows):
        submit = FIRST + timedelta(seconds=job * MONTH // rows)
        start = submit + timedelta(seconds=int(random.expovariate(1 / 600)))
        took = int(random.expovariate(1 / 5400))
        end = start + timedelta(seconds=took)
        gpus = random.choice([0, 1, 1, 2, 4, 8])
        typed = f"gres/gpu:a100={gpus},gres/gpu={gpus}," if gpus else ""
        tres = f"cpu={8 * gpus or 8},{typed}mem={64 * gpus or 16}G,node=1"
        times = "|".join(one.isoformat() for one in (submit, submit, start, end))
        user = random.randrange(900)
        yield (
            f"{job}|{job}|user{user}|team{user % 40}|gpu|normal|p{user % 60}|hpc|"
            f"{random.choice(STATES)}|{times}|{took}|00:00:00|{tres}|{tres}|"
            f"node{random.randrange(200)}|0:0\n"
        )


def read(root: Path) -> int:
    spec = UsageSpec("hpc", "slurm", "jobs.txt", Place("bench"), timezone="Europe/Berlin")
    file = InputFile("jobs.txt", root / "jobs.txt")
    return sum(batch.rows.num_rows for batch in usage_format("slurm").read(file, spec))


def load(root: Path) -> int:
    project = read_project(root)
    books, lake = Books.open(project.books), Lake(project.lake)
    return sum(one.rows for one in load_usage(project, books, lake))


if __name__ == "__main__":
    main()
