"""Counters and gauges of Prometheus as usage, and Feast's by them."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import ConfigurationError, SourceError
from usage_readers import Reading, at, read_text

HOUR = 3600
FIRST = 1_790_812_800  # 2026-10-01T00:00:00Z
TOKENS = {
    "__name__": "vllm:generation_tokens_total",
    "model_name": "m",
    "namespace": "nlp",
    "pod": "vllm-0",
}


def series(labels: dict[str, str], *values: str | None, first: int = 0) -> dict[str, Any]:
    found = [
        [FIRST + (first + at_) * HOUR, one] for at_, one in enumerate(values) if one is not None
    ]
    return {"metric": labels, "values": found}


def read(format_: str, folder: Path, *found: dict[str, Any], **spec: Any) -> Reading:
    answer = {"status": "success", "data": {"resultType": "matrix", "result": list(found)}}
    return read_text(format_, folder, json.dumps(answer), **spec)


def test_a_counter_by_its_differences(tmp_path: Path) -> None:
    found = read(
        "prometheus",
        tmp_path,
        series(TOKENS, "1000", "1500", "1500", "30", None, "70"),
        options={"meters": "vllm:generation_tokens_total=output_tokens"},
        columns={"ModelId": "model_name"},
    )
    told = [
        (row["UsageStart"].hour, row["UsageEnd"].hour, row["output_tokens"])
        for row in found.records
    ]
    assert told == [(0, 1, 500), (2, 3, 30), (3, 5, 40)]
    row = found.records[0]
    assert (row["ModelId"], row["Namespace"]) == ("m", "nlp")
    assert row["Attributes"] == {
        "metric": "vllm:generation_tokens_total",
        "namespace": "nlp",
        "pod": "vllm-0",
    }
    assert len(found.by_id()) == 3


def test_exports_that_touch_lose_nothing_and_tell_the_same(tmp_path: Path) -> None:
    options = {"meter": "output_tokens"}
    whole = read("prometheus", tmp_path, series(TOKENS, "1", "5", "9", "20"), options=options)
    parts = [
        read("prometheus", tmp_path, series(TOKENS, "1", "5", "9"), options=options),
        read("prometheus", tmp_path, series(TOKENS, "5", "9", "20", first=1), options=options),
    ]
    assert {**parts[0].by_id(), **parts[1].by_id()} == whole.by_id()


def test_a_series_that_begins_later(tmp_path: Path) -> None:
    new = series({**TOKENS, "pod": "vllm-1"}, "7", "9", first=1)
    both = (series(TOKENS, "0", "0", "0"), new)
    options = {"meter": "output_tokens"}
    assert [
        r["output_tokens"] for r in read("prometheus", tmp_path, *both, options=options).records
    ] == [2]
    counted = read("prometheus", tmp_path, *both, options={**options, "new_series": "count"})
    assert [row["output_tokens"] for row in counted.records] == [7, 2]


def test_the_query_may_name_the_meter(tmp_path: Path) -> None:
    found = read(
        "prometheus",
        tmp_path,
        series({"meter": "uncached_input_tokens", "team": "a"}, "1", "4"),
        series({"meter": "orders", "team": "a"}, "1.5", "4"),
        columns={"TeamLabel": "team"},
        options={"unit": "orders"},
    )
    tokens, orders = found.records
    assert (tokens["uncached_input_tokens"], tokens["TeamLabel"]) == (3, "a")
    assert (orders["Meter"], orders["Quantity"], orders["Unit"]) == (
        "orders",
        Decimal("2.5"),
        "orders",
    )


def test_gauges_and_increases_stand_for_the_step_that_ends(tmp_path: Path) -> None:
    (first, second) = read(
        "prometheus",
        tmp_path,
        series({"namespace": "a", "exported_namespace": "b"}, "0.5", "0"),
        options={"meter": "gpus"},
    ).records
    assert (first["gpus"], second["gpus"]) == (Decimal("0.5"), 0)
    assert (first["UsageStart"], first["UsageEnd"]) == (
        at("2026-09-30T23:00"),
        at("2026-10-01T00:00"),
    )
    assert first["Namespace"] == "b"
    (row,) = read(
        "prometheus",
        tmp_path,
        series({}, "0", "12"),
        options={"meter": "requests", "kind": "increase"},
    ).records
    assert (row["requests"], row["UsageStart"]) == (12, at("2026-10-01T00:00"))


def test_what_can_not_be_known_is_not_zero(tmp_path: Path) -> None:
    found = read(
        "prometheus", tmp_path, series(TOKENS, "1", "NaN", "4"), options={"meter": "output_tokens"}
    )
    assert [row["output_tokens"] for row in found.records] == [3]
    assert "not available" in found.rejected[0].reason
    parts = read("prometheus", tmp_path, series(TOKENS, "1", "2.5"), options={"meter": "requests"})
    assert "whole number" in parts.rejected[0].reason


def test_settings_that_can_not_be(tmp_path: Path) -> None:
    one = series(TOKENS, "1", "2")
    with pytest.raises(SourceError, match="isn't known what the metric measures"):
        read("prometheus", tmp_path, one)
    with pytest.raises(ConfigurationError, match="gpus can't be told by a counter"):
        read("prometheus", tmp_path, one, options={"meter": "gpus", "kind": "counter"})
    with pytest.raises(ConfigurationError, match="says nothing of 'x'"):
        read("prometheus", tmp_path, one, options={"meters": "x"})
    with pytest.raises(ConfigurationError, match="no identity"):
        read("prometheus", tmp_path, one, options={"meter": "requests"}, columns={"gpus": "x"})
    skipped = read("prometheus", tmp_path, one, options={"meters": "other=requests"})
    assert (skipped.records, skipped.skipped) == ([], 2)


def test_feast(tmp_path: Path) -> None:
    server = {"__name__": "feast_feature_server_request_total", "namespace": "fraud"}
    view = {"feature_view": "customer_7d", "namespace": "feast"}
    found = read(
        "feast",
        tmp_path,
        series({**server, "endpoint": "/get-online-features", "status": "success"}, "0", "90"),
        series({**server, "endpoint": "/get-online-features", "status": "error"}, "0", "10"),
        series({"__name__": "feast_online_features_entity_count_sum"}, "0", "450"),
        series({"__name__": "feast_online_features_request_total"}, "0", "100"),
        series({"__name__": "feast_materialization_duration_seconds_sum", **view}, "1.5", "4"),
        series({"__name__": "feast_materialization_total", **view, "status": "success"}, "1", "2"),
        options={"owners": "customer_7d=growth"},
    )
    good, bad, reads, seconds, done = found.records
    assert (good["requests"], good["Status"], good["Operation"]) == (
        90,
        "success",
        "/get-online-features",
    )
    assert (bad["requests"], bad["failed_requests"], bad["Status"]) == (10, 10, "failed")
    assert (reads["feature_reads"], seconds["busy_seconds"]) == (450, Decimal("2.5"))
    assert (seconds["ResourceId"], seconds["TeamLabel"]) == ("customer_7d", "growth")
    assert (done["Meter"], done["Quantity"]) == ("materializations", 1)
    assert good["Namespace"] == "fraud"
    assert found.skipped == 2


DUMP = """# TYPE vllm:generation_tokens counter
vllm:generation_tokens_total{model_name="m",pod="say \\"a\\", b"} 10 1790812800
vllm:generation_tokens_total{model_name="m",pod="say \\"a\\", b"} 25 1790812860.5
up 1 1790812800
# EOF
"""


def test_samples_as_text_with_their_times(tmp_path: Path) -> None:
    options = {"meters": "vllm:generation_tokens_total=output_tokens"}
    found = read_text("prometheus", tmp_path, DUMP, options=options)
    (row,) = found.records
    assert (row["output_tokens"], row["UsageEnd"]) == (15, at("2026-10-01T00:01:00.500"))
    assert row["Attributes"]["pod"] == 'say "a", b'
    assert found.skipped == 1
    dump = (
        '{__name__="vllm:generation_tokens_total", pod="a"} 30 1790812860000\n'
        '{__name__="vllm:generation_tokens_total", pod="a"} 10 1790812800000\n'
        '{__name__="vllm:generation_tokens_total", pod="a"} 31\n'
        "{broken} 1 1790812800000\n"
    )
    found = read_text("prometheus", tmp_path, dump, options=options)
    assert [row["output_tokens"] for row in found.records] == [20]
    assert [(one.line, one.reason) for one in found.rejected] == [
        (3, "a sample without a time"),
        (4, "no label at 'broken'"),
    ]
