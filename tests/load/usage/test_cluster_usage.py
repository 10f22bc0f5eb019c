"""Usage of clusters from its own files to quantities by day. Teams of trace queues are ours."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from apportion.domain.period import Period
from apportion.domain.snapshot import SnapshotKind
from apportion.load.usage import UsageLoad, load_usage
from apportion.model.read_project import read_project
from apportion.store.books import Books
from apportion.store.lake import Lake
from usage_readers import SHARED

HEAD = "JobIDRaw|User|Account|State|Submit|Start|End|ElapsedRaw|AllocTRES|ReqTRES"
TRES = "cpu=8,gres/gpu:a100=4,gres/gpu=4,mem=32G"


class Cluster:
    """A project with one source of usage, `cluster`."""

    def __init__(self, root: Path, source: str) -> None:
        text = f"name: Cluster\ncurrency: USD\nusage:\n  cluster: {source}\n"
        (root / "apportion.yaml").write_text(text)
        self.project = read_project(root)
        self.books = Books.open(self.project.books)
        self.lake = Lake(self.project.lake)

    def load(self) -> UsageLoad:
        (found,) = load_usage(self.project, self.books, self.lake)
        return found

    def hours(self, month: str) -> dict[str, Fraction]:
        """The quantity of each meter in a month."""
        kind = SnapshotKind.USAGE
        (found,) = self.books.current("cluster", Period.parse(month), kind=kind)
        (file,) = (one for one in found.units[-1].files if one.role == "usage_daily")
        sums: dict[str, Fraction] = defaultdict(Fraction)
        for row in pq.read_table(self.lake.path(file)).to_pylist():
            sums[row["Meter"]] += Fraction(row["Quantity"]) / row["Per"]
        return sums


def test_jobs_over_the_clock_change_and_the_end_of_a_month(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, '{format: slurm, path: "jobs-*.txt", timezone: Europe/Berlin}')
    jobs = [
        f"1|mira|nlp|COMPLETED|2026-10-25T00:00:00|2026-10-25T01:30:00|2026-10-25T03:30:00|10800|{TRES}|{TRES}",
        f"2|mira|nlp|FAILED|2026-10-31T22:00:00|2026-10-31T22:00:00|2026-11-01T02:00:00|14400|{TRES}|{TRES}",
        f"3|omar|cv|RUNNING|2026-11-01T01:00:00|2026-11-01T01:00:00|Unknown|3600|{TRES}|{TRES}",
        f"4|omar|cv|COMPLETED|2026-10-30T01:00:00|2026-10-30T09:00:00|2026-10-30T08:00:00|0|{TRES}|{TRES}",
        f"1.batch||nlp|COMPLETED|Unknown|2026-10-25T01:30:00|2026-10-25T03:30:00|10800|{TRES}|",
    ]
    (tmp_path / "jobs-1.txt").write_text("\n".join([HEAD, *jobs]) + "\n")
    loaded = cluster.load()
    assert [(str(one.period), one.read) for one in loaded.periods] == [
        ("2026-10", 3),
        ("2026-11", 1),
    ]
    assert loaded.set_aside == 1
    assert cluster.hours("2026-10")["gpu_hours"] == 4 * 3 + 4 * 3, "two o'clock came twice"
    assert cluster.hours("2026-11")["gpu_hours"] == 4 * 1 + 4 * 1, "runs on to the last time told"
    ended = jobs[2].replace("RUNNING", "COMPLETED").replace("|3600|", "|18000|")
    ended = ended.replace("Unknown", "2026-11-01T06:00:00")
    (tmp_path / "jobs-2.txt").write_text("\n".join([HEAD, ended, jobs[1]]) + "\n")
    _, november = cluster.load().periods
    assert november.superseded == 1
    assert cluster.hours("2026-11")["gpu_hours"] == 4 * 1 + 4 * 5


@pytest.mark.skipif(not SHARED.exists(), reason="the shared traces aren't on this machine")
def test_a_month_of_a_public_cluster_is_whole(tmp_path: Path) -> None:
    path = (SHARED / "traces" / "helios_earth_vc_hourly.csv.gz").resolve()
    cluster = Cluster(tmp_path, f"{{format: cluster-hours, path: {path}, timezone: Asia/Shanghai}}")
    loaded = cluster.load()
    assert sum(one.accepted for one in loaded.periods) == 11_904
    months = [cluster.hours(str(one.period)) for one in loaded.periods]
    assert sum(one["gpu_hours_capacity"] for one in months) == 636_864
    used = sum(one["gpu_hours"] for one in months)
    assert round(used) == 424_773
    assert round(636_864 - used) == 212_091, "what stood idle"


@pytest.mark.skipif(not SHARED.exists(), reason="the shared traces aren't on this machine")
def test_a_day_on_which_one_queue_has_everything_is_a_finding(tmp_path: Path) -> None:
    path = (SHARED / "traces" / "Earth_gpu_number.csv").resolve()
    cluster = Cluster(tmp_path, f"{{format: cluster-quota, path: {path}}}")
    (fault,) = cluster.load().findings
    assert fault.code == "usage-unreadable"
    assert "vcIya has all 840 GPUs" in fault.message
    assert str(fault.place).endswith(":40")
