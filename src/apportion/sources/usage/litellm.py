"""LiteLLM's spend logs: every request of a gateway, with its key, team and tokens.

One row of the table ``LiteLLM_SpendLogs`` is one request: as CSV, as JSON lines, as the answer of
``/spend/logs/v2``, or straight from its PostgreSQL (:mod:`.litellm_database`). It is priced here
from its tokens; its own `spend` is kept beside it, since that can't be trusted (streamed requests
that cost nothing, cached tokens that were dropped).

Traps:

* ``LiteLLM_Daily…Spend`` are roll-ups of the same requests, and those by tag count a request
  once for each tag: refused.
* `cache_hit` *True* is LiteLLM's own cache: the provider never saw the request, so it has no
  tokens there, and counts as `gateway_cache_hits`. A provider's prompt cache isn't told by it.
* A row of `aretrieve_batch` tells the tokens of a whole batch.
* Sessions are made up for each request that has none, so they are an attribute, never a run.
* Rows may hold prompts and answers (`messages`, `response`): these are never read, nor shown.

Source: LiteLLM 1.109, `schema.prisma` and `spend_tracking_utils.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    words_of,
)
from apportion.sources.usage.litellm_database import OPTIONS, gather_spend_logs
from apportion.sources.usage.litellm_tokens import litellm_tokens
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat

_OWN_TAG = "User-Agent:"
"""LiteLLM tags each request with the program that sent it; that is nobody's label."""

_CACHED = {"true", "t", "1"}
_BATCHES = {"aretrieve_batch", "retrieve_batch"}


def _roll_up(names: Sequence[str]) -> str:
    daily = "request_id" not in names and {"date", "api_requests"} & set(names)
    return "this is a daily roll-up of LiteLLM, and would count requests twice" if daily else ""


_SHAPE = Shape(
    what="rows of LiteLLM_SpendLogs",
    needs=("request_id", "startTime", "prompt_tokens", "completion_tokens"),
    shown=("request_id", "startTime", "model", "api_key", "prompt_tokens", "completion_tokens"),
    hint='export the table "LiteLLM_SpendLogs", one row for each request, as it is',
    refuse=_roll_up,
)


def read_litellm(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """The requests of a file of spend logs; raises SourceError where it is none."""
    check_options(spec, {"prompt_tokens", *OPTIONS})
    uncached = one_of(spec, "prompt_tokens", ("total", "uncached"), "total") == "uncached"
    yield from read_records(file, _SHAPE, lambda row: _record(row, uncached))


def _record(row: Mapping[str, Any], uncached: bool) -> dict[str, object]:
    metadata = part(row, "metadata")
    attributes: dict[str, str | None] = {**_attributes(row, metadata)}
    said = {
        "UsageId": text(row, "request_id"),
        "UsageStart": time(row, "startTime"),
        "UsageEnd": maybe_time(row, "endTime"),
        "ApiKeyId": text(row, "api_key"),
        "UserId": text(row, "user"),
        "ServiceName": text(row, "agent_id"),
        "ProjectId": text(metadata, "user_api_key_project_id", "project_id"),
        "AccountId": text(row, "organization_id") or text(metadata, "user_api_key_org_id"),
        "TeamLabel": text(row, "team_id"),
        "ProviderName": provider_called(text(row, "custom_llm_provider")),
        "ModelId": text(row, "model"),
        "Operation": text(row, "call_type"),
        "Attributes": attributes,
    }
    if (text(row, "cache_hit") or "").lower() in _CACHED:
        return gateway_hit(**said)
    usage = _usage(row, metadata)
    tier = text(usage, "service_tier")
    return {
        **said,
        **outcome((text(row, "status") or text(metadata, "status")) == "failure"),
        **litellm_tokens(usage, uncached=uncached, attributes=attributes),
        "ServiceTier": "batch" if text(row, "call_type") in _BATCHES else tier,
        "web_searches": count(part(usage, "server_tool_use"), "web_search_requests")
        or count(part(usage, "prompt_tokens_details"), "web_search_requests"),
        "items": count(usage, "pages_processed"),
        "ReportedCost": (spend := money(row, "spend")),
        "ReportedCurrency": None if spend is None else "USD",
    }


def _usage(row: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What the provider answered; of rows without it, the columns, which know no cache."""
    columns = {name: row.get(name) for name in ("prompt_tokens", "completion_tokens")}
    told = part(metadata, "usage_object")
    more = part(metadata, "additional_usage_values")
    return {**more, **columns, **{name: one for name, one in told.items() if one is not None}}


def _attributes(row: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, str]:
    tags = [tag for tag in words_of(row, "request_tags") if not tag.startswith(_OWN_TAG)]
    pairs = [tag.split(":", 1) for tag in tags if ":" in tag]
    named = {
        "end_user": text(row, "end_user"),
        "session_id": text(row, "session_id"),
        "model_group": text(row, "model_group"),
        "model_id": text(row, "model_id"),
        "key_alias": text(metadata, "user_api_key_alias"),
        "team_alias": text(metadata, "user_api_key_team_alias"),
        "request_tags": ",".join(tags) or None,
    }
    own = plain(part(metadata, "spend_logs_metadata"), "spend_logs_metadata.")
    return {
        **own,
        **{f"tag.{name.strip()}": value.strip() for name, value in pairs},
        **{name: value for name, value in named.items() if value},
    }


FORMAT = UsageFormat(
    "litellm",
    read_litellm,
    null_identity="an empty key, user or team is a request of nobody known: unattributed; the "
    "master key is a key of its own",
    gather=gather_spend_logs,
)
