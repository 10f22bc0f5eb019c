"""Slurm: what jobs held and waited for, from sacct's rows."""

from __future__ import annotations

import gzip
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import ConfigurationError, SourceError
from apportion.sources.usage.slurm_tres import read_tres
from usage_readers import Reading, at, read_file, read_text

FIELDS = (
    "JobIDRaw|JobID|User|Account|Partition|State|Submit|Start|End|ElapsedRaw|Suspended|AllocTRES|"
    "ReqTRES"
)
GPUS = "billing=16,cpu=16,gres/gpu:a100=2,gres/gpu=2,mem=64G,node=1"


def job(**given: str) -> str:
    row = {
        "JobIDRaw": "4211",
        "User": "mira",
        "Account": "nlp",
        "Partition": "gpu",
        "State": "COMPLETED",
        "Submit": "2026-10-03T09:00:00",
        "Start": "2026-10-03T10:00:00",
        "End": "2026-10-03T12:00:00",
        "ElapsedRaw": "7200",
        "Suspended": "00:00:00",
        "AllocTRES": GPUS,
        "ReqTRES": GPUS,
        **given,
    }
    row.setdefault("JobID", row["JobIDRaw"])
    return "|".join(row[name] for name in FIELDS.split("|"))


def read(folder: Path, *rows: str, **spec: Any) -> Reading:
    text = "\n".join([FIELDS, *rows]) + "\n"
    return read_text("slurm", folder, text, **{"options": {"pending": "yes"}, **spec})


def ran(found: Reading) -> list[dict[str, Any]]:
    return [one for one in found.records if "gpus_pending" not in one]


def test_a_job_holds_what_it_was_allocated_and_waits_for_what_it_asked_for(tmp_path: Path) -> None:
    found = read(tmp_path, job())
    held, waited = found.records
    assert held["UsageId"] == "/4211/2026-10-03 09:00:00/2026-10-03 10:00:00"
    assert (held["UsageStart"], held["UsageEnd"]) == (
        at("2026-10-03T10:00:00"),
        at("2026-10-03T12:00:00"),
    )
    assert (held["gpus"], held["cpus"], held["gpus_requested"]) == (2, 16, 2)
    assert held["memory_gb"] == Decimal("68.719476736")
    assert (held["RunId"], held["UserId"], held["AccountId"]) == ("4211", "mira", "nlp")
    assert (held["Status"], held["SourceLine"]) == ("success", 2)
    assert held["Attributes"] == {"gpu_type": "a100", "partition": "gpu", "state": "COMPLETED"}
    assert waited["gpus_pending"] == 2
    assert (waited["UsageStart"], waited["UsageEnd"]) == (
        at("2026-10-03T09:00:00"),
        at("2026-10-03T10:00:00"),
    )
    assert "gpus" not in waited


@pytest.mark.parametrize(
    ("text", "gpus"),
    [
        ("gres/gpu=4", Fraction(4)),
        ("gres/gpu:a100=8,gres/gpu=8", Fraction(8)),
        ("gres/gpu:a100=2,gres/gpu:v100=6", Fraction(8)),
        ("gres/gpu=8,gres/gpu:a100=2", Fraction(8)),
        ("gres/gpu:1g.10gb=2,gres/gpu=2", Fraction(2, 7)),
        ("gres/gpu:a100_3g.40gb=1,gres/gpu:a100=1,gres/gpu=2", Fraction(10, 7)),
        ("gres/gpu:1g.6gb=1,gres/gpu=1", Fraction(1, 4)),
        ("cpu=4,mem=1G", None),
        ("gres/gpu=0", Fraction(0)),
        ("gres/shard=3", Fraction(3, 4)),
        ("", None),
    ],
)
def test_typed_and_untyped_gpus_are_the_same_gpus(text: str, gpus: Fraction | None) -> None:
    assert read_tres(text, {"shard": 4}).gpus == gpus


@pytest.mark.parametrize(
    ("text", "gb"),
    [
        ("mem=1000M", Fraction(1000 * 2**20, 10**9)),
        ("mem=1000", Fraction(1000 * 2**20, 10**9)),
        ("mem=1.50T", Fraction(3 * 2**39, 10**9)),
        ("mem=2048K", Fraction(2**21, 10**9)),
        ("mem=1P", Fraction(2**50, 10**9)),
    ],
)
def test_memory_is_in_units_of_1024(text: str, gb: Fraction) -> None:
    assert read_tres(text, {}).memory_gb == gb


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("FAILED", "failed"),
        ("CANCELLED by 1001", "cancelled"),
        ("TIMEOUT", "failed"),
        ("OUT_OF_MEMORY", "failed"),
        ("NODE_FAIL", "failed"),
        ("PREEMPTED", "preempted"),
        ("REQUEUED", "preempted"),
        ("RESIZING", None),
    ],
)
def test_states(tmp_path: Path, state: str, status: str | None) -> None:
    (one,) = ran(read(tmp_path, job(State=state)))
    assert one.get("Status") == status
    assert one["Attributes"]["state"] == state


