"""The tokens of OpenAI's completions, as disjoint classes.

OpenAI counts what went in (`input_tokens`) and two parts of it: read from the cache
(`input_cached_tokens`) and written to it (`input_cache_write_tokens`). What is left is
`input_uncached_tokens`, which newer answers give themselves. Within what is uncached, audio and
images are told apart, since they have prices of their own; the same within what is cached.

Older answers count cached audio among `input_audio_tokens` too, and then the parts overlap. That
shows where they are more than the whole, or where the text's part doesn't make up for the rest.
Cached parts are then taken out of them where they are told; where they aren't, all that is
uncached is left in one class, and the parts are kept as attributes. No token counts twice.

There is no time to live: what is written to the cache is of the class `cache_write_5m_tokens`.

Source: openai-openapi, UsageCompletionsResult; LiteLLM's pull request 37407 on audio that
overlapped cached tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apportion.sources.usage.usage_texts import whole

_SPLITS = ("input_text_tokens", "input_audio_tokens", "input_image_tokens")


def tokens_of_completions(
    result: Mapping[str, Any], attributes: dict[str, str | None]
) -> dict[str, object]:
    """Tokens by class; raises ValueError for what is no count.

    A class may come out negative where the answer contradicts itself: loading refuses it.

    >>> tokens_of_completions({"input_tokens": 100, "input_cached_tokens": 60,
    ...     "output_tokens": 7}, {})["uncached_input_tokens"]
    40
    """
    cached = whole(result, "input_cached_tokens") or 0
    written = whole(result, "input_cache_write_tokens") or 0
    uncached = whole(result, "input_uncached_tokens")
    if uncached is None:
        whole_input = whole(result, "input_tokens", needed=True)
        assert whole_input is not None
        uncached = whole_input - cached - written
    cached_audio = whole(result, "input_cached_audio_tokens") or 0
    audio, image = _apart(result, uncached, attributes)
    return {
        "uncached_input_tokens": uncached - audio - image,
        "input_audio_tokens": audio,
        "input_image_tokens": image,
        "cache_read_tokens": cached - cached_audio,
        "cache_read_audio_tokens": cached_audio,
        "cache_write_5m_tokens": written,
        **_output(result),
    }


def _apart(
    result: Mapping[str, Any], uncached: int, attributes: dict[str, str | None]
) -> tuple[int, int]:
    """Uncached audio and images: as told, or less what is cached of them, or not told apart."""
    text, audio, image = (whole(result, name) for name in _SPLITS)
    told = (audio or 0, image or 0)
    if _fits(text, told, uncached):
        return told
    without = (
        told[0] - (whole(result, "input_cached_audio_tokens") or 0),
        told[1] - (whole(result, "input_cached_image_tokens") or 0),
    )
    less = whole(result, "input_cached_text_tokens") or 0
    if (
        min(without) >= 0
        and without != told
        and _fits(None if text is None else text - less, without, uncached)
    ):
        return without
    attributes.update((name, str(result[name])) for name in _SPLITS if result.get(name) is not None)
    attributes["modalities"] = "overlap"
    return 0, 0


def _fits(text: int | None, told: tuple[int, int], uncached: int) -> bool:
    """Whether audio and images are parts of the whole, with the text as all the rest."""
    apart = sum(told)
    if not apart:
        return True
    return apart <= uncached if text is None else text + apart == uncached


def _output(result: Mapping[str, Any]) -> dict[str, object]:
    out = whole(result, "output_tokens", needed=True)
    assert out is not None
    audio, image = (
        whole(result, name) or 0 for name in ("output_audio_tokens", "output_image_tokens")
    )
    return {
        "output_tokens": out - audio - image,
        "output_audio_tokens": audio,
        "output_image_tokens": image,
    }
