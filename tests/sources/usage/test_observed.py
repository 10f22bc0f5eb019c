"""Langfuse, Helicone and Portkey: what applications and gateways saw of calls."""

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


def lines(format_: str, folder: Path, *rows: dict[str, Any], **spec: Any) -> Reading:
    return read_text(format_, folder, "\n".join(json.dumps(one) for one in rows), **spec)


def tokens(record: dict[str, Any]) -> dict[str, int]:
    return {name: one for name, one in record.items() if name.endswith("_tokens") and one}


# ── Langfuse ─────────────────────────────────────────────────────────────────────────────
def observed(id_: str, usage: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "trace_id": "t-1",
        "project_id": "p-1",
        "environment": "production",
        "type": "GENERATION",
        "start_time": "2026-10-05 10:00:00.963000",
        "end_time": "2026-10-05 10:00:02.000000",
        "name": "answer",
        "level": "DEFAULT",
        "input": SECRET,
        "output": SECRET,
        "provided_model_name": "gpt-4o",
        "usage_details": usage,
        "total_cost": 0.002,
        "user_id": "mira",
        "session_id": "s-1",
        "trace_name": "search",
        "tags": ["nlp", "beta"],
        "metadata": {"team": "nlp", "deep": {"x": 1}},
        **given,
    }


def test_langfuse_observations_of_models_count(tmp_path: Path) -> None:
    found = lines(
        "langfuse",
        tmp_path,
        observed("o1", {"input": 40, "input_cached_tokens": 60, "output": 5, "total": 105}),
        observed("o2", {}, type="SPAN"),
        observed("o3", {"input": 7, "total": 7}, type="EMBEDDING", level="ERROR", user_id=""),
    )
    first, second = found.records
    assert tokens(first) == {
        "uncached_input_tokens": 40,
        "cache_read_tokens": 60,
        "output_tokens": 5,
    }
    assert (first["UsageStart"], first["UserId"]) == (at("2026-10-05T10:00:00.963"), "mira")
    assert (first["ServiceName"], first["ProjectId"], first["ModelId"]) == (
        "search",
        "p-1",
        "gpt-4o",
    )
    assert first["ReportedCost"] == Decimal("0.002")
    assert first["Attributes"] == {
        "environment": "production",
        "metadata.team": "nlp",
        "name": "answer",
        "session_id": "s-1",
        "tags": "beta,nlp",
        "trace_id": "t-1",
    }
    assert (second["Status"], second["Operation"]) == ("failed", "embedding")
    assert ("UserId" in second, found.skipped) == (False, 1)
    assert SECRET not in str(found.records)


@pytest.mark.parametrize(
    ("usage", "made"),
    [
        (
            {"input": 100, "input_cached_tokens": 60, "output": 5, "total": 105},
            {"uncached_input_tokens": 40, "cache_read_tokens": 60, "output_tokens": 5},
        ),
        (
            {"input": 10, "output": 3, "output_reasoning_tokens": 4, "total": 17},
            {"uncached_input_tokens": 10, "output_tokens": 7, "reasoning_tokens": 4},
        ),
        (
            {"input": 10, "output": 7, "reasoning_tokens": 4, "total": 17},
            {"uncached_input_tokens": 10, "output_tokens": 7, "reasoning_tokens": 4},
        ),
        (
            {
                "input": 1,
                "cache_creation_input_tokens": 10,
                "input_cache_creation_1h": 4,
                "input_cache_read": 2,
                "output": 1,
            },
            {
                "uncached_input_tokens": 1,
                "cache_read_tokens": 2,
                "cache_write_5m_tokens": 6,
                "cache_write_1h_tokens": 4,
                "output_tokens": 1,
            },
        ),
        (
            {"input_tokens": 5, "output_tokens": 2, "tool_units": 3, "total": 10},
            {"uncached_input_tokens": 5, "output_tokens": 2},
        ),
    ],
)
def test_langfuse_classes_are_made_disjoint(
    tmp_path: Path, usage: dict[str, int], made: dict[str, int]
) -> None:
    (one,) = lines("langfuse", tmp_path, observed("o1", usage)).records
    assert tokens(one) == made


def test_langfuse_sets_aside_what_does_not_add_up(tmp_path: Path) -> None:
    wrong = observed("o1", {"input": 100, "input_cached_tokens": 60, "output": 5, "total": 999})
    found = lines("langfuse", tmp_path, wrong, observed("o2", {}, start_time="soon"))
    assert "don't add up" in found.rejected[0].reason
    assert found.rejected[0].row["id"] == "o1"
    assert SECRET not in str(found.rejected)
    with pytest.raises(SourceError, match="no observations"):
        read_text("langfuse", tmp_path, "a,b\n1,2\n")


def test_langfuse_tables_say_the_same(tmp_path: Path) -> None:
    row = {
        "id": "o1",
        "type": "GENERATION",
        "startTime": "2026-10-05T10:00:00.000Z",
        "model": "gpt-4o",
        "usageDetails": json.dumps({"input": 40, "output": 5}),
        "totalCost": "0.5",
        "userId": "mira",
        "input": f"{SECRET}, with a comma",
    }
    text = io.StringIO()
    writer = csv.DictWriter(text, list(row))
    writer.writeheader()
    writer.writerow(row)
    found = read_text("langfuse", tmp_path, text.getvalue() + f"o2,{SECRET}\n")
    (one,) = found.records
    assert (one["UserId"], one["output_tokens"], one["ReportedCost"]) == ("mira", 5, Decimal("0.5"))
    assert [one.line for one in found.rejected] == [3]
    assert SECRET not in str(found.rejected)


