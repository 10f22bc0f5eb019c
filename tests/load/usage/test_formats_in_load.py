"""Formats and the loader together: what services tell is counted once, and what isn't is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from apportion.domain.period import Period
from apportion.domain.snapshot import SnapshotKind
from apportion.load.usage import UsageLoad, load_usage
from apportion.meter import Spool
from apportion.model.read_project import read_project
from apportion.sources.usage.formats import MODULES
from apportion.store.books import Books
from apportion.store.lake import Lake
from metering import event


class Folder:
    """A project with one source of usage."""

    def __init__(self, root: Path, source: str) -> None:
        text = f"name: Usage\ncurrency: USD\nusage:\n  it: {source}\n"
        (root / "apportion.yaml").write_text(text)
        (root / "usage").mkdir(exist_ok=True)
        self.usage = root / "usage"
        self.project = read_project(root)
        self.books = Books.open(self.project.books)
        self.lake = Lake(self.project.lake)

    def load(self) -> UsageLoad:
        (found,) = load_usage(self.project, self.books, self.lake)
        return found

    def sums(self, month: str = "2026-10") -> dict[str, Any]:
        (snapshot,) = self.books.current("it", Period.parse(month), kind=SnapshotKind.USAGE)
        (file,) = (one for one in snapshot.units[-1].files if one.role == "usage_daily")
        found: dict[str, Any] = {}
        for row in pq.read_table(self.lake.path(file)).to_pylist():
            part = row["Quantity"] / row["Per"]
            found[row["Meter"]] = found.get(row["Meter"], 0) + part
        return found


def test_what_a_meter_spools_is_loaded_as_it_is(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "{format: cloudevents, path: usage/*.jsonl}")
    spool = Spool(folder.usage)
    for number in range(5):
        spool.append(event(number, reads=number))
    spool.close()
    (written,) = folder.usage.glob("*.jsonl")
    (folder.usage / "again.jsonl").write_bytes(written.read_bytes() + b"\n")
    (period,) = folder.load().periods
    assert (period.read, period.accepted, period.duplicate) == (10, 5, 5)
    assert folder.sums() == {"requests": 5, "feature_reads": 10}


def test_more_cached_than_input_is_set_aside(tmp_path: Path) -> None:
    columns = "{input_tokens: input_tokens, cached_tokens: cached_tokens}"
    folder = Folder(tmp_path, f"{{format: csv, path: usage, columns: {columns}}}")
    (folder.usage / "a.csv").write_text(
        "id,time,input_tokens,cached_tokens\n"
        "1,2026-10-01T00:00:00Z,100,60\n"
        "2,2026-10-01T00:00:00Z,50,60\n"
        "3,2026-10-01T00:00:00Z,NaN,60\n"
    )
    (period,) = folder.load().periods
    assert (period.read, period.accepted, period.rejected) == (3, 1, 2)
    assert {str(one.place) for one in period.findings} == {"usage/a.csv:3", "usage/a.csv:4:3"}
    assert folder.sums() == {"uncached_input_tokens": 40, "cache_read_tokens": 60}


def test_hours_that_a_source_reckoned_are_those_of_the_level(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "{format: csv, path: usage}")
    (folder.usage / "a.csv").write_text(
        "day,team,gpu_hours,gpus\n2026-10-01,a,10,\n2026-10-02,a,,2\n"
    )
    folder.load()
    assert folder.sums()["gpu_hours"] == 58


@pytest.mark.parametrize("twice", [False, True])
def test_overlapping_exports_of_a_counter_count_once(tmp_path: Path, twice: bool) -> None:
    folder = Folder(tmp_path, "{format: prometheus, path: usage, options: {meter: output_tokens}}")
    first = 1_790_812_800

    def write(name: str, begin: int, *values: str) -> None:
        samples = [[first + (begin + at) * 3600, one] for at, one in enumerate(values)]
        answer = {"resultType": "matrix", "result": [{"metric": {"pod": "a"}, "values": samples}]}
        (folder.usage / name).write_text(json.dumps({"status": "success", "data": answer}))

    write("1.json", 0, "5", "9", "20")
    write("2.json", 1 if twice else 2, *(("9", "20", "21") if twice else ("20", "21")))
    (period,) = folder.load().periods
    assert period.duplicate == (1 if twice else 0)
    assert folder.sums() == {"output_tokens": 16}


def test_what_is_wrong_in_a_table_is_told_with_line_and_column(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "{format: csv, path: usage/*.csv}")
    (folder.usage / "a.csv").write_bytes(
        b"id,start,team,output_tokens,note\n"
        b"1,2026-10-01T08:00:00Z,a,5,\n"
        b"2,2026-10-01T08:00:00Z,a,-5,\n"
        b"3,2026-10-01T08:00:00Z,a,5x,\n"
        b"4,2026-10-01T08:00:00Z,a\0b,5,\n"
    )
    (period,) = folder.load().periods
    assert (period.read, period.accepted, period.rejected) == (4, 1, 3)
    told = {str(one.place): one.message for one in period.findings}
    assert list(told) == ["usage/a.csv:4:4", "usage/a.csv:5:3", "usage/a.csv:3:4"]
    assert "TeamLabel: a NUL character" in told["usage/a.csv:5:3"]


@pytest.mark.parametrize("text", ["", "\n", "\ufeff\n \n"])
@pytest.mark.parametrize("source", sorted(MODULES))
def test_an_empty_file_is_told_whatever_its_format(tmp_path: Path, source: str, text: str) -> None:
    folder = Folder(tmp_path, f"{{format: {source}, path: usage}}")
    (folder.usage / "a").write_text(text)
    loaded = folder.load()
    assert [one.code for one in loaded.findings] == ["file-empty"]
    assert loaded.periods == ()


SACCT = "JobIDRaw|User|State|Start|End|AllocTRES\n"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("csv", "id,start,requests\n"),
        ("slurm", SACCT),
        (
            "prometheus, options: {meter: requests}",
            '{"data": {"resultType": "matrix", "result": []}}',
        ),
        ("openai-usage", '{"data": []}'),
    ],
)
def test_a_file_without_records_is_told(tmp_path: Path, source: str, text: str) -> None:
    folder = Folder(tmp_path, f"{{format: {source}, path: usage}}")
    (folder.usage / "a").write_text(text)
    assert [one.code for one in folder.load().findings] == ["file-empty"]


def test_what_is_skipped_is_told_so_that_the_file_adds_up(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "{format: slurm, path: usage}")
    times = "COMPLETED|2026-10-01T00:00:00|2026-10-01T01:00:00|gres/gpu=1"
    jobs = [f"{job}|u|{times}\n" for job in ("1", "1.batch", "1.0")]
    (folder.usage / "a").write_text(SACCT + "".join(jobs))
    (folder.usage / "b").write_text(SACCT + "".join(jobs[1:]))
    loaded = folder.load()
    assert [(one.code, one.rows, str(one.place)) for one in loaded.findings] == [
        ("usage-skipped", 2, "usage/b"),
        ("usage-skipped", 2, "usage/a"),
    ]
    assert loaded.periods[0].read == 1
