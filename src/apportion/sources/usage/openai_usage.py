"""OpenAI's usage: who called which model how often, with how many tokens, by buckets of time.

The ten reports of ``/v1/organization/usage``: completions, embeddings, moderations, images,
audio speeches and transcriptions, vector stores, code interpreter sessions, file and web search
calls. A result says by `object` which it is of, so one file may hold several.

Traps:

* ``input_tokens`` count everything that went in; those read from the cache and written to it
  are parts of it. What follows is in :mod:`apportion.sources.usage.openai_tokens`.
* A web search is counted with the requests of the model that asked for it, and these are in the
  completions as well: here they are information, or they would count twice.
* Usage of Scale Tier is among the tokens, and is paid in advance.
* A bucket is filled, and restated, for days: a later file counts (`restates`).
* A group that wasn't asked for is null, and so is who can't be told: nobody is named then.

Source: openai-openapi, UsageResponse and the results that it lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apportion.model.pull_spec import OPENAI_USAGE
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.pages import Page, read_pages
from apportion.sources.usage.openai_tokens import tokens_of_completions
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import from_unix, natural_id, whole

_OPERATIONS: Mapping[str, str] = {
    "completions": "completions",
    "embeddings": "embeddings",
    "moderations": "moderations",
    "images": "images",
    "audio_speeches": "audio_speeches",
    "audio_transcriptions": "audio_transcriptions",
    "vector_stores": "vector_stores",
    "code_interpreter_sessions": "code_interpreter_sessions",
    "file_searches": "file_search_calls",
    "web_searches": "web_search_calls",
}
"""What `object` calls a report's results, and what the report is called."""

_GROUPS = OPENAI_USAGE.groups
_GIB = 1024**3
_BEFORE, _AFTER = "organization.usage.", ".result"


def read_openai_usage(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """The records of a file of pages; raises SourceError where it isn't one."""
    rows = UsageRows()
    for page in read_pages(file):
        for record in _records(page, rows):
            rows.add(page.line, **record)
            yield from rows.batches()
    yield from rows.batches(last=True)


def _records(page: Page, rows: UsageRows) -> Iterator[dict[str, object]]:
    """The records of a page; what can't be read is set aside."""
    seen: Counter[str] = Counter()
    for bucket, result in page.results():
        if not isinstance(result, dict):
            rows.reject(page.line, "results", "a result is no object", _HINT, {"result": result})
            continue
        try:
            yield _record(bucket, result, seen)
        except ValueError as fault:
            row = {**{name: bucket.get(name) for name in ("start_time", "end_time")}, **result}
            rows.reject(page.line, "results", str(fault), _HINT, row)


_HINT = "fetch the report again, and keep the answer as it is"


def _record(
    bucket: Mapping[str, Any], result: Mapping[str, Any], seen: Counter[str]
) -> dict[str, object]:
    operation = _operation(result.get("object"))
    start, end = _time(bucket, "start_time"), _time(bucket, "end_time")
    groups = [_said(result.get(name)) for name in _GROUPS]
    same = natural_id("openai", operation, start, end, *groups)
    seen[same] += 1
    batch = result.get("batch")
    attributes = {
        name: _said(result.get(name))
        for name in ("batch", "size", "source", "vector_store_id", "context_level")
    }
    measured = _measure(operation, result, attributes)
    return {
        # Groups that we don't know of make several results of one: none may hide another.
        "UsageId": same if seen[same] == 1 else natural_id(same, seen[same]),
        "UsageStart": start,
        "UsageEnd": end,
        "ApiKeyId": result.get("api_key_id"),
        "UserId": result.get("user_id"),
        "ProjectId": result.get("project_id"),
        "ProviderName": "OpenAI",
        "ModelId": result.get("model"),
        "ServiceTier": "batch" if batch is True else _tier(result.get("service_tier")),
        "ResourceId": result.get("vector_store_id"),
        "Operation": operation,
        **measured,
        "Attributes": attributes,
    }


def _operation(named: object) -> str:
    name = str(named).removeprefix(_BEFORE).removesuffix(_AFTER)
    if name == "organization.costs":
        raise ValueError("this is cost: it is a bill, `format: openai-costs` under `sources`")
    if name not in _OPERATIONS:
        raise ValueError(f"results of {named!r} are not known")
    return _OPERATIONS[name]


_COUNTS: Mapping[str, tuple[str, str]] = {
    "embeddings": ("uncached_input_tokens", "input_tokens"),
    "moderations": ("uncached_input_tokens", "input_tokens"),
    "images": ("items", "images"),
    "code_interpreter_sessions": ("code_sessions", "num_sessions"),
    "web_search_calls": ("web_searches", "num_requests"),
}
"""Reports with one count that is a meter of ours."""

_OWN: Mapping[str, tuple[str, str, str]] = {
    "audio_speeches": ("characters", "characters", "characters"),
    "audio_transcriptions": ("audio_seconds", "seconds", "seconds"),
    "file_search_calls": ("file_searches", "num_requests", "calls"),
}
"""Reports with a meter of their own: its name, what the report calls it, and its unit."""


def _measure(
    operation: str, result: Mapping[str, Any], attributes: dict[str, str | None]
) -> dict[str, object]:
    """What a result counts, by our meters."""
    requests = whole(result, "num_model_requests")
    measured: dict[str, object] = {"requests": requests}
    if operation == "web_search_calls":
        measured = {}
        attributes["num_model_requests"] = _said(requests)
    if operation == "completions":
        return measured | tokens_of_completions(result, attributes)
    if operation == "vector_stores":
        return {"storage_gb": Fraction(_needed(result, "usage_bytes"), _GIB)}
    if operation in _OWN:
        meter, name, unit = _OWN[operation]
        own = {"Meter": meter, "Quantity": _needed(result, name), "Unit": unit}
        return measured | own
    meter, name = _COUNTS[operation]
    return measured | {meter: _needed(result, name)}


def _needed(result: Mapping[str, Any], name: str) -> int:
    number = whole(result, name, needed=True)
    assert number is not None
    return number


def _tier(named: object) -> str | None:
    """A tier in our words; what OpenAI calls default is the standard one."""
    text = _said(named)
    return "standard" if text == "default" else text


def _time(bucket: Mapping[str, Any], name: str) -> datetime:
    seconds = bucket.get(name)
    if isinstance(seconds, bool) or not isinstance(seconds, (int, Decimal)):
        raise ValueError(f"{name} is no time: {seconds!r}")  # noqa: TRY004 -- a fault of data
    try:
        return from_unix(seconds)
    except (OverflowError, ValueError) as fault:
        raise ValueError(f"{name} is no time: {seconds!r}") from fault


def _said(value: object) -> str | None:
    """A value as text; None where nothing is said."""
    if value is None or value == "":
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


FORMAT = UsageFormat(
    "openai-usage",
    read_openai_usage,
    restates=True,
    late=timedelta(days=OPENAI_USAGE.days),
    null_identity="null says that the report wasn't grouped by it, or that OpenAI can't tell "
    "(a deleted key, the playground): such usage is nobody's",
)
