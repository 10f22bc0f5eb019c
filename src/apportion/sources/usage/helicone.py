"""Helicone: requests of its gateway, with the properties that callers sent along.

Shape: what ``npx @helicone/export`` writes (JSON lines, JSON or CSV), or the answer of
``POST /v1/request/query-clickhouse``: request_id or response_id, request_created_at,
response_created_at, response_status, request_user_id, request_properties, model, provider,
prompt_tokens, completion_tokens, prompt_cache_read_tokens, prompt_cache_write_tokens,
prompt_audio_tokens, completion_audio_tokens, costUSD, cache_reference_id. Export without
``--include-body``: bodies are never read, kept or shown, but they make files large.

Traps:

* Whether `prompt_tokens` include what was read from the cache and written to it isn't documented,
  and differs by provider. A record with both must be told: ``options: {prompt_tokens: total}`` or
  *uncached*; else it is set aside. Where the whole is less than its parts, it is *uncached*.
* A request that Helicone's own cache answered has a `cache_reference_id`: it never reached the
  provider, and counts as `gateway_cache_hits`.
* The column `cost` of the CSV has no documented unit, and isn't read; `costUSD` is.

Source: Helicone, examples/export and the type HeliconeRequest of its API (2025/2026).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options, one_of
from apportion.sources.usage.gateway_records import Shape, read_records
from apportion.sources.usage.gateway_values import (
    count,
    gateway_hit,
    maybe_time,
    money,
    outcome,
    part,
    plain,
    provider_called,
    text,
    time,
)
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat

_NOT_CACHED = "00000000-0000-0000-0000-000000000000"


def _unknown(names: Sequence[str]) -> str:
    there = set(names)
    known = {"request_id", "response_id"} & there and {
        "request_created_at",
        "prompt_tokens",
    } <= there
    return "" if known else "these are no requests of Helicone"


_SHAPE = Shape(
    what="requests of Helicone",
    needs=(),
    shown=("request_id", "response_id", "request_created_at", "model", "request_model"),
    hint="npx @helicone/export --format jsonl; say options: {prompt_tokens: total} or uncached",
    refuse=_unknown,
)


def read_helicone(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """The requests of an export; raises SourceError where it is none."""
    check_options(spec, {"prompt_tokens"})
    said = one_of(spec, "prompt_tokens", ("", "total", "uncached"))
    yield from read_records(file, _SHAPE, lambda row: _record(row, said))


def _record(row: Mapping[str, Any], convention: str) -> dict[str, object]:
    status = count(row, "response_status")
    cost = money(row, "costUSD")
    properties = part(row, "request_properties") or part(row, "properties")
    said = {
        "UsageId": text(row, "request_id", "response_id"),
        "UsageStart": time(row, "request_created_at"),
        "UsageEnd": maybe_time(row, "response_created_at"),
        "UserId": text(row, "request_user_id", "user_id"),
        "ProviderName": provider_called(_lower(text(row, "provider"))),
        "ModelId": text(row, "model", "response_model", "request_model", "model_override"),
        "Operation": text(row, "request_path"),
        "Attributes": plain(properties),
    }
    if (text(row, "cache_reference_id") or _NOT_CACHED) != _NOT_CACHED:
        return gateway_hit(**said)
    return {
        **said,
        **outcome(status is not None and not 200 <= status < 300),
        **_tokens(row, convention),
        "ReportedCost": cost,
        "ReportedCurrency": None if cost is None else "USD",
    }


def _tokens(row: Mapping[str, Any], convention: str) -> dict[str, object]:
    prompt, out = count(row, "prompt_tokens") or 0, count(row, "completion_tokens") or 0
    read = count(row, "prompt_cache_read_tokens") or 0
    written = count(row, "prompt_cache_write_tokens") or 0
    audio, spoken = count(row, "prompt_audio_tokens"), count(row, "completion_audio_tokens")
    cache = read + written
    if cache and not convention and prompt >= cache:
        raise ValueError("prompt_tokens with or without the cached ones? say it by `options`")
    within = cache if convention == "total" else 0
    return {
        "uncached_input_tokens": prompt - within - (audio or 0),
        "input_audio_tokens": audio,
        "cache_read_tokens": read,
        "cache_write_5m_tokens": written,
        "output_tokens": out - (spoken or 0),
        "output_audio_tokens": spoken,
        "reasoning_tokens": count(row, "reasoning_tokens"),
    }


def _lower(name: str | None) -> str | None:
    return name.lower() if name else None


FORMAT = UsageFormat(
    "helicone",
    read_helicone,
    late=timedelta(hours=1),
    null_identity="a request without Helicone-User-Id and properties names nobody: unattributed",
)
