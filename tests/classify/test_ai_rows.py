"""Rows of AI services: those seen in public code, others of their grammar, and unknown ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from apportion.classify import Classifier

SHARED = Path(__file__).parents[3] / "shared" / "data" / "ai_sku_examples.json"
CLASSIFIER = Classifier()
MARKET = "Claude Sonnet 4.6 (Amazon Bedrock Edition)"


def classed(service: str, meter: str, unit: str = "1K tokens", **more: str) -> dict[str, str]:
    """What is said of a charge, short: names without their x_."""
    charge = {"ChargeCategory": "Usage", "ServiceName": service, "PricingUnit": unit}
    found = CLASSIFIER.classify(charge | {"x_UsageType": meter} | more)
    return {name.removeprefix("x_"): value for name, value in found.items()}


TOKENS = {  # (service, meter): model, token type, and what else is said
    ("AmazonBedrock", "USE1-Claude4.6Opus-input-tokens"): ("claude-opus-4-6", "input", ""),
    ("AmazonBedrock", "EUC1-Claude4.6Opus-output-tokens-flex"): (
        "claude-opus-4-6", "output", "flex"),
    ("AmazonBedrock", "USE1-Claude3.5Haiku-output-tokens"): ("claude-3-5-haiku", "output", ""),
    ("AmazonBedrock", "EU-NovaPro-input-tokens-batch"): ("nova-pro", "input", "batch"),
    ("AmazonBedrock", "NovaPro-output-tokens"): ("nova-pro", "output", ""),
    ("AmazonBedrock", "USE1-Claude4Sonnet-cache-write-input-token-count-1-hour"): (
        "claude-sonnet-4", "cache_write_1h", ""),
    ("AmazonBedrock",
     "USW2-Claude4.5Sonnet-cache-write-input-token-count-1-hour-cross-region-global"): (
        "claude-sonnet-4-5", "cache_write_1h", "global"),
    ("AmazonBedrock", "USW2-Claude4.5Sonnet-cache-write-input-token-count"): (
        "claude-sonnet-4-5", "cache_write_5m", ""),
    ("AmazonBedrock", "USW2-anthropic.claude-opus-4-8-mantle-cache-read-tokens-global-standard"): (
        "claude-opus-4-8", "cache_read", "standard global"),
    ("AmazonBedrock", "APN1-openai.gpt-oss-120b-mantle-output-tokens-priority"): (
        "gpt-oss-120b", "output", "priority"),
    (MARKET, "USE1-MP:USE1_InputTokenCount_Batch-Units"): ("claude-sonnet-4-6", "input", "batch"),
    (MARKET, "EUC1-MP:EUC1_CacheWrite1hInputTokenCount_Global-Units"): (
        "claude-sonnet-4-6", "cache_write_1h", "global"),
    (MARKET, "APS3-MP:APS3_output_tokens_global_standard-Units"): (
        "claude-sonnet-4-6", "output", "standard global"),
    ("Cognitive Services", "gpt 4.1 mini cached Inp regnl Tokens"): (
        "gpt-4.1-mini", "cache_read", "regional"),
    ("Cognitive Services", "GPT 5 Nano outpt Dz 1M Tokens"): ("gpt-5-nano", "output", "data_zone"),
    ("Azure OpenAI", "5.4 pro Batch inp Dz"): ("gpt-5.4-pro", "input", "batch data_zone"),
    ("Azure OpenAI", "gpt 4o 0806 PP Inpt Gl"): ("gpt-4o-2024-08-06", "input", "priority global"),
    ("Azure OpenAI", "41 nano ft opt Dz"): ("gpt-4.1-nano", "output", "data_zone fine_tuned"),
    ("Azure OpenAI", "6-sol ShortCo Cd Wr Std Gl"): (
        "6-sol", "cache_write", "standard global short_context"),
    ("microsoft.cognitiveservices", "text embedding 3 large glbl Tokens"): (
        "text-embedding-3-large", "input", "global"),
    ("Vertex AI", "Gemini 3.8 Pro GA Audio Input - Predictions"): (
        "gemini-3.8-pro", "input", "audio"),
    ("Vertex AI", "Gemini 2.5 Flash Lite GA Image Input Caching"): (
        "gemini-2.5-flash-lite", "cache_read", "image"),
    ("Vertex AI", "Gemini 2.5 Pro GA Thinking Text Output - Predictions"): (
        "gemini-2.5-pro", "output", "text thinking"),
    ("OpenAI API", "gpt-4o-2024-08-06, cached input"): (
        "gpt-4o-2024-08-06", "cache_read", ""),
}  # fmt: skip


@pytest.mark.parametrize(("where", "what"), TOKENS.items(), ids=str)
def test_tokens(where: tuple[str, str], what: tuple[str, str, str]) -> None:
    found = classed(*where)
    assert found["CostClass"] == "ai_tokens"
    also = [found.get("TokenModality", ""), found.get("AiTier", "")]
    also += ["batch" if found.get("AiBatch") else "", found.get("AiScope", "")]
    also.append(found.get("AiVariant", ""))
    assert (found["AiModel"], found["TokenType"]) == what[:2]
    assert " ".join(filter(None, also)) == what[2]


@pytest.mark.parametrize(
    ("service", "meter", "unit", "more", "scale"),
    [
        ("AmazonBedrock", "USE1-NovaPro-input-tokens", "1K tokens", {}, "1000"),
        ("AmazonBedrock", "USE1-NovaPro-input-tokens", "1M tokens", {}, "1000000"),
        (MARKET, "USE1-MP:USE1_InputTokenCount-Units", "Units", {}, None),
        (MARKET, "USE1-MP:USE1_InputTokenCount-Units", "1M tokens", {}, "1000000"),
        (MARKET, "USE1-MP:USE1_InputTokenCount-Units", "Units",
         {"ChargeDescription": "AWS Marketplace software usage|us-east-1|Million Input Tokens"},
         "1000000"),
        ("Azure OpenAI", "gpt 4.1 Inp glbl Tokens", "1K", {}, "1000"),
        ("Azure OpenAI", "GPT 5 Mini Inpt Glbl 1M Tokens", "1M", {}, "1000000"),
        ("Azure OpenAI", "GPT 5 Mini Inpt Glbl 1M Tokens", "1", {}, "1000000"),
        ("Azure OpenAI", "GPT 5 Mini Inpt Glbl Tokens", "Units",
         {"x_PricingBlockSize": "1000"}, "1000"),
        ("Vertex AI", "Gemini 3 Flash Text Input - Predictions", "count", {}, "1"),
        ("Vertex AI", "Gemini 3 Flash Text Input - Predictions", "requests", {}, "1"),
    ],
)  # fmt: skip
def test_how_many_tokens_a_unit_is(
    service: str, meter: str, unit: str, more: dict[str, str], scale: str | None
) -> None:
    assert classed(service, meter, unit, **more).get("UnitScale") == scale


@pytest.mark.parametrize(
    ("service", "meter", "unit", "cost_class", "gpu", "scale"),
    [
        ("AmazonEC2", "BoxUsage:p4d.24xlarge", "Hrs", "gpu_compute", "A100 40GB", "8"),
        ("AmazonEC2", "EUC1-SpotUsage:g6e.12xlarge", "Hrs", "gpu_compute", "L40S", "4"),
        ("AmazonEC2", "USW2-UnusedBox:p5en.48xlarge", "Hrs", "gpu_compute", "H200", "8"),
        ("AmazonEC2", "USE2-BoxUsage:trn1.32xlarge", "Hrs", "accelerator_compute", "Trainium",
         "16"),
        ("AmazonEC2", "BoxUsage:m7i.4xlarge", "Hrs", "cpu_compute", None, "1"),
        ("AmazonSageMaker", "EUC1-Tsform:ml.g5.48xlarge", "Hrs", "gpu_compute", "A10G", "8"),
        ("AmazonSageMaker", "Studio:KernelGateway-ml.g4dn.xlarge", "Hrs", "gpu_compute", "T4", "1"),
        ("AmazonSageMaker", "Host:ml.m5.large", "Hrs", "cpu_compute", None, "1"),
        ("Virtual Machines", "NC48ads A100 v4 Spot", "100 Hours", "gpu_compute", "A100 80GB",
         "200"),
        ("Virtual Machines", "Standard_ND96isr_MI300X_v5", "1 Hour", "gpu_compute", "MI300X", "8"),
        ("Compute Engine", "Nvidia L4 GPU running in Frankfurt", "hour", "gpu_compute", "L4", "1"),
        ("Compute Engine", "Nvidia Tesla T4 GPU attached to Spot Preemptible VMs", "seconds",
         "gpu_compute", "T4", "1/3600"),
        ("Cloud TPU", "TPU v6e chip hour", "hour", "tpu_compute", "TPU v6e", "1"),
        ("Compute Engine", "G2 Instance Ram running in Americas", "hour", "cpu_compute", None, "1"),
        ("Azure OpenAI", "Provisioned Managed Data Zone Unit", "1 Hour", "ai_hours", None, "1"),
        ("GPU Cloud", "gpu_8x_h100_sxm5", "Hours", "gpu_compute", "H100", "8"),
    ],
)  # fmt: skip
def test_hours_of_machines(
    service: str, meter: str, unit: str, cost_class: str, gpu: str | None, scale: str
) -> None:
    found = classed(service, meter, unit)
    assert (found["CostClass"], found.get("GpuModel")) == (cost_class, gpu)
    assert found["UnitScale"] == scale


@pytest.mark.parametrize(
    ("service", "meter", "unit"),
    [
        ("AmazonBedrock", "USE1-NewModel-input-tokens-hyperdrive", "1K tokens"),
        ("AmazonBedrock", "USE1-Reranker-search-units", "Units"),
        ("Cognitive Services", "S1 Characters", "1M"),
        ("Vertex AI", "Some agent sessions", "count"),
        ("A new vendor", "model-x prompt tokens", "Million"),
        ("AI Cloud", "something", "Hours"),
    ],
)
def test_what_no_pattern_knows_is_not_guessed(service: str, meter: str, unit: str) -> None:
    assert classed(service, meter, unit)["CostClass"] == "ai_not_recognised"


def seen() -> Iterator[tuple[str, str, str]]:
    """Cloud, service and each single string of the shared list of examples."""
    if not SHARED.exists():
        return
    for row in json.loads(SHARED.read_text())["rows"]:
        for value in re.split(r" \| | / ", row["value"].split(" (ServiceType")[0]):
            named = re.search(r"product name '(.*?)'", row["service"])
            yield row["cloud"], named[1] if named else row["service"], value


@pytest.mark.skipif(not SHARED.exists(), reason="the shared list of examples isn't here")
@pytest.mark.parametrize(("cloud", "service", "value"), list(seen()))
def test_every_string_that_was_seen_is_recognised(cloud: str, service: str, value: str) -> None:
    unit = {"aws": "1K tokens" if "oken" in value else "Hrs", "azure": "1K", "gcp": "hour"}[cloud]
    found = classed(service, value, unit)
    assert found["CostClass"] not in {"ai_not_recognised", "other"}, found
    if "Storage" not in value and re.search(r"[tT]oken|\b[iI]n?p|\bopt\b", value):
        assert found["CostClass"] == "ai_tokens"
        assert found["TokenType"]
