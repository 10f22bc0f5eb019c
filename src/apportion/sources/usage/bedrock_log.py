"""Amazon Bedrock's model invocation logs: every call, with its caller and tokens.

Shape: one record of `schemaType` *ModelInvocationLog* a line, as Bedrock delivers them to S3 (JSON
lines, packed by gzip); or the same from CloudWatch Logs: an export to S3 (a time before each
record), the answers of ``filter-log-events`` and ``get-log-events``, what a subscription delivers.
Read are timestamp, accountId, identity.arn, region, inferenceRegion, requestId, operation, modelId,
status, errorCode, the three counts of `input`, that of `output`, and requestMetadata.

Traps:

* The records hold prompts and answers. Their bodies are never read, kept or shown.
* `inputTokenCount` is without what was read from the cache or written to it.
* The log doesn't tell how long a cache lives: what is written is of the class
  `cache_write_5m_tokens`.
* A call by an application inference profile has the profile's ARN as its model: say by prices or
  maps what stands behind it.

Source: AWS, Bedrock user guide, model invocation logging; fields of the cache as public queries of
such logs read them (2026).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from apportion.errors import Place, SourceError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.aws_principal import of_principal
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.gateway_records import DiscreetRows
from apportion.sources.usage.gateway_values import count, outcome, part, plain, text, time
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_texts import json_value, open_text

_SHOWN = ("requestId", "timestamp", "modelId", "accountId")
_HINT = "log invocations to S3 or CloudWatch Logs, and take the files as they are"
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z\s+(?=\{)")
_EVENTS = ("events", "logEvents")
_MESSAGES = ("message", "@message")
_PROFILE = ":application-inference-profile/"


def read_bedrock_log(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """The calls of a file of logs; raises SourceError where there is none in it."""
    check_options(spec, ())
    rows = DiscreetRows()
    rows.shown = _SHOWN
    found = 0
    for line, entry in _entries(file, rows):
        if not isinstance(entry, dict) or entry.get("schemaType") != "ModelInvocationLog":
            rows.skip()
            continue
        found += 1
        try:
            rows.add(line, **_record(entry))
        except (ValueError, TypeError) as fault:
            rows.reject(line, "", str(fault), _HINT, entry)
        yield from rows.batches()
    last = rows.batch()
    if not found and last.skipped:
        raise SourceError(
            "no invocation log of Bedrock",
            place=Place(file.name),
            why="none of its records is a ModelInvocationLog",
            hint=_HINT,
        )
    yield last


def _entries(file: InputFile, rows: DiscreetRows) -> Iterator[tuple[int, Any]]:
    """The records of a file, taken out of what CloudWatch put around them."""
    with open_text(file) as lines:
        first = lines.readline()
        if first.strip() in {"{", "["}:
            yield from _document(file, first + lines.read())
            return
        for line, written in enumerate(_chain(first, lines), start=1):
            if not written.strip():
                continue
            try:
                found = json_value(_STAMP.sub("", written, count=1))
            except ValueError:
                rows.reject(line, "", "the line is no JSON", _HINT, {})
                continue
            yield from ((line, one) for one in _taken_out(found))


def _document(file: InputFile, written: str) -> Iterator[tuple[int, Any]]:
    try:
        found = json_value(written)
    except ValueError as fault:
        raise SourceError(
            "the file is no JSON document", place=Place(file.name), why="", hint=_HINT
        ) from fault
    yield from ((1, one) for one in _taken_out(found))


def _chain(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _taken_out(found: Any) -> Iterator[Any]:
    """The records within a list, an answer with events, or an event's message."""
    if isinstance(found, list):
        for one in found:
            yield from _taken_out(one)
        return
    if isinstance(found, dict):
        for key in _EVENTS:
            if isinstance(found.get(key), list):
                yield from _taken_out(found[key])
                return
        message = next((found[key] for key in _MESSAGES if key in found), None)
        if message is not None:
            yield _parsed(message)
            return
    yield found


def _parsed(message: Any) -> Any:
    try:
        return json_value(message) if isinstance(message, str) else message
    except ValueError:
        return None


def _record(entry: Mapping[str, Any]) -> dict[str, object]:
    given, answered = part(entry, "input"), part(entry, "output")
    who, session = of_principal(text(part(entry, "identity"), "arn"))
    model = text(entry, "modelId")
    failed = text(entry, "errorCode") is not None
    return {
        "UsageId": text(entry, "requestId"),
        "UsageStart": time(entry, "timestamp"),
        **who,
        "AccountId": text(entry, "accountId"),
        "ProviderName": "AWS",
        "ModelId": model,
        "RegionId": text(entry, "region"),
        "ResourceId": model if model and _PROFILE in model else None,
        "Operation": text(entry, "operation"),
        "Attributes": {
            **plain(part(entry, "requestMetadata")),
            **session,
            "inferenceRegion": text(entry, "inferenceRegion"),
            "errorCode": text(entry, "errorCode"),
        },
        **outcome(failed),
        "uncached_input_tokens": count(given, "inputTokenCount"),
        "cache_read_tokens": count(given, "cacheReadInputTokenCount"),
        "cache_write_5m_tokens": count(given, "cacheWriteInputTokenCount"),
        "output_tokens": count(answered, "outputTokenCount"),
    }


FORMAT = UsageFormat(
    "bedrock-log",
    read_bedrock_log,
    null_identity="identity.arn names the role or user that called; without it, nobody is known",
)
