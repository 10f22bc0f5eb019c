"""Vertex AI: tokens from Cloud Monitoring, amounts from the billing export."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import SourceError
from usage_readers import Reading, at, read_text

METRIC = "aiplatform.googleapis.com/publisher/online_serving/"


def series(name: str, *amounts: Any, **labels: str) -> dict[str, Any]:
    return {
        "metric": {"type": METRIC + name, "labels": labels},
        "resource": {
            "type": "aiplatform.googleapis.com/PublisherModel",
            "labels": {
                "resource_container": "search-prod",
                "location": "europe-west1",
                "publisher": "google",
                "model_user_id": "gemini-2.5-pro",
                "model_version_id": "",
            },
        },
        "metricKind": "DELTA",
        "valueType": "INT64",
        "points": [
            {
                "interval": {
                    "startTime": f"2026-10-05T{hour:02d}:00:00Z",
                    "endTime": f"2026-10-05T{hour + 1:02d}:00:00Z",
                },
                "value": one if isinstance(one, dict) else {"int64Value": str(one)},
            }
            for hour, one in enumerate(amounts)
        ],
    }


def read(folder: Path, *found: dict[str, Any], **more: Any) -> Reading:
    return read_text("vertex", folder, json.dumps({"timeSeries": list(found), **more}, indent=1))


def test_points_are_tokens_and_calls_of_a_project(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        series("token_count", 9_007_199_254_740_993, 20, type="input", request_type="shared"),
        series("token_count", 7, type="output", request_type="dedicated"),
        series("token_count", 5, type="cached"),
        series("model_invocation_count", 3),
        series("characters", 1, 2),
    )
    first, second, out, other, calls = found.records
    assert first["uncached_input_tokens"] == 9_007_199_254_740_993
    assert (second["UsageStart"], second["UsageEnd"]) == (at("2026-10-05T01"), at("2026-10-05T02"))
    assert (first["ProjectId"], first["ModelId"], first["RegionId"]) == (
        "search-prod",
        "gemini-2.5-pro",
        "europe-west1",
    )
    assert "ServiceTier" not in first
    assert (out["output_tokens"], out["ServiceTier"]) == (7, "provisioned")
    assert (other["Meter"], other["Quantity"]) == ("token_count cached", 5)
    assert (calls["requests"], found.skipped) == (3, 2)
    assert len({one["UsageId"] for one in found.records}) == 5


def test_rates_are_set_aside_and_cut_answers_refused(tmp_path: Path) -> None:
    found = read(tmp_path, series("token_count", {"doubleValue": 0.5}, type="input"))
    assert "no count" in found.rejected[0].reason
    with pytest.raises(SourceError, match="isn't whole"):
        read(tmp_path, series("token_count", 1, type="input"), nextPageToken="abc")
    with pytest.raises(SourceError, match="no answer"):
        read_text("vertex", tmp_path, '{"error": {"code": 403}}')


def bill(sku: str, amount: str, unit: str = "count", **given: str) -> dict[str, str]:
    return {
        "service.description": "Vertex AI",
        "sku.id": sku,
        "sku.description": sku,
        "usage_start_time": "2026-10-05T10:00:00",
        "usage_end_time": "2026-10-05T11:00:00",
        "project.id": "search-prod",
        "labels": '[{"key": "team", "value": "nlp"}]',
        "location.region": "us-central1",
        "cost": "0.5",
        "currency": "EUR",
        "usage.amount": amount,
        "usage.unit": unit,
        "cost_type": "regular",
        **given,
    }


def billed(folder: Path, *rows: dict[str, str]) -> Reading:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return read_text("vertex-billing", folder, text.getvalue())


def test_skus_are_classes_of_tokens(tmp_path: Path) -> None:
    found = billed(
        tmp_path,
        bill("Gemini 2.5 Flash GA Text Input - Predictions", "1000", "requests"),
        bill("Gemini 2.5 Flash GA Thinking Text Output - Predictions", "30"),
        bill("Gemini 3 Flash Text Input Caching", "800"),
        bill("Gemini 3.8 Flash Global Text Input Priority - Predictions", "5"),
        bill("Gemini 3 Flash Text Input Caching Storage", "2.5", "hour"),
        bill("Storage", "1", **{"service.description": "Cloud Storage"}),
        bill("Gemini 2.5 Flash GA Text Input - Predictions", "1", cost_type="tax"),
    )
    first, thought, cached, priority, kept = found.records
    assert first["uncached_input_tokens"] == 1000
    assert (first["ProjectId"], first["Attributes"]["team"]) == ("search-prod", "nlp")
    assert (first["ModelId"], first["ReportedCost"]) == ("Gemini 2.5 Flash", Decimal("0.5"))
    assert (thought["output_tokens"], thought["reasoning_tokens"]) == (30, 30)
    assert cached["cache_read_tokens"] == 800
    assert (priority["ServiceTier"], priority["ModelId"]) == ("priority", "Gemini 3.8 Flash")
    assert (kept["Meter"], kept["Quantity"]) == (
        "Gemini 3 Flash Text Input Caching Storage",
        Decimal("2.5"),
    )
    assert found.skipped == 2


def test_nested_rows_say_the_same(tmp_path: Path) -> None:
    nested = {
        "service": {"description": "Vertex AI"},
        "sku": {"id": "1", "description": "Gemini 2.5 Pro Text Output - Predictions"},
        "usage_start_time": "2026-10-05T10:00:00+00:00",
        "usage_end_time": "2026-10-05T11:00:00+00:00",
        "project": {"id": "p"},
        "labels": [{"key": "team", "value": "nlp"}],
        "usage": {"amount": 12.0, "unit": "count"},
        "cost": 0.1,
        "currency": "USD",
    }
    text = json.dumps(nested) + "\n" + json.dumps(nested)
    first, second = read_text("vertex-billing", tmp_path, text).records
    assert (first["output_tokens"], first["Attributes"]["team"]) == (12, "nlp")
    assert first["UsageId"] != second["UsageId"]
    with pytest.raises(SourceError, match="no billing export"):
        read_text("vertex-billing", tmp_path, "a,b\n1,2\n")
