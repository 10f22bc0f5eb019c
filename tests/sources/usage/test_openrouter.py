"""OpenRouter: activity by day, single generations, and the CSV of its page."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import SourceError
from usage_readers import at, read_text

DAY = {
    "date": "2026-10-05",
    "model": "openai/gpt-4.1",
    "model_permaslug": "openai/gpt-4.1-2025-04-14",
    "endpoint_id": "e-1",
    "provider_name": "OpenAI",
    "usage": 0.015,
    "byok_usage_inference": 0,
    "requests": 5,
    "prompt_tokens": 50,
    "completion_tokens": 125,
    "reasoning_tokens": 25,
}
ONE: dict[str, Any] = {
    "id": "gen-1",
    "created_at": "2026-10-05T23:33:19.433273+00:00",
    "model": "openai/gpt-4.1",
    "provider_name": "OpenAI",
    "native_tokens_prompt": 100,
    "native_tokens_cached": 60,
    "native_tokens_completion": 25,
    "native_tokens_completion_images": 0,
    "native_tokens_reasoning": 5,
    "tokens_prompt": 90,
    "tokens_completion": 20,
    "total_cost": 0.0015,
    "is_byok": False,
    "external_user": "user-123",
    "app_id": 12345,
    "service_tier": "priority",
    "finish_reason": "stop",
    "cancelled": False,
}


def test_a_day_of_activity(tmp_path: Path) -> None:
    workspace = {**DAY, "workspace_id": "w-1", "usage": 0}
    pulled = '{"apportion_pull": {"api": "openrouter-activity"}}\n'
    text = pulled + json.dumps({"data": [DAY, workspace]}) + "\n"
    first, second = read_text("openrouter", tmp_path, text).records
    assert (first["UsageStart"], first["UsageEnd"]) == (at("2026-10-05"), at("2026-10-06"))
    assert (first["uncached_input_tokens"], first["output_tokens"], first["requests"]) == (
        50,
        125,
        5,
    )
    assert first["reasoning_tokens"] == 25
    assert (first["ProviderName"], first["ModelId"]) == ("OpenRouter", "openai/gpt-4.1-2025-04-14")
    assert first["ReportedCost"] == Decimal("0.015")
    assert first["Attributes"]["upstream_provider"] == "OpenAI"
    assert (second["WorkspaceId"], second["UsageId"] != first["UsageId"]) == ("w-1", True)
    (again,) = read_text("openrouter", tmp_path, json.dumps({"data": [DAY]}, indent=2)).records
    assert again["UsageId"] == first["UsageId"]


def test_a_generation_by_the_providers_count(tmp_path: Path) -> None:
    stopped = {**ONE, "id": "gen-2", "cancelled": True}
    blind = {**ONE, "id": "gen-3", "native_tokens_prompt": None}
    text = "\n".join(json.dumps(one) for one in ({"data": ONE}, stopped, blind))
    found = read_text("openrouter", tmp_path, text)
    first, second = found.records
    assert (first["uncached_input_tokens"], first["cache_read_tokens"]) == (40, 60)
    assert (first["output_tokens"], first["reasoning_tokens"], first["requests"]) == (25, 5, 1)
    assert (first["UserId"], first["ServiceTier"], first["ServiceName"]) == (
        "user-123",
        "priority",
        "12345",
    )
    assert (first["Status"], second["Status"]) == ("success", "cancelled")
    assert "native_tokens_prompt" in found.rejected[0].reason


def test_the_pages_csv(tmp_path: Path) -> None:
    text = (
        "generation_id,created_at,cost_total,tokens_prompt,tokens_completion,tokens_reasoning,"
        "tokens_cached,model_permaslug,provider_name,cancelled,user,finish_reason_normalized,"
        "app_name,api_key_name\n"
        "gen-1,2026-10-05 02:37:51.271,0.01,100,20,5,60,x/y,X,false,,error,cursor,team-key\n"
    )
    (one,) = read_text("openrouter", tmp_path, text).records
    assert (one["UsageStart"], one["ApiKeyId"]) == (at("2026-10-05T02:37:51.271"), "team-key")
    assert (one["uncached_input_tokens"], one["cache_read_tokens"]) == (40, 60)
    assert one["Status"] == "failed"


def test_another_file_is_refused(tmp_path: Path) -> None:
    for text in ("a,b\n1,2\n", '{"data": [{"a": 1}]}'):
        with pytest.raises(SourceError, match="no activity"):
            read_text("openrouter", tmp_path, text)
