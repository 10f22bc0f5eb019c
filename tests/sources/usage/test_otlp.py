"""OpenTelemetry's GenAI spans and metrics: old and new names, and no call counted twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import ConfigurationError
from usage_readers import Reading, at, read_text

TRACE = "5b8efff798038103d269b633813fc60c"
MINUTE = 60_000_000_000
FIRST = 1_790_812_800_000_000_000  # 2026-10-01T00:00:00Z
SPANS = {"signal": "spans"}
METRICS = {"signal": "metrics"}

CALL: dict[str, object] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-x",
    "gen_ai.response.model": "gpt-x-2026",
}


def _attributes(said: Mapping[str, object]) -> list[dict[str, object]]:
    kinds = {int: "intValue", str: "stringValue", float: "doubleValue", bool: "boolValue"}
    return [
        {"key": name, "value": {kinds[type(one)]: str(one) if type(one) is int else one}}
        for name, one in said.items()
    ]


RESOURCE = {
    "service.name": "search",
    "k8s.namespace.name": "team-a",
    "team": "ranking",
    "process.command": "secret",
}


def span(number: int, said: Mapping[str, object], parent: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "traceId": TRACE,
        "spanId": f"{number:016x}",
        "parentSpanId": f"{parent:016x}" if parent else "",
        "name": "chat gpt-x",
        "startTimeUnixNano": str(FIRST),
        "endTimeUnixNano": str(FIRST + 1_500_000_000),
        "attributes": _attributes(said),
        "status": {},
        **more,
    }


def traces(*spans: dict[str, Any], resource: Mapping[str, object] = RESOURCE) -> str:
    found = {
        "resource": {"attributes": _attributes(resource)},
        "scopeSpans": [{"scope": {"name": "lib"}, "spans": list(spans)}],
    }
    return json.dumps({"resourceSpans": [found]})


def metrics(*found: dict[str, Any], resource: Mapping[str, object] = RESOURCE) -> str:
    one = {
        "resource": {"attributes": _attributes(resource)},
        "scopeMetrics": [{"scope": {"name": "lib"}, "metrics": list(found)}],
    }
    return json.dumps({"resourceMetrics": [one]})


def counter(
    name: str, value: int, minute: int, said: Mapping[str, object] = CALL, **more: Any
) -> dict[str, Any]:
    point = {
        "attributes": _attributes({"gen_ai.token.modality": "text", **said}),
        "startTimeUnixNano": str(more.get("start", FIRST)),
        "timeUnixNano": str(FIRST + minute * MINUTE + more.get("nanos", 0)),
        "asInt": str(value),
    }
    temporality = more.get("temporality", 2)
    shape = {"dataPoints": [point], "aggregationTemporality": temporality, "isMonotonic": True}
    return {"name": f"gen_ai.client.inference.usage.{name}", "sum": shape}


def histogram(
    name: str, said: Mapping[str, object], count: int, total: float, minute: int, **more: Any
) -> dict[str, Any]:
    point = {
        "attributes": _attributes({**CALL, **said}),
        "startTimeUnixNano": str(more.get("start", FIRST)),
        "timeUnixNano": str(FIRST + minute * MINUTE),
        "count": str(count),
        "sum": total,
        "bucketCounts": [str(count)],
    }
    shape = {"dataPoints": [point], "aggregationTemporality": more.get("temporality", 2)}
    return {"name": name, "histogram": shape}


def read(folder: Path, *lines: str, **spec: Any) -> Reading:
    return read_text("otlp", folder, "\n".join(lines) + "\n", **spec)


# ── spans ────────────────────────────────────────────────────────────────────────────────
def test_a_call_by_the_new_names(tmp_path: Path) -> None:
    said = {
        **CALL,
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.cache_read.input_tokens": 60,
        "gen_ai.usage.cache_write.input_tokens": 10,
        "gen_ai.usage.output_tokens": 7,
        "gen_ai.usage.reasoning.output_tokens": 3,
        "openai.response.service_tier": "flex",
        "gen_ai.response.id": "r1",
        "gen_ai.input.messages": "the secret plan",
        "gen_ai.request.temperature": 0.5,
    }
    found = read(tmp_path, traces(span(1, said)), options=SPANS, columns={"TeamLabel": "team"})
    assert found.records == [
        {
            "UsageId": f"{TRACE}/0000000000000001",
            "UsageStart": at("2026-10-01T00:00"),
            "UsageEnd": at("2026-10-01T00:00:01.500"),
            "ServiceName": "search",
            "Namespace": "team-a",
            "TeamLabel": "ranking",
            "ProviderName": "openai",
            "ModelId": "gpt-x-2026",
            "ServiceTier": "flex",
            "Operation": "chat",
            "Status": "success",
            "Attributes": {
                "gen_ai.response.id": "r1",
                "k8s.namespace.name": "team-a",
                "service.name": "search",
                "team": "ranking",
            },
            "requests": 1,
            "uncached_input_tokens": 30,
            "cache_read_tokens": 60,
            "cache_write_5m_tokens": 10,
            "output_tokens": 7,
            "reasoning_tokens": 3,
            "SourceLine": 1,
        }
    ]
    assert "secret" not in str(found)


def test_a_call_by_the_old_names(tmp_path: Path) -> None:
    said = {
        "gen_ai.system": "anthropic",
        "gen_ai.request.model": "m",
        "llm.request.type": "chat",
        "gen_ai.usage.prompt_tokens": 100,
        "gen_ai.usage.completion_tokens": 7,
        "gen_ai.usage.cache_read_input_tokens": 60,
        "gen_ai.usage.cache_creation_input_tokens": 5,
    }
    (row,) = read(tmp_path, traces(span(1, said)), options=SPANS).records
    assert (row["ProviderName"], row["ModelId"], row["Operation"]) == ("anthropic", "m", "chat")
    assert (row["uncached_input_tokens"], row["cache_read_tokens"]) == (35, 60)
    assert (row["cache_write_5m_tokens"], row["output_tokens"]) == (5, 7)
    options = {**SPANS, "input_tokens": "uncached"}
    (row,) = read(tmp_path, traces(span(1, said)), options=options).records
    assert row["uncached_input_tokens"] == 100


def test_audio_and_images_are_taken_out_once(tmp_path: Path) -> None:
    said = {
        **CALL,
        "gen_ai.usage.input_tokens": 300,
        "gen_ai.usage.image.input_tokens": 200,
        "gen_ai.usage.cache_read.input_tokens": 280,
        "gen_ai.usage.output_tokens": 50,
        "gen_ai.usage.audio.output_tokens": 20,
    }
    (row,) = read(tmp_path, traces(span(1, said)), options=SPANS).records
    parts = ("uncached_input_tokens", "cache_read_tokens", "input_image_tokens")
    assert [row.get(name, 0) for name in parts] == [0, 280, 20]
    assert (row["output_tokens"], row["output_audio_tokens"]) == (30, 20)


def test_only_calls_of_models_count_and_none_twice(tmp_path: Path) -> None:
    tokens = {"gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 1}
    found = read(
        tmp_path,
        traces(
            span(3, {**CALL, **tokens}, parent=2),
            span(2, {**CALL, **tokens}, parent=1),
            span(1, {"gen_ai.operation.name": "invoke_agent", **tokens}),
            span(9, {"gen_ai.operation.name": "execute_tool"}, parent=1),
            span(8, {"http.request.method": "GET"}, parent=1),
            span(5, {**CALL, **tokens, "gen_ai.operation.name": "embeddings"}, parent=1),
        ),
        traces(span(3, {**CALL, **tokens}, parent=2)),
        traces(span(7, {**CALL, **tokens}, parent=5)),
        options=SPANS,
    )
    assert [row["UsageId"][-1] for row in found.records] == ["3", "5", "3"]
    assert found.records[0]["UsageId"] == found.records[2]["UsageId"], "told again: a duplicate"
    assert found.skipped == 5


def test_a_failed_call(tmp_path: Path) -> None:
    failed = span(1, {**CALL, "error.type": "timeout"}, status={"code": 2})
    (row,) = read(tmp_path, traces(failed), options=SPANS).records
    assert (row["Status"], row["requests"], row["failed_requests"]) == ("failed", 1, 1)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (traces(span(1, {"gen_ai.usage.input_tokens": 5})), "no gen_ai.operation.name"),
        (traces({**span(1, CALL), "spanId": "AAAA=="}), "no hexadecimal id"),
        (traces(span(1, {**CALL, "gen_ai.usage.input_tokens": "many"})), "no number"),
        (traces(span(1, {**CALL, "gen_ai.usage.input_tokens": 1.5})), "whole number"),
        ('{"resourceSpans": [', "Expecting value"),
        ('{"records": []}', "neither resourceSpans nor resourceMetrics"),
        ("[1]", "a list, no export request"),
        ("17", ""),
    ],
)
def test_what_can_not_be_read_is_set_aside(tmp_path: Path, line: str, reason: str) -> None:
    found = read(tmp_path, traces(span(2, CALL)), line, options=SPANS)
    (rejected,) = found.rejected
    assert rejected.line == 2
    assert reason in rejected.reason
    assert len(found.records) == 1


# ── spans or metrics ─────────────────────────────────────────────────────────────────────
def test_a_service_counts_by_one_signal(tmp_path: Path) -> None:
    other = {**RESOURCE, "service.name": "batch"}
    lines = (
        traces(span(1, CALL)),
        traces(span(2, CALL), resource=other),
        metrics(counter("output_tokens", 5, 1, temporality=1)),
        metrics(counter("output_tokens", 7, 1, temporality=1), resource=other),
        '{"resourceLogs": []}',
    )
    found = read(tmp_path, *lines, options={**METRICS, "spans_of": "batch, more"})
    assert [(row["ServiceName"], row.get("output_tokens")) for row in found.records] == [
        ("batch", None),
        ("search", 5),
    ]
    assert found.skipped == 3
    with pytest.raises(ConfigurationError, match="needs the option `signal`"):
        read(tmp_path, *lines)
    with pytest.raises(ConfigurationError, match="counted by spans and by metrics"):
        read(tmp_path, *lines, options={**METRICS, "spans_of": "a", "metrics_of": "a"})
    with pytest.raises(ConfigurationError, match="no identity"):
        read(tmp_path, *lines, options=METRICS, columns={"requests": "x"})


# ── metrics ──────────────────────────────────────────────────────────────────────────────
def test_points_of_an_export_are_one_record(tmp_path: Path) -> None:
    audio = {**CALL, "gen_ai.token.modality": "audio"}
    found = read(
        tmp_path,
        metrics(
            counter("input_tokens", 100, 1, temporality=1),
            counter("input_tokens", 40, 1, audio, temporality=1),
            counter("output_tokens", 9, 1, temporality=1),
        ),
        metrics(
            counter("cache_read.input_tokens", 60, 1, temporality=1, nanos=2_000),
            histogram("gen_ai.client.inference.duration", {}, 3, 1.5, 1, temporality=1),
            histogram("gen_ai.client.operation.duration", {}, 3, 1.5, 1, temporality=1),
            histogram("gen_ai.client.inference.operation.input_tokens", {}, 3, 140, 1),
        ),
        metrics(
            histogram(
                "gen_ai.client.inference.duration", {"error.type": "429"}, 2, 1, 1, temporality=1
            )
        ),
        options=METRICS,
    )
    good, bad = found.records
    assert {name: good[name] for name in good if name.endswith("s") and name.islower()} == {
        "requests": 3,
        "uncached_input_tokens": 40,
        "cache_read_tokens": 60,
        "input_audio_tokens": 40,
        "output_tokens": 9,
    }
    assert (good["UsageStart"], good["UsageEnd"]) == (
        at("2026-10-01T00:00"),
        at("2026-10-01T00:01"),
    )
    assert (bad["Status"], bad["requests"], bad["failed_requests"]) == ("failed", 2, 2)
    assert not found.rejected


def test_the_old_histogram_counts_where_there_are_no_counters(tmp_path: Path) -> None:
    name = "gen_ai.client.token.usage"
    old = [
        histogram(name, {"gen_ai.token.type": "input"}, 3, 140.0, 1, temporality=1),
        histogram(name, {"gen_ai.token.type": "output"}, 3, 9.0, 1, temporality=1),
    ]
    (row,) = read(tmp_path, metrics(*old), options=METRICS).records
    assert (row["uncached_input_tokens"], row["output_tokens"]) == (140, 9)
    new = [counter("input_tokens", 140, 1, temporality=1)]
    (row,) = read(tmp_path, metrics(*old, *new), options=METRICS).records
    assert row["uncached_input_tokens"] == 140
    assert "output_tokens" not in row
    odd = histogram(name, {"gen_ai.token.type": "total"}, 3, 9.0, 1, temporality=1)
    (rejected,) = read(tmp_path, metrics(*old, odd), options=METRICS).rejected
    assert "neither input nor output" in rejected.reason


def test_running_totals_are_taken_apart(tmp_path: Path) -> None:
    again = FIRST + 3 * MINUTE + 1
    found = read(
        tmp_path,
        metrics(counter("output_tokens", 10, 1)),
        metrics(counter("output_tokens", 25, 2)),
        metrics(counter("output_tokens", 25, 2)),
        metrics(counter("output_tokens", 25, 3)),
        metrics(counter("output_tokens", 4, 4, start=again)),
        metrics(counter("output_tokens", 90, 5, start=again)),
        options=METRICS,
    )
    assert [row["output_tokens"] for row in found.records] == [10, 15, 4, 86]
    assert [row["UsageStart"].minute for row in found.records] == [0, 1, 3, 4]
    assert not found.rejected


def test_a_value_that_falls_begins_anew(tmp_path: Path) -> None:
    lines = [metrics(counter("output_tokens", n, at_)) for at_, n in enumerate([5, 9, 2], start=1)]
    found = read(tmp_path, *lines, options=METRICS)
    assert [row["output_tokens"] for row in found.records] == [5, 4, 2]


def test_a_total_that_began_before_the_file_is_not_guessed(tmp_path: Path) -> None:
    early = FIRST - 60 * MINUTE
    lines = [metrics(counter("output_tokens", n, n, start=early)) for n in (1, 2, 3)]
    found = read(tmp_path, *lines, options=METRICS)
    assert [row["output_tokens"] for row in found.records] == [1, 1]
    (rejected,) = found.rejected
    assert "began before this file" in rejected.reason
    counted = read(tmp_path, *lines, options={**METRICS, "first_totals": "count"})
    assert sorted(row["output_tokens"] for row in counted.records) == [1, 1, 1]


def test_a_series_that_comes_later_counts_whole(tmp_path: Path) -> None:
    early = FIRST - 60 * MINUTE
    found = read(
        tmp_path,
        metrics(counter("input_tokens", 1000, 1, start=early)),
        metrics(
            counter("input_tokens", 1100, 2, start=early),
            counter("cache_read.input_tokens", 30, 2, start=early),
        ),
        options=METRICS,
    )
    (row,) = found.records
    assert (row["uncached_input_tokens"], row["cache_read_tokens"]) == (70, 30)
    assert row["UsageStart"] == at("2026-10-01T00:01")
    assert len(found.rejected) == 1


def test_a_short_lived_process_counts_whole(tmp_path: Path) -> None:
    job = {**RESOURCE, "service.instance.id": "job-1"}
    found = read(
        tmp_path,
        metrics(counter("output_tokens", 10, 1)),
        metrics(counter("output_tokens", 10, 2)),
        metrics(counter("output_tokens", 8, 30, start=FIRST + 5 * MINUTE), resource=job),
        options=METRICS,
    )
    assert [row["output_tokens"] for row in found.records] == [10, 8]
    assert not found.rejected


def test_the_last_export_of_a_process_may_come_soon(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        metrics(counter("output_tokens", 10, 1)),
        metrics(counter("output_tokens", 12, 2)),
        metrics(counter("output_tokens", 15, 2, nanos=300_000_000)),
        options=METRICS,
    )
    assert sum(row["output_tokens"] for row in found.records) == 15
    assert len(found.by_id()) == len(found.records) == 2


def test_points_told_again_count_once_and_ids_stay(tmp_path: Path) -> None:
    line = metrics(counter("output_tokens", 5, 1, temporality=1))
    found = read(tmp_path, line, line, options=METRICS)
    (row,) = found.records
    assert row["output_tokens"] == 5
    (again,) = read(tmp_path, line, options=METRICS).records
    assert again["UsageId"] == row["UsageId"]


@pytest.mark.parametrize(
    ("metric", "reason"),
    [
        (counter("output_tokens", 5, 1, temporality=0), "neither delta nor cumulative"),
        (
            histogram(
                "gen_ai.client.token.usage",
                {"gen_ai.token.type": "input"},
                1,
                1.5,
                1,
                temporality=1,
            ),
            "whole number",
        ),
    ],
)
def test_points_that_can_not_count(tmp_path: Path, metric: dict[str, Any], reason: str) -> None:
    (rejected,) = read(tmp_path, metrics(metric), options=METRICS).rejected
    assert reason in rejected.reason


def test_a_large_total_stays_exact(tmp_path: Path) -> None:
    name = "gen_ai.client.token.usage"
    said = {"gen_ai.token.type": "input"}
    line = metrics(histogram(name, said, 1, 100_000_000.0, 1, temporality=1))
    (row,) = read(tmp_path, line, options=METRICS).records
    assert Decimal(row["uncached_input_tokens"]) == 100_000_000
