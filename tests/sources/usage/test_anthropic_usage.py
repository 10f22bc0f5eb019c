"""Anthropic's usage report: classes of tokens as they are told, and the default workspace."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pages import anthropic_bucket, asked, lines, page, read_usage

Json = dict[str, Any]


def result(**over: Any) -> Json:
    return {
        "api_key_id": "apikey_1",
        "workspace_id": "wrkspc_1",
        "model": "claude-large-5-20260801",
        "service_tier": "batch",
        "context_window": "200k-1M",
        "inference_geo": "us",
        "uncached_input_tokens": 100,
        "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 30},
        "cache_read_input_tokens": 400,
        "output_tokens": 50,
        "server_tool_use": {"web_search_requests": 2},
    } | over


def read(path: Path, *documents: Json) -> list[Json]:
    records, rejected = read_usage("anthropic-usage", path, lines(*documents))
    assert rejected == []
    return records


def test_a_bucket(tmp_path: Path) -> None:
    (record,) = read(tmp_path / "u.json", page(anthropic_bucket("2026-10-03", result())))
    assert (record["UsageStart"], record["UsageEnd"]) == (
        datetime.fromisoformat("2026-10-03"),
        datetime.fromisoformat("2026-10-04"),
    )
    assert (record["ApiKeyId"], record["WorkspaceId"]) == ("apikey_1", "wrkspc_1")
    assert (record["ServiceTier"], record["ContextWindow"]) == ("batch", "200k-1M")
    assert record["RegionId"] == "us"
    assert record["uncached_input_tokens"] == 100, "cached tokens are no part of it"
    assert record["cache_read_tokens"] == 400
    assert (record["cache_write_5m_tokens"], record["cache_write_1h_tokens"]) == (20, 30)
    assert (record["output_tokens"], record["web_searches"]) == (50, 2)
    assert "requests" not in record


BARE = page(anthropic_bucket("2026-10-03", result(workspace_id=None, api_key_id=None)))
BOTH = page(anthropic_bucket("2026-10-03", result(workspace_id=None), result()))


@pytest.mark.parametrize(
    ("documents", "workspace"),
    [
        ([asked("anthropic-usage", "messages", "workspace_id"), BARE], "default"),
        ([asked("anthropic-usage", "messages", "api_key_id"), BARE], None),
        ([BARE], None),
        ([BOTH], "default"),
    ],
)
def test_a_null_workspace_is_the_default_one_where_the_report_is_grouped_by_it(
    tmp_path: Path, documents: list[Json], workspace: str | None
) -> None:
    record = read(tmp_path / "u.jsonl", *documents)[0]
    assert record.get("WorkspaceId") == workspace


def test_a_null_key_is_nobodys(tmp_path: Path) -> None:
    head = asked("anthropic-usage", "messages", "workspace_id", "api_key_id")
    (record,) = read(tmp_path / "u.jsonl", head, BARE)
    assert "ApiKeyId" not in record


def test_what_cannot_be_read_is_set_aside(tmp_path: Path) -> None:
    bad = [result(uncached_input_tokens=None), result(cache_creation=3), result(output_tokens=1.5)]
    text = lines(page(anthropic_bucket("2026-10-03", *bad, result())))
    records, rejected = read_usage("anthropic-usage", tmp_path / "u.json", text)
    assert len(records) == 1
    assert [one.reason for one in rejected] == [
        "uncached_input_tokens is missing",
        "cache_creation is no object: 3",
        "output_tokens is no whole number: Decimal('1.5')",
    ]


def test_a_bucket_without_a_time_is_set_aside(tmp_path: Path) -> None:
    bucket = anthropic_bucket("2026-10-03", result()) | {"ending_at": None}
    records, rejected = read_usage("anthropic-usage", tmp_path / "u.json", lines(page(bucket)))
    assert records == []
    assert rejected[0].reason == "ending_at is no time: None"
