"""The answer of a model server as it passes: its usage, model and tier.

A whole JSON answer is read when it ends; of a large one (embeddings) only its beginning and
end are kept. A stream of server-sent events is read line by line, whatever way its bytes are
cut; the last usage that it tells counts. No text of an answer is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from apportion.meter.metered_call import MeteredCall
from apportion.meter.openai_usage import meters_of_usage

WHOLE = 256 << 10
"""Bytes of an answer that are read as a whole."""

_ENDS = 8 << 10
_LONGEST_EVENT = 1 << 20
_USAGE = re.compile(rb'(?<!\\)"usage"\s*:\s*(?=\{)')
_MODEL = re.compile(rb'(?<!\\)"model"\s*:\s*("(?:[^"\\]|\\.){1,200}")')
_EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_TEXTS = (("model", "ModelId"), ("service_tier", "ServiceTier"))


class WholeAnswer:
    """An answer that is one JSON document."""

    def __init__(self, call: MeteredCall) -> None:
        self._call = call
        self._kept = bytearray()
        self._large = False

    def part(self, body: bytes, *, last: bool) -> bytes:
        self._kept += body
        if len(self._kept) > WHOLE:
            self._large = True
            del self._kept[_ENDS:-_ENDS]
        if last:
            told = _from_ends(bytes(self._kept)) if self._large else _document(bytes(self._kept))
            note(self._call, told)
            say_if_missing(self._call)
        return body


class StreamedAnswer:
    """An answer in server-sent events; `withhold` holds back the part that tells only usage."""

    def __init__(self, call: MeteredCall, *, withhold: bool) -> None:
        self._call = call
        self._withhold = withhold
        self._rest = b""

    def part(self, body: bytes, *, last: bool) -> bytes:
        self._rest += body
        passed = []
        begin = 0
        for end in _EVENT_END.finditer(self._rest):
            event = self._rest[begin : end.end()]
            begin = end.end()
            if not self._is_only_usage(event):
                passed.append(event)
        self._rest = self._rest[begin:]
        if last or len(self._rest) > _LONGEST_EVENT:
            if not self._is_only_usage(self._rest):
                passed.append(self._rest)
            self._rest = b""
        if last:
            say_if_missing(self._call)
        return b"".join(passed) if self._withhold else body

    def _is_only_usage(self, event: bytes) -> bool:
        """Read an event; whether it is the extra one at the end, without a choice."""
        tells = _USAGE.search(event) or b'"error"' in event
        if not tells and "ModelId" in self._call.described:
            return False
        told = _document(_data_of(event))
        note(self._call, told)
        return self._withhold and told.get("choices") == [] and bool(told.get("usage"))


def note(call: MeteredCall, told: Mapping[str, Any]) -> None:
    """Keep what a document says of tokens, model, tier, and failure. Later ones replace it."""
    if isinstance(told.get("response"), Mapping):  # events of the responses API
        told = told["response"]
    usage = told.get("usage")
    if isinstance(usage, Mapping):
        meters = meters_of_usage(usage)
        if meters:
            call.meters.update(meters)
            call.attributes.pop("usage", None)
    for name, column in _TEXTS:
        if isinstance(told.get(name), str) and told[name]:
            call.described[column] = told[name][:200]
    if told.get("error"):
        call.failure = call.failure or "error in the answer"


def say_if_missing(call: MeteredCall) -> None:
    """A model's answer without its usage is no use of zero tokens: the record says so."""
    if not call.failure and not any(name.endswith("_tokens") for name in call.meters):
        call.attributes["usage"] = "missing"


def _data_of(event: bytes) -> bytes:
    lines = event.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return b"\n".join(line[5:].strip() for line in lines if line.startswith(b"data:"))


def _document(text: bytes) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _from_ends(text: bytes) -> dict[str, Any]:
    """What the beginning and end of a large document tell: the last usage, the first model."""
    told: dict[str, Any] = {}
    model = _MODEL.search(text)
    if model:
        told["model"] = json.loads(model.group(1))
    for found in _USAGE.finditer(text):
        try:
            usage, _ = json.JSONDecoder().raw_decode(text[found.end() :].decode(errors="replace"))
        except ValueError:
            continue
        if isinstance(usage, dict) and meters_of_usage(usage):
            told["usage"] = usage
    return told