def test_a_running_job_has_no_end(tmp_path: Path) -> None:
    (one,) = ran(read(tmp_path, job(State="RUNNING", End="Unknown")))
    assert one["Status"] == "running"
    assert "UsageEnd" not in one


@pytest.mark.parametrize("start", ["Unknown", "None"])
def test_a_job_that_never_began_held_nothing_and_waited(tmp_path: Path, start: str) -> None:
    found = read(tmp_path, job(State="CANCELLED by 7", Start=start, AllocTRES="", ElapsedRaw="0"))
    (waited,) = found.records
    assert waited["UsageEnd"] == at("2026-10-03T12:00:00")
    assert waited["gpus_pending"] == 2
    assert found.skipped == 1


def test_a_pending_job_still_waits(tmp_path: Path) -> None:
    row = job(State="PENDING", Start="Unknown", End="Unknown", AllocTRES="", ElapsedRaw="0")
    (waited,) = read(tmp_path, row).records
    assert "UsageEnd" not in waited
    begun = read(tmp_path, job()).records[1]
    assert waited["UsageId"] == begun["UsageId"], "the later export takes its place"


def test_steps_are_part_of_their_job(tmp_path: Path) -> None:
    found = read(tmp_path, job(), job(JobIDRaw="4211.batch"), job(JobIDRaw="4211.0", User=""))
    assert len(ran(found)) == 1
    assert found.skipped == 2


def test_requeued_and_resized_runs_of_one_job_are_told_apart(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        job(State="REQUEUED", End="2026-10-03T11:00:00", ElapsedRaw="3600"),
        job(Submit="2026-10-03T11:00:00", Start="2026-10-03T11:30:00", ElapsedRaw="1800"),
        job(Start="2026-10-03T12:00:00", End="2026-10-03T13:00:00", ElapsedRaw="3600"),
        options={},
    )
    assert len({one["UsageId"] for one in found.records}) == 3
    assert {one["RunId"] for one in found.records} == {"4211"}


def test_tasks_of_an_array_and_parts_of_a_heterogeneous_job(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        job(JobIDRaw="5001", JobID="5000_1"),
        job(JobIDRaw="5002", JobID="5000_2"),
        job(JobIDRaw="6001", JobID="6000+1"),
        options={},
    )
    assert [one["Attributes"]["job_id"] for one in found.records] == ["5000_1", "5000_2", "6000+1"]
    assert len(found.by_id()) == 3


def test_waiting_tasks_on_one_row_are_not_counted_as_one(tmp_path: Path) -> None:
    row = job(JobID="5000_[3-9]", Start="Unknown", End="Unknown", AllocTRES="", State="PENDING")
    found = read(tmp_path, row)
    assert (found.records, found.skipped) == ([], 1)


def test_a_suspended_job_counts_for_the_time_that_it_ran(tmp_path: Path) -> None:
    row = job(ElapsedRaw="5400", Suspended="00:30:00", End="2026-10-03T12:00:00")
    (one,) = ran(read(tmp_path, row))
    assert one["gpus"] * 2 == 3, "2 GPUs x 1.5 h over 2 h"


@pytest.mark.parametrize(("elapsed", "gpus"), [("1800", "0.5"), ("7200", "2"), ("", "2")])
def test_without_suspended_a_job_counts_for_its_elapsed_time(
    tmp_path: Path, elapsed: str, gpus: str
) -> None:
    text = job(ElapsedRaw=elapsed)
    at_ = FIELDS.split("|").index("Suspended")
    rows = ["|".join(part for n, part in enumerate(row.split("|")) if n != at_)
            for row in (FIELDS, text)]  # fmt: skip
    (one,) = read_text("slurm", tmp_path, "\n".join(rows) + "\n").records
    assert one["gpus"] == Decimal(gpus)
    assert one["UsageEnd"] == at("2026-10-03T12:00:00")


def test_local_times_and_the_clock_change(tmp_path: Path) -> None:
    berlin = {"timezone": "Europe/Berlin", "options": {}}
    rows = [
        job(Start="2026-07-01T12:00:00", End="2026-07-01T13:00:00", ElapsedRaw="3600"),
        job(Start="2026-10-25T01:30:00", End="2026-10-25T03:30:00", ElapsedRaw="10800"),
        job(Start="2026-10-25T02:10:00", End="2026-10-25T02:05:00", ElapsedRaw="3300"),
        job(Start="2026-10-25T02:10:00", End="2026-10-25T02:40:00", ElapsedRaw="5400"),
        job(Start="2026-10-25T02:50:00", End="2026-10-25T03:20:00", ElapsedRaw="1800"),
        job(Start="2026-10-25T02:50:00", End="2026-10-25T02:55:00", ElapsedRaw="300"),
    ]
    found = read(tmp_path, *rows, **berlin).records
    assert [
        (one["UsageStart"].strftime("%H:%M"), one["UsageEnd"].strftime("%H:%M")) for one in found
    ] == [
        ("10:00", "11:00"),
        ("23:30", "02:30"),
        ("00:10", "01:05"),
        ("00:10", "01:40"),
        ("01:50", "02:20"),
        ("00:50", "00:55"),
    ]


