"""The classes of tokens in Langfuse's `usage_details`, made disjoint."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from apportion.sources.usage.gateway_values import count

_INPUT = ("input", "input_tokens", "prompt_tokens", "input_text", "input_text_tokens")
_OUTPUT = ("output", "output_tokens", "completion_tokens", "output_text", "output_text_tokens")
_READ = ("cache_read_input_tokens", "input_cache_read", "input_cached_tokens", "input_cached")
_WRITTEN = ("cache_creation_input_tokens", "input_cache_creation")
_SHORT, _HOUR = ("input_cache_creation_5m",), ("input_cache_creation_1h",)
_AUDIO_IN = ("input_audio_tokens", "input_audio")
_IMAGE_IN = ("input_image_tokens", "input_image")
_AUDIO_OUT = ("output_audio_tokens", "output_audio")
_THOUGHT = ("output_reasoning_tokens", "output_reasoning", "reasoning_tokens", "reasoning")
_KNOWN = frozenset(
    (
        *_INPUT,
        *_OUTPUT,
        *_READ,
        *_WRITTEN,
        *_SHORT,
        *_HOUR,
        *_AUDIO_IN,
        *_IMAGE_IN,
        *_AUDIO_OUT,
        *_THOUGHT,
        "total",
        "total_tokens",
        "web_search_requests",
    )
)


def langfuse_tokens(
    usage: Mapping[str, Any], attributes: dict[str, str | None]
) -> dict[str, object]:
    """Tokens by class; raises ValueError where the total shows that the classes don't add up.

    What is of no class that is known becomes an attribute.

    >>> told = {"input": 100, "input_cached_tokens": 60, "output": 5, "total": 105}
    >>> made = langfuse_tokens(told, {})
    >>> made["uncached_input_tokens"], made["cache_read_tokens"]
    (40, 60)
    """
    given, out = count(usage, *_INPUT) or 0, count(usage, *_OUTPUT) or 0
    read, audio, image = (count(usage, *names) or 0 for names in (_READ, _AUDIO_IN, _IMAGE_IN))
    spoken, thought = (count(usage, *names) or 0 for names in (_AUDIO_OUT, _THOUGHT))
    short, hour = (count(usage, *names) or 0 for names in (_SHORT, _HOUR))
    written = max(count(usage, *_WRITTEN) or 0, short + hour)
    other = _other(usage, attributes)
    total = count(usage, "total", "total_tokens")
    parts_in, parts_out = read + written + audio + image, spoken + thought
    if total is not None and total != given + out + parts_in + parts_out + other:
        if total == given + out + other:
            given, out = given - parts_in, out - parts_out
        elif total == given + out + parts_in + other:
            out -= parts_out
        elif total == given + out + parts_out + other:
            given -= parts_in
        else:
            raise ValueError(f"usage_details don't add up to their total of {total}")
    return {
        "uncached_input_tokens": given,
        "cache_read_tokens": read,
        "cache_write_5m_tokens": written - hour,
        "cache_write_1h_tokens": hour,
        "input_audio_tokens": audio,
        "input_image_tokens": image,
        "output_tokens": out + thought,
        "output_audio_tokens": spoken,
        "reasoning_tokens": thought or None,
    }


def _other(usage: Mapping[str, Any], attributes: dict[str, str | None]) -> int:
    """Units of classes that aren't known: kept as they are, and part of the total."""
    found = 0
    for name in usage.keys() - _KNOWN:
        value = usage[name]
        if isinstance(value, (int, Decimal)) and value:
            attributes[f"usage.{name}"] = str(value)
            found += count(usage, name) or 0
    return found
