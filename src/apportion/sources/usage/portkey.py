"""Portkey: the log of its gateway, with the metadata that callers sent along.

Shape: a log export (JSON lines): id, trace_id, created_at, is_success, ai_org, ai_model, req_units,
res_units, total_units, cost, cost_currency, response_status_code, cache_status, virtual_key,
prompt_slug, metadata (an object, or the lists metadata.key and metadata.value). Ask for these
fields, and leave out `request` and `response`: they are never read, kept or shown.

Traps: `cost` is in **cents**; cached tokens aren't told, all of the prompt is one class; a *HIT* or
*SEMANTIC HIT* of Portkey's own cache never reached the provider, and counts as
`gateway_cache_hits`; several requests may share a trace.

Source: Portkey, *Logs Export* and the admin API's log exports (2025/2026). How times are written is
unconfirmed: ISO 8601 is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.gateway_records import Shape, read_records
from apportion.sources.usage.gateway_values import (
    count,
    gateway_hit,
    money,
    outcome,
    part,
    plain,
    provider_called,
    text,
    time,
)
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat

_FAILED = {"0", "false", "no"}
_HITS = {"HIT", "SEMANTIC HIT"}
_SHAPE = Shape(
    what="log export of Portkey",
    needs=("id", "created_at", "ai_model", "req_units", "res_units"),
    shown=("id", "trace_id", "created_at", "ai_org", "ai_model"),
    hint="export logs with id, created_at, ai_org, ai_model, req_units, res_units, cost, metadata",
)


def read_portkey(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """The requests of a log export; raises SourceError where it is none."""
    check_options(spec, ())
    yield from read_records(file, _SHAPE, _record)


def _record(row: Mapping[str, Any]) -> dict[str, object]:
    metadata = _metadata(row)
    said = {
        "UsageId": text(row, "id"),
        "UsageStart": time(row, "created_at"),
        "ApiKeyId": text(row, "virtual_key", "api_key_id"),
        "UserId": metadata.get("_user"),
        "WorkspaceId": text(row, "workspace_slug", "workspace_id"),
        "ProviderName": provider_called(text(row, "ai_org")),
        "ModelId": text(row, "ai_model"),
        "Attributes": {
            **metadata,
            "trace_id": text(row, "trace_id"),
            "prompt_slug": text(row, "prompt_slug"),
        },
    }
    if (text(row, "cache_status") or "").upper() in _HITS:
        return gateway_hit(**said)
    cost = money(row, "cost", per=100)
    return {
        **said,
        **outcome((text(row, "is_success") or "1").lower() in _FAILED),
        "uncached_input_tokens": count(row, "req_units"),
        "output_tokens": count(row, "res_units"),
        "ReportedCost": cost,
        "ReportedCurrency": None if cost is None else text(row, "cost_currency") or "USD",
    }


def _metadata(row: Mapping[str, Any]) -> dict[str, str]:
    keys, values = row.get("metadata.key"), row.get("metadata.value")
    if isinstance(keys, list) and isinstance(values, list):
        return plain(dict(zip(map(str, keys), values, strict=False)))
    return plain(part(row, "metadata"))


FORMAT = UsageFormat(
    "portkey",
    read_portkey,
    late=timedelta(hours=1),
    null_identity="a request without metadata names nobody but the virtual key that paid it",
)
