"""Bedrock's tokens from the Cost and Usage Report: by principal, model and class."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apportion.errors import SourceError
from apportion.sources.usage.bedrock_usage_type import bedrock_usage_type
from usage_readers import Reading, at, read_file, read_text


def row(kind: str, amount: str, **given: Any) -> dict[str, Any]:
    return {
        "identity_line_item_id": "x",
        "line_item_usage_type": kind,
        "line_item_usage_amount": amount,
        "line_item_usage_start_date": "2026-10-05T10:00:00.000Z",
        "line_item_usage_end_date": "2026-10-05T11:00:00.000Z",
        "line_item_line_item_type": "Usage",
        "line_item_product_code": "AmazonBedrock",
        "line_item_operation": "InvokeModelInference",
        "line_item_usage_account_id": "123",
        "line_item_resource_id": "arn:aws:bedrock:us-east-1:123:application-inference-profile/abc",
        "line_item_iam_principal": "arn:aws:sts::123:assumed-role/search/i-1",
        "line_item_unblended_cost": "0.069",
        "line_item_currency_code": "USD",
        "pricing_unit": "1K tokens",
        "product_region_code": "us-east-1",
        "tags": '{"iamPrincipal/team": "nlp", "user_app": "search"}',
        **given,
    }


def read(folder: Path, *rows: dict[str, Any], **spec: Any) -> Reading:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return read_text("bedrock-cur", folder, text.getvalue(), **spec)


def test_a_row_is_a_class_of_tokens_of_a_principal(tmp_path: Path) -> None:
    (one,) = read(tmp_path, row("USE1-Claude4.6Opus-input-tokens", "0.069")).records
    assert one["uncached_input_tokens"] == 69
    assert (one["UsageStart"], one["UsageEnd"]) == (at("2026-10-05T10:00"), at("2026-10-05T11:00"))
    assert one["ServiceAccountId"] == "arn:aws:sts::123:assumed-role/search"
    assert (one["ModelId"], one["ProviderName"]) == ("Claude4.6Opus", "AWS")
    assert one["ResourceId"].endswith("/abc")
    assert one["Attributes"] == {
        "iamPrincipal/team": "nlp",
        "session": "i-1",
        "usage_type": "USE1-Claude4.6Opus-input-tokens",
        "user_app": "search",
    }
    assert (one["ReportedCost"], one["ReportedCurrency"]) == (Decimal("0.069"), "USD")
    assert "requests" not in one


@pytest.mark.parametrize(
    ("written", "meter", "model", "tier", "route"),
    [
        ("USE1-Claude4.6Opus-output-tokens", "output_tokens", "Claude4.6Opus", "", ""),
        (
            "USE1-Claude4.6Opus-cache-read-input-token-count-cross-region-global",
            "cache_read_tokens",
            "Claude4.6Opus",
            "",
            "global",
        ),
        (
            "USE1-Claude4Sonnet-cache-write-input-token-count-1-hour",
            "cache_write_1h_tokens",
            "Claude4Sonnet",
            "",
            "",
        ),
        (
            "USW2-anthropic.claude-opus-4-8-mantle-cache-write-tokens-global-standard",
            "cache_write_5m_tokens",
            "anthropic.claude-opus-4-8",
            "",
            "global",
        ),
        (
            "USE1-mistral.voxtral-small-24b-2507-mantle-input-tokens-standard",
            "uncached_input_tokens",
            "mistral.voxtral-small-24b-2507",
            "",
            "",
        ),
        (
            "USE1-xai.grok-4.3-mantle-cache-read-tokens-flex",
            "cache_read_tokens",
            "xai.grok-4.3",
            "flex",
            "",
        ),
        (
            "USE1-NovaLite-input-tokens-priority",
            "uncached_input_tokens",
            "NovaLite",
            "priority",
            "",
        ),
        (
            "USE1-Llama4-Maverick-17B-input-tokens-batch",
            "uncached_input_tokens",
            "Llama4-Maverick-17B",
            "batch",
            "",
        ),
        ("NovaLite-input-image-token-count", "input_image_tokens", "NovaLite", "", ""),
        ("USE1-MP:USE1_InputTokenCount-Units", "uncached_input_tokens", "", "", ""),
        ("USE1-MP:USE1_InputTokenCount_Global-Units", "uncached_input_tokens", "", "", "global"),
        ("USE1-MP:USE1_InputTokenCount_Batch-Units", "uncached_input_tokens", "", "batch", ""),
        ("USE1-MP:USE1_CacheReadInputTokenCount-Units", "cache_read_tokens", "", "", ""),
        ("USE1-MP:USE1_CacheWriteInputTokenCount-Units", "cache_write_5m_tokens", "", "", ""),
        (
            "USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units",
            "cache_write_1h_tokens",
            "",
            "",
            "global",
        ),
        ("APS3-MP:APS3_output_tokens_global_standard-Units", "output_tokens", "", "", "global"),
    ],
)
def test_usage_types(written: str, meter: str, model: str, tier: str, route: str) -> None:
    said = bedrock_usage_type(written)
    assert said is not None
    assert (said.meter, said.model, said.tier, said.route) == (meter, model, tier, route)


def test_what_is_no_token_is_passed_over(tmp_path: Path) -> None:
    for written in (
        "USE1-Claude4-reserved-1-month-input-tokens-per-minute",
        "USE1-ProvisionedThroughput-ModelUnits",
        "USE1-Guardrail-TextUnits",
        "BoxUsage:p4d.24xlarge",
    ):
        assert bedrock_usage_type(written) is None
    found = read(
        tmp_path,
        row("USE1-NovaLite-input-tokens", "1"),
        row("BoxUsage", "1", line_item_product_code="AmazonEC2"),
        row("USE1-NovaLite-input-tokens", "1", line_item_line_item_type="Tax"),
    )
    assert (len(found.records), found.skipped) == (1, 2)


def test_the_unit_decides(tmp_path: Path) -> None:
    market = {
        "line_item_product_code": "abc123",
        "pricing_unit": "Units",
        "product_product_name": "Claude Sonnet 4.6 (Amazon Bedrock Edition)",
    }
    kind = "USE1-MP:USE1_InputTokenCount-Units"
    mixed = (
        row("USE1-NovaLite-input-tokens", "0.002", pricing_unit="1M tokens"),
        row("USE1-NovaLite-input-tokens", "0.0005"),
        row(kind, "0.5", **market),
    )
    rows = [{**dict.fromkeys(mixed[2], ""), **one} for one in mixed]
    found = read(tmp_path, *rows)
    assert [one["uncached_input_tokens"] for one in found.records] == [2000]
    assert [one.line for one in found.rejected] == [3, 4]
    assert "no whole tokens" in found.rejected[0].reason
    assert "options" in found.rejected[1].reason
    told = read(tmp_path, rows[2], options={"units": "1M"}).records[0]
    assert (told["uncached_input_tokens"], told["ModelId"]) == (500_000, "Claude Sonnet 4.6")


def test_equal_rows_count_each_and_a_delivery_comes_again(tmp_path: Path) -> None:
    twice = [row("USE1-NovaLite-input-tokens", "1"), row("USE1-NovaLite-input-tokens", "2")]
    first = [one["UsageId"] for one in read(tmp_path, *twice).records]
    assert len(set(first)) == 2
    assert [one["UsageId"] for one in read(tmp_path, *twice).records] == first


def test_legacy_columns_and_parquet_say_the_same(tmp_path: Path) -> None:
    legacy = {
        "lineItem/UsageType": "USE1-NovaLite-output-tokens",
        "lineItem/UsageAmount": "0.5",
        "lineItem/UsageStartDate": "2026-10-05T10:00:00Z",
        "lineItem/UsageEndDate": "2026-10-05T11:00:00Z",
        "lineItem/LineItemType": "Usage",
        "lineItem/ProductCode": "AmazonBedrock",
        "lineItem/UsageAccountId": "123",
        "pricing/unit": "1K tokens",
        "resourceTags/user:Team": "nlp",
    }
    (one,) = read(tmp_path, legacy).records
    assert (one["output_tokens"], one["AccountId"]) == (500, "123")
    assert one["Attributes"]["user:Team"] == "nlp"
    given = {
        **row("USE1-NovaLite-output-tokens", ""),
        "line_item_usage_amount": 0.5,
        "line_item_usage_start_date": at("2026-10-05T10:00"),
        "line_item_usage_end_date": at("2026-10-05T11:00"),
        "tags": [("iamPrincipal/team", "nlp")],
    }
    table = pa.Table.from_pylist(
        [given],
        schema=pa.schema(
            [
                (
                    name,
                    pa.map_(pa.string(), pa.string()) if name == "tags" else pa.infer_type([value]),
                )
                for name, value in given.items()
            ]
        ),
    )
    path = tmp_path / "cur.parquet"
    pq.write_table(table, path)
    (same,) = read_file("bedrock-cur", path).records
    assert (same["output_tokens"], same["Attributes"]["iamPrincipal/team"]) == (500, "nlp")


def test_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no rows of a Cost and Usage Report"):
        read_text("bedrock-cur", tmp_path, "a,b\n1,2\n")
