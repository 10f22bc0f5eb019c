"""Usage is counted once, whole, and to the second."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import SourceError
from usages import UsageFolder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UsageFolder:
    return UsageFolder(tmp_path, monkeypatch)


def call(name: str, start: str | None = "2026-10-03T10:00:00", **more: object) -> dict[str, object]:
    return {"UsageId": name, "UsageStart": start, "ApiKeyId": "k1", "output_tokens": 10, **more}


def hours(folder: UsageFolder, month: str, meter: str) -> dict[date, Fraction]:
    found: dict[date, Fraction] = {}
    for row in folder.daily(month):
        if row["Meter"] == meter:
            part = Fraction(row["Quantity"]) / row["Per"]
            found[row["UsageDate"]] = found.get(row["UsageDate"], Fraction(0)) + part
    return found


def test_records_are_folded_by_key_and_day(folder: UsageFolder) -> None:
    folder.write("a.jsonl", call("1"), call("2"), call("3", ApiKeyId="k2"))
    loaded = folder.load()
    (period,) = loaded.periods
    assert (period.read, period.accepted, str(period.state)) == (3, 3, "new")
    rows = [
        (r["UsageDate"], r["Meter"], r["Quantity"], r["Records"]) for r in folder.daily("2026-10")
    ]
    assert sorted(rows) == [
        (date(2026, 10, 3), "output_tokens", 10, 1),
        (date(2026, 10, 3), "output_tokens", 20, 2),
    ]
    assert folder.load().periods[0].state == "unchanged"


def test_the_same_again_is_a_duplicate_and_another_content_a_conflict(folder: UsageFolder) -> None:
    folder.write("a.jsonl", call("1"), call("2"))
    folder.write("b.jsonl", call("2"), call("1", output_tokens=99), {"no": "unreadable"}, call("4"))
    (period,) = folder.load().periods
    assert (period.read, period.accepted) == (6, 3)
    assert (period.duplicate, period.conflict, period.rejected) == (1, 1, 1)
    assert sum(r["Quantity"] for r in folder.daily("2026-10")) == 30
    assert {one.code for one in period.findings} == {
        "usage-duplicate",
        "usage-conflict",
        "usage-unreadable",
    }
    (conflict,) = (one for one in period.findings if one.code == "usage-conflict")
    assert str(conflict.place) == "usage/b.jsonl:2"


def test_buckets_are_restated_by_the_later_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = UsageFolder(tmp_path, monkeypatch, restates=True)
    folder.write("1.jsonl", call("bucket"))
    folder.write("2.jsonl", call("bucket", output_tokens=25))
    (period,) = folder.load().periods
    assert (period.accepted, period.superseded) == (1, 1)
    assert sum(r["Quantity"] for r in folder.daily("2026-10")) == 25


def test_a_job_over_the_end_of_a_month_is_cut_to_the_second(folder: UsageFolder) -> None:
    job = {
        "UsageId": "j",
        "UsageStart": "2026-10-31T22:30:00",
        "UsageEnd": "2026-11-01T00:00:01",
        "gpus": 8,
        "requests": 1,
    }
    folder.write("a.jsonl", job)
    october, november = folder.load().periods
    assert (october.read, november.read) == (1, 0)
    assert hours(folder, "2026-10", "gpu_hours") == {date(2026, 10, 31): Fraction(12)}
    assert hours(folder, "2026-11", "gpu_hours") == {date(2026, 11, 1): Fraction(8, 3600)}
    assert hours(folder, "2026-10", "requests") == {date(2026, 10, 31): 1}
    assert hours(folder, "2026-11", "requests") == {}


def test_a_job_that_still_runs_counts_to_the_last_sign_and_is_superseded(
    folder: UsageFolder,
) -> None:
    running = {"UsageId": "j", "UsageStart": "2026-10-30T00:00:00", "gpus": 1, "Status": "running"}
    folder.write("1.jsonl", running, call("x", "2026-10-30T06:00:00"))
    (period,) = folder.load().periods
    assert hours(folder, "2026-10", "gpu_hours") == {date(2026, 10, 30): Fraction(6)}
    assert "usage-running" in {one.code for one in period.findings}
    ended = {**running, "UsageEnd": "2026-10-30T10:00:00", "Status": "success"}
    folder.write("2.jsonl", ended)
    (period,) = folder.load().periods
    assert (period.read, period.accepted, period.superseded) == (3, 2, 1)
    assert hours(folder, "2026-10", "gpu_hours") == {date(2026, 10, 30): Fraction(10)}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"UsageEnd": "2026-10-03T09:00:00"}, "ends before it begins"),
        ({"output_tokens": -1}, "output_tokens is negative"),
        ({"uncached_input_tokens": -5}, "more cached tokens than input tokens"),
        ({"UsageId": None}, "no id"),
        ({"Meter": "reads"}, "a meter without a quantity"),
    ],
)
def test_what_cannot_be_is_set_aside_with_its_place(
    folder: UsageFolder, record: dict[str, object], reason: str
) -> None:
    folder.write("a.jsonl", call("good"), {**call("bad"), **record})
    (period,) = folder.load().periods
    assert (period.read, period.accepted, period.rejected) == (2, 1, 1)
    (finding,) = (one for one in period.findings if one.code == "usage-faulty")
    assert reason in finding.message
    assert str(finding.place) == "usage/a.jsonl:2"
    (aside,) = folder.snapshot("2026-10").units[0].quarantined
    assert aside.line == 2


def test_a_file_without_one_readable_record_is_refused(folder: UsageFolder) -> None:
    folder.write("a.jsonl", {"no": "no record at all"})
    with pytest.raises(SourceError, match="not one record"):
        folder.load()


def test_a_file_of_which_every_record_is_faulty_is_set_aside(folder: UsageFolder) -> None:
    folder.write("a.jsonl", call("1", output_tokens=-1), call("2", None), call("3", gpus=-1))
    (period,) = folder.load().periods
    assert (str(period.period), period.read, period.accepted, period.rejected) == (
        "2026-10",
        3,
        0,
        3,
    )
    assert len(folder.snapshot("2026-10").units[0].quarantined) == 3
    assert folder.load().periods[0].state == "unchanged"
    folder.write("b.jsonl", call("4"))
    (period,) = folder.load().periods
    assert (period.read, period.accepted, period.rejected) == (4, 1, 3)


def test_faulty_records_without_any_time_have_no_month(folder: UsageFolder) -> None:
    folder.write("a.jsonl", call("1", None))
    with pytest.raises(SourceError, match="not one record"):
        folder.load()


def test_a_file_without_records_is_told(folder: UsageFolder) -> None:
    folder.write("a.jsonl", call("1"))
    folder.write("b.jsonl")
    (told,) = folder.load().remarks
    assert (told.code, str(told.level), str(told.place)) == (
        "file-empty",
        "warning",
        "usage/b.jsonl",
    )


def test_usage_of_next_month_and_spend_of_nothing_are_told(folder: UsageFolder) -> None:
    folder.write(
        "a.jsonl", call("1", "2199-01-01T00:00:00"), call("2", ReportedCost=0, output_tokens=7)
    )
    codes = {one.code for one in folder.load().findings}
    assert {"usage-in-future", "spend-zero"} <= codes


def test_requests_without_tokens_are_told(folder: UsageFolder) -> None:
    """No tokens, or zero tokens, of requests to a model: unknown cost is never taken as none."""
    silent: dict[str, Any] = {"ModelId": "m", "requests": 5, "output_tokens": None}
    folder.write(
        "a.jsonl",
        call("1", ModelId="m", requests=1),
        call("2", **silent),
        call("3", **{**silent, "output_tokens": 0, "uncached_input_tokens": 0}),
        call("4", **silent, Status="failed"),
        call("5", **{**silent, "ModelId": None}),
        call("6", **silent, items=2),
    )
    (told,) = (one for one in folder.load().findings if one.code == "usage-without-tokens")
    assert "2 records of 10 requests" in told.message
    assert (told.rows, str(told.place)) == (2, "usage/a.jsonl:2")


def test_a_large_request_and_an_own_meter_are_exact(folder: UsageFolder) -> None:
    folder.write(
        "a.jsonl",
        call("1", output_tokens=100_000_000),
        {
            "UsageId": "2",
            "UsageStart": "2026-10-03T00:00:00",
            "Meter": "orders",
            "Quantity": 3,
            "Unit": "orders",
        },
    )
    folder.load()
    found = {r["Meter"]: (r["Quantity"], r["Unit"]) for r in folder.daily("2026-10")}
    assert found == {"output_tokens": (100_000_000, "tokens"), "orders": (3, "orders")}


def test_attributes_that_the_model_maps_by_are_part_of_the_key(folder: UsageFolder) -> None:
    import pyarrow.parquet as pq

    folder.write(
        "a.jsonl",
        call("1", Attributes={"team": "nlp", "trace": "t1"}),
        call("2", Attributes={"team": "nlp", "trace": "t2"}),
        call("3", Attributes={"team": "cv"}),
        call("4"),
    )
    folder.load(attributes=frozenset({"team"}))
    counted = folder.snapshot("2026-10").units[-1]
    (file,) = (one for one in counted.files if one.role == "usage_keys")
    keys = pq.read_table(folder.lake.path(file)).to_pylist()
    assert sorted(str(key["attribute.team"]) for key in keys) == ["None", "cv", "nlp"]