# ── Helicone ─────────────────────────────────────────────────────────────────────────────
def request(id_: str, **given: Any) -> dict[str, Any]:
    return {
        "request_id": id_,
        "request_created_at": "2026-10-05T10:00:00.000Z",
        "response_created_at": "2026-10-05T10:00:02.000Z",
        "response_status": 200,
        "request_user_id": "mira",
        "request_properties": {"Team": "nlp"},
        "request_body": SECRET,
        "provider": "OPENAI",
        "model": "gpt-4o",
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "prompt_cache_read_tokens": 0,
        "prompt_cache_write_tokens": 0,
        "costUSD": 0.01,
        "cost": 10_000_000,
        "cache_reference_id": "00000000-0000-0000-0000-000000000000",
        **given,
    }


def test_helicone_requests(tmp_path: Path) -> None:
    found = lines(
        "helicone",
        tmp_path,
        request("r1", prompt_audio_tokens=30),
        request("r2", response_status=-3),
        request("r3", cache_reference_id="9a7b"),
        request("r4", prompt_cache_read_tokens=60),
        request("r5", prompt_tokens=10, prompt_cache_read_tokens=60),
    )
    first, failed, hit, without = found.records
    assert (first["uncached_input_tokens"], first["input_audio_tokens"]) == (70, 30)
    assert (first["UserId"], first["ProviderName"], first["ReportedCost"]) == (
        "mira",
        "OpenAI",
        Decimal("0.01"),
    )
    assert first["Attributes"] == {"Team": "nlp"}
    assert failed["Status"] == "failed"
    assert (hit["Meter"], tokens(hit)) == ("gateway_cache_hits", {})
    assert tokens(without)["uncached_input_tokens"] == 10
    assert "with or without" in found.rejected[0].reason
    assert SECRET not in str(found.records) + str(found.rejected)


def test_helicone_is_told_what_a_prompt_is(tmp_path: Path) -> None:
    cached = request("r4", prompt_cache_read_tokens=60)
    for said, uncached in (("total", 40), ("uncached", 100)):
        (one,) = lines("helicone", tmp_path, cached, options={"prompt_tokens": said}).records
        assert (one["uncached_input_tokens"], one["cache_read_tokens"]) == (uncached, 60)
    with pytest.raises(ConfigurationError, match="prompt_tokens"):
        lines("helicone", tmp_path, cached, options={"prompt_tokens": "both"})


def test_helicones_csv(tmp_path: Path) -> None:
    text = (
        "response_id,response_created_at,response_status,request_created_at,request_body,"
        "request_properties,request_user_id,model,prompt_tokens,completion_tokens,latency,cost\n"
        '"r1","2026-10-05T10:00:02Z","200","2026-10-05T10:00:00Z","","{""Team"":""nlp""}",'
        '"mira","gpt-4o","100","20","1","5"\n'
    )
    (one,) = read_text("helicone", tmp_path, text).records
    assert (one["UsageId"], one["Attributes"], one["output_tokens"]) == ("r1", {"Team": "nlp"}, 20)
    assert "ReportedCost" not in one
    with pytest.raises(SourceError, match="no requests"):
        read_text("helicone", tmp_path, "a,b\n1,2\n")


# ── Portkey ──────────────────────────────────────────────────────────────────────────────
def logged(id_: str, **given: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "trace_id": "t-1",
        "created_at": "2026-10-05T10:00:00.000Z",
        "is_success": 1,
        "ai_org": "anthropic",
        "ai_model": "claude-sonnet-4",
        "req_units": 100,
        "res_units": 20,
        "total_units": 120,
        "cost": 12.5,
        "cost_currency": "USD",
        "cache_status": "MISS",
        "virtual_key": "anthropic-prod",
        "metadata": {"_user": "mira", "team": "nlp"},
        "request": SECRET,
        **given,
    }


def test_portkey_logs(tmp_path: Path) -> None:
    found = lines(
        "portkey",
        tmp_path,
        logged("l1"),
        logged("l2", is_success=0),
        logged("l3", cache_status="SEMANTIC HIT"),
        logged("l4", metadata=None, **{"metadata.key": ["_user"], "metadata.value": ["jo"]}),
        logged("l5", req_units="many"),
    )
    first, failed, hit, listed = found.records
    assert (first["uncached_input_tokens"], first["output_tokens"]) == (100, 20)
    assert (first["UserId"], first["ApiKeyId"], first["ProviderName"]) == (
        "mira",
        "anthropic-prod",
        "Anthropic",
    )
    assert first["ReportedCost"] == Decimal("0.125")  # it is told in cents
    assert failed["Status"] == "failed"
    assert (hit["Meter"], tokens(hit)) == ("gateway_cache_hits", {})
    assert listed["UserId"] == "jo"
    assert found.rejected[0].row["id"] == "l5"
    assert SECRET not in str(found.records) + str(found.rejected)
    with pytest.raises(SourceError, match="no log export"):
        read_text("portkey", tmp_path, '{"a": 1}')
