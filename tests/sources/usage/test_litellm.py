"""LiteLLM's spend logs: requests by key and team, with tokens that count once."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import ConfigurationError, SourceError
from usage_readers import Reading, at, read_text

SECRET = "what nobody should read"

OPENAI = {
    "prompt_tokens": 1000,
    "completion_tokens": 200,
    "total_tokens": 1200,
    "prompt_tokens_details": {"cached_tokens": 600, "audio_tokens": None, "text_tokens": None},
    "completion_tokens_details": {"reasoning_tokens": 150, "audio_tokens": 0},
}
ANTHROPIC = {
    "prompt_tokens": 5010,
    "completion_tokens": 20,
    "cache_read_input_tokens": 4000,
    "cache_creation_input_tokens": 1000,
    "prompt_tokens_details": {
        "cached_tokens": 4000,
        "cache_creation_tokens": 1000,
        "text_tokens": 10,
        "cache_creation_token_details": {
            "ephemeral_5m_input_tokens": 300,
            "ephemeral_1h_input_tokens": 500,
        },
    },
    "server_tool_use": {"web_search_requests": 2},
    "service_tier": "standard",
}


def row(request: str, usage: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
    used = usage if usage is not None else OPENAI
    return {
        "request_id": request,
        "call_type": "acompletion",
        "api_key": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
        "spend": 0.00123,
        "total_tokens": 0,
        "prompt_tokens": used.get("prompt_tokens", 0),
        "completion_tokens": used.get("completion_tokens", 0),
        "startTime": "2026-10-05T10:00:00.123",
        "endTime": "2026-10-05T10:00:02.500",
        "model": "gpt-4o",
        "model_id": "dep-1",
        "model_group": "chat",
        "custom_llm_provider": "openai",
        "user": "mira",
        "metadata": {
            "usage_object": used,
            "user_api_key_alias": "search-prod",
            "spend_logs_metadata": {"feature": "answers"},
        },
        "cache_hit": "False",
        "request_tags": ["team:nlp", "User-Agent: curl", "nightly"],
        "team_id": "team-7",
        "organization_id": "org-1",
        "end_user": "customer-9",
        "status": "success",
        "session_id": "s-1",
        "messages": {"content": SECRET},
        **given,
    }


def read(folder: Path, *rows: dict[str, Any], **spec: Any) -> Reading:
    return read_text("litellm", folder, "".join(json.dumps(one) + "\n" for one in rows), **spec)


def tokens(record: dict[str, Any]) -> dict[str, int]:
    return {name: one for name, one in record.items() if name.endswith("_tokens") and one}


def test_a_request_says_who_used_what(tmp_path: Path) -> None:
    (one,) = read(tmp_path, row("r1")).records
    assert (one["UsageId"], one["UsageStart"]) == ("r1", at("2026-10-05T10:00:00.123"))
    assert (one["UserId"], one["TeamLabel"], one["AccountId"]) == ("mira", "team-7", "org-1")
    assert one["ApiKeyId"].startswith("88dc")
    assert (one["ProviderName"], one["ModelId"], one["Status"]) == ("OpenAI", "gpt-4o", "success")
    assert (one["ReportedCost"], one["ReportedCurrency"]) == (Decimal("0.00123"), "USD")
    assert one["requests"] == 1
    assert one["Attributes"] == {
        "end_user": "customer-9",
        "key_alias": "search-prod",
        "model_group": "chat",
        "model_id": "dep-1",
        "request_tags": "nightly,team:nlp",
        "session_id": "s-1",
        "spend_logs_metadata.feature": "answers",
        "tag.team": "nlp",
    }
    assert "RunId" not in one
    assert SECRET not in str(one)


def test_openais_cached_tokens_are_within_the_prompt(tmp_path: Path) -> None:
    (one,) = read(tmp_path, row("r1")).records
    assert tokens(one) == {
        "uncached_input_tokens": 400,
        "cache_read_tokens": 600,
        "output_tokens": 200,
        "reasoning_tokens": 150,
    }


def test_anthropics_cache_is_told_by_its_time_to_live(tmp_path: Path) -> None:
    (one,) = read(tmp_path, row("r1", ANTHROPIC, custom_llm_provider="bedrock")).records
    assert tokens(one) == {
        "uncached_input_tokens": 10,
        "cache_read_tokens": 4000,
        "cache_write_5m_tokens": 500,  # 200 are in no part of the split: the whole counts
        "cache_write_1h_tokens": 500,
        "output_tokens": 20,
    }
    assert (one["ProviderName"], one["web_searches"], one["ServiceTier"]) == ("AWS", 2, "standard")


def test_an_older_release_told_the_prompt_without_cache(tmp_path: Path) -> None:
    old = {
        "prompt_tokens": 31,
        "completion_tokens": 5,
        "cache_creation_input_tokens": 1253,
        "cache_read_input_tokens": 0,
    }
    new = {**ANTHROPIC, "prompt_tokens": 9000, "prompt_tokens_details": {"text_tokens": 9000}}
    first, second = read(tmp_path, row("r1", old), row("r2", new)).records
    assert tokens(first) == {
        "uncached_input_tokens": 31,
        "cache_write_5m_tokens": 1253,
        "output_tokens": 5,
    }
    assert second["uncached_input_tokens"] == 9000  # the text alone is the whole prompt
    assert first["Attributes"]["prompt_tokens"] == "without cache"


def test_it_can_be_said_for_all_records(tmp_path: Path) -> None:
    (one,) = read(tmp_path, row("r1", ANTHROPIC), options={"prompt_tokens": "uncached"}).records
    assert (one["uncached_input_tokens"], one["cache_read_tokens"]) == (5010, 4000)
    with pytest.raises(ConfigurationError, match="prompt_tokens"):
        read(tmp_path, row("r1"), options={"prompt_tokens": "all"})
    with pytest.raises(ConfigurationError, match="tokens"):
        read(tmp_path, row("r1"), options={"tokens": "all"})


def test_more_cached_than_input_is_left_to_the_load(tmp_path: Path) -> None:
    wrong = {
        "prompt_tokens": 10,
        "completion_tokens": 1,
        "prompt_tokens_details": {"cached_tokens": 60},
    }
    (one,) = read(tmp_path, row("r1", wrong)).records
    assert one["uncached_input_tokens"] == -50


def test_audio_counts_once(tmp_path: Path) -> None:
    heard = {
        "prompt_tokens": 200,
        "completion_tokens": 50,
        "prompt_tokens_details": {
            "cached_tokens": 80,
            "audio_tokens": 100,
            "text_tokens": 100,
            "cached_tokens_details": {"audio_tokens": 40, "text_tokens": 40},
        },
        "completion_tokens_details": {"audio_tokens": 30},
    }
    (one,) = read(tmp_path, row("r1", heard)).records
    assert tokens(one) == {
        "uncached_input_tokens": 60,
        "input_audio_tokens": 60,
        "cache_read_tokens": 40,
        "cache_read_audio_tokens": 40,
        "output_tokens": 20,
        "output_audio_tokens": 30,
    }


def test_the_gateways_own_cache_is_no_use_of_the_provider(tmp_path: Path) -> None:
    (one,) = read(tmp_path, row("r1_cache_hit17.5", cache_hit="True", spend=0.0)).records
    assert tokens(one) == {}
    assert (one["Meter"], one["Quantity"]) == ("gateway_cache_hits", 1)
    assert not {"requests", "ReportedCost"} & set(one)


def test_failures_batches_and_pages(tmp_path: Path) -> None:
    failed, batch, pages = read(
        tmp_path,
        row("r1", {}, status="failure", spend=0.0),
        row("r2", call_type="aretrieve_batch"),
        row("r3", {"prompt_tokens": 0, "completion_tokens": 0, "pages_processed": 12}),
    ).records
    assert (failed["Status"], failed["requests"], failed["failed_requests"]) == ("failed", 1, 1)
    assert batch["ServiceTier"] == "batch"
    assert pages["items"] == 12


def test_spend_zero_with_tokens_is_kept_for_the_load_to_tell(tmp_path: Path) -> None:
    (one,) = read(tmp_path, row("r1", spend=0.0)).records
    assert one["ReportedCost"] == 0
    assert one["output_tokens"] == 200


def test_a_csv_says_the_same(tmp_path: Path) -> None:
    given = row("r1")
    texts = {
        name: json.dumps(one) if isinstance(one, (dict, list)) else str(one)
        for name, one in given.items()
    } | {"startTime": "2026-10-05 10:00:00.123", "endTime": "2026-10-05 10:00:02.5"}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(texts))
    writer.writeheader()
    writer.writerow(texts)
    (told,) = read_text("litellm", tmp_path, text.getvalue()).records
    (same,) = read(tmp_path, given).records
    assert {**told, "SourceLine": 0} == {**same, "SourceLine": 0}


def test_an_answer_of_the_gateway_says_the_same(tmp_path: Path) -> None:
    found = read_text("litellm", tmp_path, json.dumps({"data": [row("r1"), row("r2")], "total": 2}))
    assert [one["UsageId"] for one in found.records] == ["r1", "r2"]
    found = read_text("litellm", tmp_path, json.dumps([row("r1"), row("r2")], indent=1))
    assert [one["UsageId"] for one in found.records] == ["r1", "r2"]


def test_what_cannot_be_read_is_set_aside_without_its_words(tmp_path: Path) -> None:
    text = json.dumps(row("r1")) + f'\n{{"messages": "{SECRET}}}\n'
    text += json.dumps(row("r2", startTime="soon")) + "\n" + json.dumps(row("r3", spend="NaN"))
    text += "\n" + json.dumps(row("r4", {**OPENAI, "prompt_tokens": 1.5}))
    found = read_text("litellm", tmp_path, text)
    assert [one.line for one in found.rejected] == [2, 3, 4, 5]
    assert found.rejected[1].row["request_id"] == "r2"
    assert SECRET not in str(found.rejected)


def test_daily_roll_ups_are_refused(tmp_path: Path) -> None:
    tag = "id,tag,date,api_key,model,prompt_tokens,spend,api_requests\n1,a,2026-10-01,k,m,5,0.1,2\n"
    with pytest.raises(SourceError, match="count requests twice"):
        read_text("litellm", tmp_path, tag)
    with pytest.raises(SourceError, match="no rows of LiteLLM_SpendLogs"):
        read_text("litellm", tmp_path, "a,b\n1,2\n")
    with pytest.raises(SourceError, match="request_id"):
        read_text("litellm", tmp_path, '{"a":1}\n')
