"""OpenRouter: its activity by day, model and endpoint, or single generations.

Three shapes are told by their fields:

* **activity** (``GET /api/v1/activity``, pulled or saved): `date`, `model_permaslug`,
  `endpoint_id`, `provider_name`, `requests`, `prompt_tokens`, `completion_tokens`,
  `reasoning_tokens`, `usage`, `byok_usage_inference`; `workspace_id` where it was grouped by it.
* **generations** (``GET /api/v1/generation?id=…``): `native_tokens_prompt` and so on are what the
  provider counted and bills; `tokens_prompt` are counted by another tokenizer, and never read.
* the **CSV** of the activity page: a row for each generation, with `api_key_name`.

Traps: activity keeps 30 days, names no key, and doesn't tell cached tokens: all of the prompt is
one class, so that its price is too high where much is cached; the generations tell. With a key of
your own (BYOK) the upstream provider bills the inference, too.

Source: OpenRouter API reference (ActivityItem, GenerationResponseData; 2026). The columns of the
CSV were read in public programs; that its tokens are the provider's count is unconfirmed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.gateway_records import Shape, read_records
from apportion.sources.usage.gateway_values import count, money, text, time
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_texts import natural_id

OPENROUTER = "OpenRouter"

_SHAPE = Shape(
    what="activity or generations of OpenRouter",
    needs=(),
    shown=("date", "id", "generation_id", "created_at", "model", "model_permaslug"),
    hint="keep the answer of /api/v1/activity or /api/v1/generation as it is, or the page's CSV",
    refuse=lambda names: (
        ""
        if {"date", "created_at"} & set(names) and {"model", "model_permaslug"} & set(names)
        else "this is no activity and no generation of OpenRouter"
    ),
)
_TRUE = {"true", "1"}


def read_openrouter(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """The records of a file of activity or generations; raises SourceError where it is none."""
    check_options(spec, ())
    yield from read_records(file, _SHAPE, _record)


def _record(row: Mapping[str, Any]) -> dict[str, object]:
    if "date" in row:
        return _activity(row)
    return _exported(row) if "generation_id" in row else _generation(row)


def _activity(row: Mapping[str, Any]) -> dict[str, object]:
    start = _midnight(time(row, "date"))
    model = text(row, "model_permaslug", "model")
    endpoint, provider = text(row, "endpoint_id"), text(row, "provider_name")
    workspace = text(row, "workspace_id")
    who = (model, endpoint, provider, workspace, text(row, "api_key_hash"), text(row, "user_id"))
    return {
        "UsageId": natural_id("openrouter", start.date(), *who),
        "UsageStart": start,
        "UsageEnd": start + timedelta(days=1),
        "ApiKeyId": text(row, "api_key_hash"),
        "UserId": text(row, "user_id"),
        "WorkspaceId": workspace,
        "ProviderName": OPENROUTER,
        "ModelId": model,
        "ResourceId": endpoint,
        "Attributes": {
            "upstream_provider": provider,
            "byok_usage_inference": text(row, "byok_usage_inference"),
        },
        "requests": count(row, "requests"),
        "uncached_input_tokens": count(row, "prompt_tokens"),
        "output_tokens": count(row, "completion_tokens"),
        "reasoning_tokens": count(row, "reasoning_tokens"),
        **_cost(row, "usage"),
    }


def _generation(row: Mapping[str, Any]) -> dict[str, object]:
    prompt = count(row, "native_tokens_prompt")
    if prompt is None:
        raise ValueError("native_tokens_prompt is missing")
    cached = count(row, "native_tokens_cached") or 0
    images = count(row, "native_tokens_completion_images") or 0
    return {
        **_of_one(row, text(row, "id"), text(row, "model")),
        "UserId": text(row, "external_user"),
        "ServiceTier": text(row, "service_tier"),
        "RegionId": text(row, "data_region"),
        "Status": _status(row, "finish_reason"),
        "Operation": text(row, "api_type"),
        "uncached_input_tokens": prompt - cached,
        "cache_read_tokens": cached,
        "output_tokens": (count(row, "native_tokens_completion") or 0) - images,
        "output_image_tokens": images,
        "reasoning_tokens": count(row, "native_tokens_reasoning"),
        **_cost(row, "total_cost", "usage"),
    }


def _exported(row: Mapping[str, Any]) -> dict[str, object]:
    cached = count(row, "tokens_cached") or 0
    return {
        **_of_one(row, text(row, "generation_id"), text(row, "model_permaslug")),
        "ApiKeyId": text(row, "api_key_name"),
        "UserId": text(row, "user"),
        "Status": _status(row, "finish_reason_normalized"),
        "uncached_input_tokens": (count(row, "tokens_prompt") or 0) - cached,
        "cache_read_tokens": cached,
        "output_tokens": count(row, "tokens_completion") or 0,
        "reasoning_tokens": count(row, "tokens_reasoning"),
        **_cost(row, "cost_total"),
    }


def _of_one(row: Mapping[str, Any], id_: str | None, model: str | None) -> dict[str, object]:
    return {
        "UsageId": id_,
        "UsageStart": time(row, "created_at"),
        "ServiceName": text(row, "app_name", "app_id"),
        "ProviderName": OPENROUTER,
        "ModelId": model,
        "Attributes": {
            "upstream_provider": text(row, "provider_name"),
            "is_byok": text(row, "is_byok"),
            "preset_id": text(row, "preset_id"),
        },
        "requests": 1,
    }


def _status(row: Mapping[str, Any], reason: str) -> str:
    if (text(row, "cancelled") or "").lower() in _TRUE:
        return "cancelled"
    return "failed" if text(row, reason) == "error" else "success"


def _cost(row: Mapping[str, Any], *names: str) -> dict[str, object]:
    cost = money(row, *names)
    return {"ReportedCost": cost, "ReportedCurrency": None if cost is None else "USD"}


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


FORMAT = UsageFormat(
    "openrouter",
    read_openrouter,
    restates=True,
    late=timedelta(days=2),
    null_identity="activity names no key and, unless grouped by workspace, nobody: unattributed",
)
