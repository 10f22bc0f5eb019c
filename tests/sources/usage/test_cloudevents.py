"""CloudEvents: what apportion's own meters write, and what others do."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import ConfigurationError, SourceError
from usage_readers import Reading, at, read_text

OURS: dict[str, Any] = {
    "specversion": "1.0",
    "type": "apportion.usage.v1",
    "source": "/features/pod-1",
    "id": "7f-1",
    "time": "2026-10-01T08:00:00.000000Z",
    "subject": "search/ranking",
    "datacontenttype": "application/json",
    "data": {
        "UsageStart": "2026-10-01T08:00:00.000001Z",
        "UsageEnd": "2026-10-01T08:00:00.250001Z",
        "ProjectId": "ranking",
        "TeamLabel": "search",
        "ProviderName": "features",
        "ResourceId": "customer_7d",
        "Status": "success",
        "Attributes": {"request_id": "r1", "failure": "none"},
        "requests": 1,
        "feature_reads": 30,
        "bytes_out": 2048,
        "busy_seconds": 0.250001,
    },
}


def read(folder: Path, *lines: object, **spec: Any) -> Reading:
    texts = [one if isinstance(one, str) else json.dumps(one) for one in lines]
    return read_text("cloudevents", folder, "\n".join(texts) + "\n", **spec)


@pytest.mark.parametrize("text", ["hello\n", '{"resourceSpans": []}\n', "[1, 2]\n", "5\n"])
def test_a_file_without_one_event_has_its_lines_set_aside(tmp_path: Path, text: str) -> None:
    found = read_text("cloudevents", tmp_path, text)
    assert found.records == []
    assert found.rejected


def test_what_our_own_meters_write(tmp_path: Path) -> None:
    (row,) = read(tmp_path, OURS).records
    assert row == {
        "UsageId": '["/features/pod-1","7f-1"]',
        "UsageStart": at("2026-10-01T08:00:00.000001"),
        "UsageEnd": at("2026-10-01T08:00:00.250001"),
        "ProjectId": "ranking",
        "TeamLabel": "search",
        "ProviderName": "features",
        "ResourceId": "customer_7d",
        "Status": "success",
        "Attributes": {
            "request_id": "r1",
            "failure": "none",
            "ce_source": "/features/pod-1",
            "ce_subject": "search/ranking",
        },
        "requests": 1,
        "feature_reads": Decimal(30),
        "bytes_out": Decimal(2048),
        "busy_seconds": Decimal("0.250001"),
        "SourceLine": 1,
    }


def test_lines_batches_and_whole_arrays_tell_the_same(tmp_path: Path) -> None:
    other = {**OURS, "id": "7f-2"}
    lines = read(tmp_path, OURS, other).by_id()
    batch = read(tmp_path, json.dumps([OURS, other])).by_id()
    whole = read(tmp_path, json.dumps([OURS, other], indent=2)).by_id()
    assert list(lines) == list(batch) == list(whole)
    assert len(lines) == 2


def test_the_same_id_of_another_source_is_another_event(tmp_path: Path) -> None:
    assert len(read(tmp_path, OURS, {**OURS, "source": "/features/pod-2"}).by_id()) == 2


def test_events_of_others_are_mapped_and_those_of_other_types_skipped(tmp_path: Path) -> None:
    theirs = {
        "specversion": "1.0",
        "type": "tokens",
        "source": "gateway",
        "id": "1",
        "time": "2026-10-01T10:00:00+02:00",
        "subject": "customer-9",
        "region": "eu",
        "data": {"model": {"name": "m"}, "prompt": 100, "hit": 60, "status": "success"},
    }
    found = read(
        tmp_path,
        theirs,
        {**theirs, "id": "2", "type": "ping"},
        columns={
            "AccountId": "subject",
            "RegionId": "region",
            "ModelId": "data.model.name",
            "input_tokens": "data.prompt",
            "cached_tokens": "data.hit",
        },
        options={"types": "tokens"},
    )
    (row,) = found.records
    assert found.skipped == 1
    assert (row["AccountId"], row["RegionId"], row["ModelId"]) == ("customer-9", "eu", "m")
    assert (row["uncached_input_tokens"], row["cache_read_tokens"]) == (40, 60)
    assert (row["UsageStart"], row["Status"]) == (at("2026-10-01T08:00"), "success")


def test_events_that_are_one_each(tmp_path: Path) -> None:
    plain = {**{name: OURS[name] for name in OURS if name != "data"}}
    (row,) = read(tmp_path, plain, options={"count": "requests"}).records
    assert row["requests"] == 1


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ({**OURS, "source": ""}, "source", "without source"),
        ({name: OURS[name] for name in OURS if name != "id"}, "id", "without id"),
        ({**OURS, "specversion": "0.3"}, "specversion", "is not 1.0"),
        ({**OURS, "data": "text"}, "data", "no JSON object"),
        ({**OURS, "data": {"requests": "many"}}, "requests", "'many'"),
        ({**OURS, "data": {"TeamLabel": "a"}}, "", "how much was used"),
        ("17", "", "no event"),
        ('{"cut": ', "", "Expecting value"),
        (json.dumps(OURS).replace("30", "NaN"), "", "NaN is no number"),
    ],
)
def test_what_is_no_event_is_set_aside_with_its_line(
    tmp_path: Path, line: object, column: str, reason: str
) -> None:
    found = read(tmp_path, OURS, line)
    (rejected,) = found.rejected
    assert (rejected.line, rejected.column) == (2, column)
    assert reason in rejected.reason
    assert len(found.records) == 1


def test_settings_and_files_that_can_not_be(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="`count` is 'things'"):
        read(tmp_path, OURS, options={"count": "things"})
    with pytest.raises(SourceError, match="no JSON document"):
        read(tmp_path, "[" + json.dumps(OURS) + ",")
