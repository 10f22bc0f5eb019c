"""Anthropic's usage report of messages: tokens by key, workspace and model, by buckets of time.

``/v1/organizations/usage_report/messages``. Tokens come as disjoint classes already:
`uncached_input_tokens` are without what was read from the cache or written to it.

Traps:

* There is no count of requests: nothing per inference can be said from this report.
* A null workspace is the organisation's default workspace, and is called ``default`` here, if the
  report was grouped by workspace; else it says nothing. A pulled file tells. Of any other file,
  it is taken as grouped where it names some workspace.
* A null key is usage of the Workbench, or of a report that isn't grouped by key: nobody's.
* Code execution isn't here, but in the cost report only; Priority Tier is here, but not there.
* The context window decides the price of some models: group by it.

Source: Anthropic Admin API reference, usage report for messages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from apportion.model.pull_spec import ANTHROPIC_USAGE
from apportion.model.usage_spec import UsageSpec
from apportion.sources.anthropic_workspace import Workspaces
from apportion.sources.files import InputFile
from apportion.sources.pages import Page, read_pages
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import natural_id, utc, whole

_GROUPS = ANTHROPIC_USAGE.groups
_HINT = "fetch the report again, and keep the answer as it is"


def read_anthropic_usage(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """The records of a file of pages; raises SourceError where it isn't one."""
    rows = UsageRows()
    workspaces = Workspaces.of(file)
    for page in read_pages(file):
        for record in _records(page, workspaces, rows):
            rows.add(page.line, **record)
            yield from rows.batches()
    yield from rows.batches(last=True)


def _records(page: Page, workspaces: Workspaces, rows: UsageRows) -> Iterator[dict[str, object]]:
    seen: Counter[str] = Counter()
    for bucket, result in page.results():
        if not isinstance(result, dict):
            rows.reject(page.line, "results", "a result is no object", _HINT, {"result": result})
            continue
        try:
            yield _record(bucket, result, workspaces.named(page.asked, result), seen)
        except ValueError as fault:
            row = {**{name: bucket.get(name) for name in ("starting_at", "ending_at")}, **result}
            rows.reject(page.line, "results", str(fault), _HINT, row)


def _record(
    bucket: Mapping[str, Any],
    result: Mapping[str, Any],
    workspace: str | None,
    seen: Counter[str],
) -> dict[str, object]:
    start, end = _time(bucket, "starting_at"), _time(bucket, "ending_at")
    same = natural_id("anthropic", start, end, *(result.get(name) for name in _GROUPS))
    seen[same] += 1
    written, tools = _part(result, "cache_creation"), _part(result, "server_tool_use")
    return {
        # Groups that we don't know of make several results of one: none may hide another.
        "UsageId": same if seen[same] == 1 else natural_id(same, seen[same]),
        "UsageStart": start,
        "UsageEnd": end,
        "ApiKeyId": result.get("api_key_id"),
        "ServiceAccountId": result.get("service_account_id"),
        "UserId": result.get("account_id"),
        "WorkspaceId": workspace,
        "ProviderName": "Anthropic",
        "ModelId": result.get("model"),
        "ServiceTier": result.get("service_tier"),
        "ContextWindow": result.get("context_window"),
        "RegionId": result.get("inference_geo"),
        "Operation": "messages",
        "uncached_input_tokens": whole(result, "uncached_input_tokens", needed=True),
        "cache_read_tokens": whole(result, "cache_read_input_tokens") or 0,
        "cache_write_5m_tokens": whole(written, "ephemeral_5m_input_tokens") or 0,
        "cache_write_1h_tokens": whole(written, "ephemeral_1h_input_tokens") or 0,
        "output_tokens": whole(result, "output_tokens", needed=True),
        "web_searches": whole(tools, "web_search_requests"),
        "Attributes": {"speed": result["speed"]} if result.get("speed") else None,
    }


def _part(result: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = result.get(name)
    if part is None:
        return {}
    if not isinstance(part, dict):
        raise ValueError(f"{name} is no object: {part!r}")  # noqa: TRY004 -- a fault of data
    return part


def _time(bucket: Mapping[str, Any], name: str) -> datetime:
    text = bucket.get(name)
    try:
        return utc(text) if isinstance(text, str) else utc("")
    except ValueError as fault:
        raise ValueError(f"{name} is no time: {text!r}") from fault


FORMAT = UsageFormat(
    "anthropic-usage",
    read_anthropic_usage,
    restates=True,
    late=timedelta(days=ANTHROPIC_USAGE.days),
    null_identity="a null workspace is the default workspace where the report is grouped by it; a "
    "null key is the Workbench, and nobody's",
)