def test_times_as_seconds_or_with_their_zone(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        job(Start="1790812800", End="1790816400", Submit="1790812800"),
        job(JobIDRaw="2", Start="2026-10-01T02:00:00+0200", End="2026-10-01T01:00:00+00:00"),
        timezone="Europe/Berlin",
    )
    for one in ran(found):
        assert one["UsageStart"] == at("2026-10-01T00:00:00")
        assert one["UsageEnd"] == at("2026-10-01T01:00:00")


def test_energy_in_watt_hours_and_not_where_it_was_not_measured(tmp_path: Path) -> None:
    head = "JobIDRaw|State|Start|End|AllocTRES|ConsumedEnergyRaw|WCKey"
    row = "COMPLETED|2026-10-03T10:00:00|2026-10-03T12:00:00|cpu=1"
    text = f"{head}\n1|{row}|7200|diffusion\n2|{row}|0|\n3|{row}|18446744073709551614|\n"
    found = read_text("slurm", tmp_path, text).records
    assert [one.get("energy_wh") for one in found] == [2, None, None]
    assert [one.get("ProjectId") for one in found] == ["diffusion", None, None]


def test_what_cannot_be_read_is_rejected_with_its_line(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        job(),
        job(Start="soon"),
        job(AllocTRES="gres/gpu=lots"),
        job(JobIDRaw="9") + "|extra",
        "",
        job(AllocTRES="gres/shard=2"),
        job(JobIDRaw="10"),
    )
    assert [
        (one.line, one.column) for one in sorted(found.rejected, key=lambda one: one.line or 0)
    ] == [
        (3, "Start"),
        (4, "AllocTRES"),
        (5, ""),
        (7, "AllocTRES"),
    ]
    assert "makes" in found.rejected[-1].reason or "make a GPU" in found.rejected[-1].reason
    assert [one["SourceLine"] for one in ran(found)] == [2, 8]


def test_lines_are_right_in_files_of_many_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apportion.sources.usage.slurm_file._BLOCK", 4096)
    broken = {20, 21, 400, 999}
    rows = [job(JobIDRaw=str(line)) + "|x" * (line in broken) for line in range(2, 1001)]
    found = read(tmp_path, *rows, options={})
    assert {one.line for one in found.rejected} == broken
    assert [one["SourceLine"] for one in found.records] == [
        int(one["RunId"]) for one in found.records
    ]
    assert len(found.records) == 999 - len(broken)


def test_shards_are_parts_of_a_gpu_whose_size_is_told(tmp_path: Path) -> None:
    (one,) = ran(read(tmp_path, job(AllocTRES="gres/shard=2"), options={"shards_per_gpu": "4"}))
    assert one["gpus"] == Decimal("0.5")
    with pytest.raises(ConfigurationError, match="knows no option 'shard_per_gpu'"):
        read(tmp_path, job(), options={"shard_per_gpu": "4"})
    with pytest.raises(ConfigurationError, match="shards_per_gpu"):
        read(tmp_path, job(), options={"shards_per_gpu": "four"})


def test_other_shapes_of_the_export(tmp_path: Path) -> None:
    text = "".join(f"{line}|\n" for line in (FIELDS, job()))
    assert len(ran(read_text("slurm", tmp_path, text))) == 1, "-p ends lines with the delimiter"
    told = {"fields": FIELDS.replace("|", ",").replace("User", "User%30")}
    (one,) = ran(read_text("slurm", tmp_path, job() + "\n", options=told))
    assert (one["UserId"], one["SourceLine"]) == ("mira", 1)
    tabbed = read_text(
        "slurm",
        tmp_path,
        f"{FIELDS}\n{job()}\n".replace("|", "\t"),
        options={"delimiter": "\t"},
    )
    assert len(ran(tabbed)) == 1
    assert read_text("slurm", tmp_path, FIELDS + "\n").records == []
    packed = tmp_path / "jobs.gz"
    packed.write_bytes(gzip.compress(f"{FIELDS}\n{job()}\n".encode()))
    assert len(ran(read_file("slurm", packed))) == 1


def test_another_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="column 'JobIDRaw' is missing"):
        read_text("slurm", tmp_path, "a|b\n1|2\n")
