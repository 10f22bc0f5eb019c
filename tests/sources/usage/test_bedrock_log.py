"""Bedrock's invocation logs: who called, how many tokens, and never a body."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import SourceError
from usage_readers import at, read_file, read_text

SECRET = "what nobody should read"


def call(request: str, **given: Any) -> dict[str, Any]:
    return {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": "2026-10-05T10:00:17Z",
        "accountId": "123456789012",
        "identity": {"arn": "arn:aws:sts::123456789012:assumed-role/search-app/i-0abc"},
        "region": "us-east-1",
        "requestId": request,
        "operation": "Converse",
        "modelId": "anthropic.claude-sonnet-4-20250514-v1:0",
        "input": {
            "inputContentType": "application/json",
            "inputBodyJson": {"messages": [{"content": SECRET}]},
            "inputTokenCount": 2,
            "cacheReadInputTokenCount": 95500,
            "cacheWriteInputTokenCount": 300,
        },
        "output": {"outputBodyJson": {"output": SECRET}, "outputTokenCount": 446},
        "requestMetadata": {"team": "nlp"},
        "inferenceRegion": "us-west-2",
        **given,
    }


def test_a_call_says_who_and_how_much(tmp_path: Path) -> None:
    path = tmp_path / "log.json.gz"
    path.write_bytes(gzip.compress((json.dumps(call("r1")) + "\n").encode()))
    (one,) = read_file("bedrock-log", path).records
    assert (one["UsageId"], one["UsageStart"]) == ("r1", at("2026-10-05T10:00:17"))
    assert one["ServiceAccountId"] == "arn:aws:sts::123456789012:assumed-role/search-app"
    assert (one["AccountId"], one["ProviderName"]) == ("123456789012", "AWS")
    # The input is without the cache: what was read and written comes on top of it.
    assert (one["uncached_input_tokens"], one["cache_read_tokens"]) == (2, 95500)
    assert (one["cache_write_5m_tokens"], one["output_tokens"]) == (300, 446)
    assert one["Attributes"] == {
        "inferenceRegion": "us-west-2",
        "session": "i-0abc",
        "team": "nlp",
    }
    assert SECRET not in str(one)


def test_people_and_profiles(tmp_path: Path) -> None:
    sso = "arn:aws:sts::1:assumed-role/AWSReservedSSO_Dev_12ab/mira@example.com"
    profile = "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc"
    lines = (
        call("r1", identity={"arn": sso}),
        call("r2", identity={"arn": "arn:aws:iam::1:user/mira"}, modelId=profile),
        call("r3", identity=None, errorCode="ThrottlingException", output=None),
    )
    first, second, third = read_text(
        "bedrock-log", tmp_path, "\n".join(json.dumps(one) for one in lines)
    ).records
    assert first["UserId"] == "mira@example.com"
    assert second["UserId"] == "arn:aws:iam::1:user/mira"
    assert (second["ResourceId"], second["ModelId"]) == (profile, profile)
    assert not {"UserId", "ServiceAccountId", "output_tokens"} & set(third)
    assert (third["Status"], third["requests"], third["failed_requests"]) == ("failed", 1, 1)


def test_what_cloudwatch_puts_around_it(tmp_path: Path) -> None:
    message = json.dumps(call("r1"))
    exported = f"2026-10-05T10:00:17.123Z {message}\n"
    event = {"timestamp": 1, "message": message, "eventId": "e"}
    delivered = json.dumps({"messageType": "DATA_MESSAGE", "logEvents": [event]})
    answered = json.dumps({"events": [event, {"message": "no JSON"}]}, indent=2)
    queried = json.dumps([{"@timestamp": "2026", "@message": message}])
    for text in (exported, delivered, answered, queried):
        found = read_text("bedrock-log", tmp_path, text)
        assert [one["UsageId"] for one in found.records] == ["r1"]
    assert found.skipped == 0


def test_what_cannot_be_read_is_set_aside_without_its_words(tmp_path: Path) -> None:
    wrong = call("r2", input={"inputTokenCount": "many", "inputBodyJson": SECRET})
    text = json.dumps(call("r1")) + f'\n{{"x": "{SECRET}\n' + json.dumps(wrong)
    found = read_text("bedrock-log", tmp_path, text)
    assert [one.line for one in found.rejected] == [2, 3]
    assert found.rejected[1].row["requestId"] == "r2"
    assert SECRET not in str(found.rejected)


def test_another_file_is_refused_and_an_empty_one_is_not(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no invocation log"):
        read_text("bedrock-log", tmp_path, '{"a": 1}\n')
    assert read_text("bedrock-log", tmp_path, "").records == []
