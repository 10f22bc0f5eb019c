"""Tokens as an OpenAI-compatible server reports them, as disjoint meters.

`usage` of chat completions, completions and embeddings has `prompt_tokens` and
`completion_tokens`; that of the responses API `input_tokens` and `output_tokens`. Both count
the whole prompt, *including* what was read from the cache, written to it, and audio or
images; our meters are disjoint, so these are taken out. A usage that doesn't add up gives a
negative rest, which is set aside with its reason when it is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping

_TOTALS = (("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens"))


def meters_of_usage(usage: Mapping[str, object]) -> dict[str, int]:
    """The meters of a `usage` object; empty where it is none.

    Where cached tokens and audio overlap isn't said, the least overlap that the numbers
    allow is taken.

    >>> meters_of_usage({"prompt_tokens": 100, "completion_tokens": 7,
    ...                  "prompt_tokens_details": {"cached_tokens": 60}})
    {'uncached_input_tokens': 40, 'cache_read_tokens': 60, 'output_tokens': 7}
    """
    for into, out in _TOTALS:
        if _is_count(usage.get(into)):
            meters = _input(_number(usage, into), _details(usage, into))
            meters.update(_output(_number(usage, out), _details(usage, out)))
            return {name: tokens for name, tokens in meters.items() if tokens}
    return {}


def _input(total: int, details: Mapping[str, object]) -> dict[str, int]:
    cached = _number(details, "cached_tokens")
    written = _number(details, "cache_write_tokens") or _number(details, "cache_creation_tokens")
    audio, image = _number(details, "audio_tokens"), _number(details, "image_tokens")
    of_cached = details.get("cached_tokens_details")
    if isinstance(of_cached, Mapping):
        cached_audio = _number(of_cached, "audio_tokens")
    else:
        cached_audio = max(0, min(audio, cached, cached + written + audio + image - total))
    audio -= cached_audio
    return {
        "uncached_input_tokens": total - cached - written - audio - image,
        "cache_read_tokens": cached - cached_audio,
        "cache_write_5m_tokens": written,
        "input_audio_tokens": audio,
        "cache_read_audio_tokens": cached_audio,
        "input_image_tokens": image,
    }


def _output(total: int, details: Mapping[str, object]) -> dict[str, int]:
    audio, image = _number(details, "audio_tokens"), _number(details, "image_tokens")
    return {
        "output_tokens": total - audio - image,
        "output_audio_tokens": audio,
        "output_image_tokens": image,
        "reasoning_tokens": _number(details, "reasoning_tokens"),
    }


def _details(usage: Mapping[str, object], total: str) -> Mapping[str, object]:
    found = usage.get(f"{total}_details")
    return found if isinstance(found, Mapping) else {}


def _number(of: Mapping[str, object], name: str) -> int:
    value = of.get(name)
    return value if _is_count(value) and isinstance(value, int) else 0


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
