"""Hours and quotas of a shared cluster, from plain CSV. Teams of the trace's queues are ours."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from apportion.errors import ConfigurationError, SourceError
from usage_readers import SHARED, at, read_file, read_text

TRACES = SHARED / "traces"
HOURS = "time,vc,total_gpu_num,running_gpu_num,pending_gpu_num,idle_gpu_num\n"

there = pytest.mark.skipif(not TRACES.exists(), reason="the shared traces aren't on this machine")


def test_an_hour_of_a_queue(tmp_path: Path) -> None:
    found = read_text(
        "cluster-hours", tmp_path, HOURS + "2026-10-01 00:00:00,vcA,64.0,58.3167,2,5.6833\n"
    )
    (one,) = found.records
    assert (one["UsageStart"], one["UsageEnd"]) == (at("2026-10-01T00:00"), at("2026-10-01T01:00"))
    assert (one["ProjectId"], one["gpus_capacity"], one["gpus_pending"]) == ("vcA", 64, 2)
    assert one["gpus"] == Decimal("58.3167")
    assert "gpus_quota" not in one


def test_columns_by_other_names(tmp_path: Path) -> None:
    spec = {"columns": {"queue": "team", "quota": "q"}, "options": {"minutes": "15"}}
    text = "hour,team,q,used\n2026-10-01T00:15Z,nlp,8,\n2026-10-01T00:30Z,nlp,8,6.5\n"
    first, second = read_text("cluster-hours", tmp_path, text, **spec).records
    assert (first["gpus_quota"], first["UsageEnd"]) == (8, at("2026-10-01T00:30"))
    assert "gpus_used" not in first
    assert second["gpus_used"] == Decimal("6.5")


def test_the_hour_that_the_clock_shows_twice(tmp_path: Path) -> None:
    rows = [f"2026-10-25 0{hour}:00:00,{vc},8,{hour},0,0" for hour in (1, 2, 2, 3) for vc in "ab"]
    found = read_text(
        "cluster-hours", tmp_path, HOURS + "\n".join(rows) + "\n", timezone="Europe/Berlin"
    )
    starts = [
        one["UsageStart"].strftime("%d %H") for one in found.records if one["ProjectId"] == "a"
    ]
    assert starts == ["24 23", "25 00", "25 01", "25 02"]
    assert len(found.by_id()) == 8


def test_what_cannot_be_read_is_rejected_or_refused(tmp_path: Path) -> None:
    rows = "soon,a,8,1,0,7\n2026-10-01 00:00:00,a,eight,1,0,7\n2026-10-01 00:00:00,a,8,NaN,0,7\nx\n"
    found = read_text("cluster-hours", tmp_path, HOURS + rows)
    assert [one.line for one in found.rejected] == [2, 3, 4, 5]
    with pytest.raises(SourceError, match="'queue' is missing"):
        read_text("cluster-hours", tmp_path, "time,who\n1,2\n")
    with pytest.raises(SourceError, match="no column of GPUs"):
        read_text("cluster-hours", tmp_path, "time,vc\n1,2\n")
    with pytest.raises(SourceError, match="'q' is missing"):
        read_text("cluster-hours", tmp_path, HOURS + rows, columns={"queue": "q"})
    with pytest.raises(ConfigurationError, match="minutes"):
        read_text("cluster-hours", tmp_path, HOURS, options={"minutes": "an hour"})


def test_quotas_by_day(tmp_path: Path) -> None:
    text = "date,a,b,c,total\n2026-03-28,8,4,0,12\n2026-03-29,8,4,,12\n"
    found = read_text("cluster-quota", tmp_path, text, timezone="Europe/Berlin").records
    assert [(one["ProjectId"], one["gpus_quota"]) for one in found] == [("a", 8), ("b", 4)] * 2
    short = found[2]
    assert (short["UsageEnd"] - short["UsageStart"]).total_seconds() == 23 * 3600


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2026-10-02,0,12,0,12", "b has all 12 GPUs and every other queue none, while 3 queues"),
        ("2026-10-02,6,4,1,12", "add up to 11, and total says 12"),
        ("someday,6,4,2,12", "someday"),
    ],
)
def test_a_day_that_cannot_be_is_set_aside(tmp_path: Path, row: str, reason: str) -> None:
    text = f"date,a,b,c,total\n2026-10-01,6,4,2,12\n{row}\n2026-10-03,6,4,2,12\n"
    found = read_text("cluster-quota", tmp_path, text)
    assert len(found.records) == 6
    (one,) = found.rejected
    assert one.line == 3
    assert reason in one.reason


def test_one_queue_may_have_everything_for_good(tmp_path: Path) -> None:
    text = "date,a,b\n2026-10-01,6,0\n2026-10-02,6,0\n2026-10-03,4,2\n"
    assert len(read_text("cluster-quota", tmp_path, text).records) == 4
    with pytest.raises(SourceError, match="it has no queue"):
        read_text("cluster-quota", tmp_path, "date,total\n2026-10-01,1\n")


@there
def test_the_trace_of_a_month() -> None:
    found = read_file("cluster-hours", TRACES / "helios_earth_vc_hourly.csv.gz")
    assert (len(found.records), len(found.by_id()), found.rejected) == (11_904, 11_904, [])
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for one in found.records:
        for meter in ("gpus", "gpus_capacity"):
            sums[meter] += Fraction(one[meter])
    assert [round(sums[one]) for one in ("gpus_capacity", "gpus")] == [636_864, 424_773]
    assert len({one["ProjectId"] for one in found.records}) == 16


@there
def test_the_day_on_which_one_queue_has_the_cluster_is_found() -> None:
    quotas = read_file("cluster-quota", TRACES / "Earth_gpu_number.csv")
    (fault,) = quotas.rejected
    assert fault.row["date"] == "2020-05-09"
    assert fault.reason.startswith("vcIya has all 840 GPUs and every other queue none")
    assert len({one["UsageStart"] for one in quotas.records}) == 180
    hours = read_file("cluster-hours", TRACES / "helios_earth_vc_hourly.csv.gz").records
    ran = {one["ProjectId"] for one in hours if one["UsageStart"].day == 9 and one["gpus"]}
    assert len(ran - {"vcIya"}) > 10, "others ran jobs on that day"
