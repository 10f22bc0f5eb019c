"""Azure OpenAI by deployment, and by the gateway before it, which knows who called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import SourceError
from usage_readers import Reading, at, read_text

ACCOUNT = "/subscriptions/sub-1/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/ai"


def metric(name: str, deployment: str, *totals: float | None, **more: str) -> dict[str, Any]:
    dimensions = {"modeldeploymentname": deployment, "modelname": "gpt-4o", **more}
    return {
        "id": f"{ACCOUNT}/providers/Microsoft.Insights/metrics/{name}",
        "name": {"value": name},
        "timeseries": [
            {
                "metadatavalues": [
                    {"name": {"value": one}, "value": value} for one, value in dimensions.items()
                ],
                "data": [
                    {"timeStamp": f"2026-10-05T{hour:02d}:00:00+00:00", "total": total}
                    for hour, total in enumerate(totals)
                ],
            }
        ],
    }


def read(folder: Path, *metrics: dict[str, Any], interval: str = "PT1H", **spec: Any) -> Reading:
    answer = {"cost": 1, "interval": interval, "value": list(metrics)}
    return read_text("azure-openai", folder, json.dumps(answer, indent=2), **spec)


def test_points_are_use_of_a_deployment(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        metric("ProcessedPromptTokens", "chat", 100.0, 0.0, None),
        metric("GeneratedTokens", "chat", 20),
        metric("AzureOpenAIRequests", "chat", 3, statuscode="200"),
        metric("AzureOpenAIRequests", "chat", 2, statuscode="429"),
        metric("InputTokens", "chat", 100),
        metric("TokenTransaction", "chat", 120),
    )
    prompt, out, calls, failed = found.records
    assert (prompt["uncached_input_tokens"], out["output_tokens"]) == (100, 20)
    assert (prompt["UsageStart"], prompt["UsageEnd"]) == (at("2026-10-05T00"), at("2026-10-05T01"))
    assert (prompt["ServiceName"], prompt["ModelId"], prompt["AccountId"]) == (
        "chat",
        "gpt-4o",
        "sub-1",
    )
    assert (prompt["ResourceId"], prompt["ProviderName"]) == (ACCOUNT, "Microsoft")
    assert (calls["requests"], calls["Status"]) == (3, "success")
    assert (failed["requests"], failed["failed_requests"], failed["Status"]) == (2, 2, "failed")
    assert found.skipped == 4
    assert len({one["UsageId"] for one in found.records}) == 4


def test_newer_metrics_stand_in_where_the_others_are_missing(tmp_path: Path) -> None:
    (one,) = read(tmp_path, metric("InputTokens", "chat", 100), interval="P1D").records
    assert (one["uncached_input_tokens"], one["UsageEnd"]) == (100, at("2026-10-06"))


def test_provisioned_deployments_are_said(tmp_path: Path) -> None:
    first, second, third = read(
        tmp_path,
        metric("GeneratedTokens", "chat", 20),
        metric("GeneratedTokens", "rag", 20),
        metric("GeneratedTokens", "flexible", 5, servicetierresponse="flex"),
        options={"provisioned": "chat, other"},
    ).records
    assert (first["ServiceTier"], "ServiceTier" in second) == ("provisioned", False)
    assert third["ServiceTier"] == "flex"


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no metrics of Azure Monitor"):
        read_text("azure-openai", tmp_path, '{"value": []}')
    with pytest.raises(SourceError, match="no LLM log"):
        read_text("azure-gateway", tmp_path, "a,b\n1,2\n")


def test_a_call_of_the_gateway_says_whose_key_it_was(tmp_path: Path) -> None:
    call = {
        "TimeGenerated": "2026-10-05T10:00:00.123Z",
        "CorrelationId": "c-1",
        "DeploymentName": "chat",
        "ModelName": "gpt-4o",
        "PromptTokens": "100",
        "CompletionTokens": "20",
        "ApimSubscriptionId": "team-nlp",
        "ProductId": "search",
        "UserId": "1",
        "ResponseCode": "200",
        "Region": "West Europe",
        "RequestMessages": "what nobody should read",
    }
    piece = {**call, "DeploymentName": "", "CorrelationId": "c-2"}
    failed = {**call, "CorrelationId": "c-3", "ResponseCode": "429"}
    wrong = {**call, "CorrelationId": "c-4", "PromptTokens": "many"}
    text = json.dumps([call, piece, failed, wrong])
    found = read_text("azure-gateway", tmp_path, text, options={"provisioned": "chat"})
    first, second = found.records
    assert (first["UsageId"], first["UsageStart"]) == ("c-1", at("2026-10-05T10:00:00.123"))
    assert (first["ApiKeyId"], first["ProjectId"], first["UserId"]) == ("team-nlp", "search", "1")
    assert (first["ServiceName"], first["ServiceTier"]) == ("chat", "provisioned")
    assert (first["uncached_input_tokens"], first["output_tokens"], first["requests"]) == (
        100,
        20,
        1,
    )
    assert (second["Status"], found.skipped) == ("failed", 1)
    assert "nobody should read" not in str(found.records) + str(found.rejected)


def test_the_portals_csv_says_the_same(tmp_path: Path) -> None:
    text = (
        '"TimeGenerated [UTC]",CorrelationId,DeploymentName,ModelName,'
        "PromptTokens,CompletionTokens\n"
        '"10/5/2026, 2:03:04.000 PM",c-1,chat,gpt-4o,100,20\n'
    )
    (one,) = read_text("azure-gateway", tmp_path, text).records
    assert (one["UsageStart"], one["output_tokens"]) == (at("2026-10-05T14:03:04"), 20)
    assert "ApiKeyId" not in one


def test_token_metrics_say_their_dimensions(tmp_path: Path) -> None:
    dimensions = json.dumps({"Subscription ID": "team-nlp", "Deployment": "chat", "Region": "w"})
    rows = [
        {
            "TimeGenerated": "2026-10-05T10:00:00Z",
            "Name": name,
            "Sum": total,
            "Properties": dimensions,
        }
        for name, total in (
            ("Prompt Tokens", 100),
            ("Prompt Tokens", 50),
            ("Completion Tokens", 20),
            ("Total Tokens", 170),
        )
    ]
    found = read_text("azure-gateway", tmp_path, "\n".join(json.dumps(one) for one in rows))
    first, second, out = found.records
    assert (first["uncached_input_tokens"], second["uncached_input_tokens"]) == (100, 50)
    assert first["UsageId"] != second["UsageId"]
    assert (first["ApiKeyId"], first["ServiceName"], out["output_tokens"]) == (
        "team-nlp",
        "chat",
        20,
    )
    assert found.skipped == 1
    classic = {
        "timestamp": "2026-10-05T10:00:00Z",
        "name": "Completion Tokens",
        "valueSum": 7,
        "itemId": "i-1",
        "customDimensions": {"User ID": "u"},
    }
    (one,) = read_text("azure-gateway", tmp_path, json.dumps(classic)).records
    assert (one["UsageId"], one["UserId"], one["output_tokens"]) == ("i-1", "u", 7)
