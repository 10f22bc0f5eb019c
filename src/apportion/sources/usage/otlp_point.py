"""A point of a metric of the GenAI conventions: which calls it tells of, and what it counts.

* Tokens: the counters ``gen_ai.client.inference.usage.*`` by `gen_ai.token.modality`; before them
  the histogram ``gen_ai.client.token.usage`` by `gen_ai.token.type`, of which the sum counts. A
  process that has the counters is not counted by the histogram as well.
* Calls: the count of the histogram ``gen_ai.client.inference.duration``, before it
  ``gen_ai.client.operation.duration``; those with `error.type` failed.

``gen_ai.client.inference.operation.*`` are for percentiles, and don't count.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from apportion.sources.usage import gen_ai
from apportion.sources.usage.otlp_json import Found, number

_COUNTERS: Mapping[str, str] = {
    f"gen_ai.client.inference.usage.{name}": kind
    for name, kind in {
        "input_tokens": "input",
        "output_tokens": "output",
        "cache_read.input_tokens": "cache_read",
        "cache_write.input_tokens": "cache_write",
        "reasoning.output_tokens": "reasoning",
    }.items()
}
_HISTOGRAM = "gen_ai.client.token.usage"
_DURATION = "gen_ai.client.inference.duration"
_OLD_DURATION = "gen_ai.client.operation.duration"
_TYPE, _MODALITY = "gen_ai.token.type", "gen_ai.token.modality"
_TYPES = {"input": "input", "output": "output", "completion": "output"}

CALLS = "calls"
"""The kind of points that count calls."""


@dataclass(frozen=True)
class Source:
    """Where points come from: a line, the process that exported, its library and the metric."""

    line: int
    process: str
    resource: gen_ai.Attributes
    scope: str
    metric: str


@dataclass(frozen=True)
class Point:
    """One series at one time: `calls` names those that it tells of, `kind` what it counts."""

    source: Source
    said: gen_ai.Attributes
    kind: tuple[str, str]
    calls: str
    series: str


def counts(name: str, names: set[str]) -> bool:
    """Whether a metric counts, beside the others of its process."""
    if name == _HISTOGRAM:
        return names.isdisjoint(_COUNTERS)
    if name == _OLD_DURATION:
        return _DURATION not in names
    return name in _COUNTERS or name == _DURATION


def point(source: Source, said: gen_ai.Attributes) -> Point:
    """A point by its attributes; raises ValueError where they don't say what it counts."""
    kind = _kind(source.metric, said)
    rest = sorted((name, one) for name, one in said.items() if name not in {_TYPE, _MODALITY})
    calls = digest(source.process, source.scope, rest)
    return Point(source, said, kind, calls, digest(calls, source.metric, kind))


def _kind(name: str, said: gen_ai.Attributes) -> tuple[str, str]:
    if name in {_DURATION, _OLD_DURATION}:
        return CALLS, ""
    if name == _HISTOGRAM:
        told = gen_ai.text(said, _TYPE)
        if told not in _TYPES:
            raise ValueError(f"{_TYPE} is {told!r}, neither input nor output")
        return _TYPES[told], "unknown"
    return _COUNTERS[name], gen_ai.text(said, _MODALITY) or "unknown"


def value(one: Point, found: Found) -> Decimal | int:
    """What the point says; raises ValueError for none."""
    if one.kind[0] == CALLS:
        return number(found.get("count"))
    for name in ("sum", "asInt", "asDouble"):
        if name in found:
            return number(found[name])
    raise ValueError("a point without a value")


def digest(*parts: object) -> str:
    """A name for what is told apart by these."""
    told = json.dumps(parts, ensure_ascii=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:32]
