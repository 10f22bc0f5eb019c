"""The tokens of a LiteLLM request as disjoint classes.

LiteLLM writes one usage object for all providers (``metadata.usage_object``), in OpenAI's terms:
`prompt_tokens` are all that went in, with `prompt_tokens_details` (`cached_tokens`,
`cache_creation_tokens`, `audio_tokens` …) and, for Anthropic's models, `cache_read_input_tokens`
and `cache_creation_input_tokens` beside them.

Two conventions of `prompt_tokens` are found in real logs of Anthropic's models: with what was read
from the cache and written to it (now), and without (older releases: 31 prompt tokens beside 1,253
written). A record tells which: where the whole is less than its parts, or the text alone is all of
it, the parts aren't within. `options: {prompt_tokens: uncached}` says it for all records.

What is written to the cache for an hour is told apart; all else that is written counts as five
minutes. The split can be less than the whole (streamed requests with server tools): the whole
counts.

Source: LiteLLM 1.109, `Usage`; issues 15056 and 42663, pull request 23342.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apportion.sources.usage.gateway_values import count, part
from apportion.sources.usage.openai_tokens import tokens_of_completions

_ANTHROPIC = ("cache_read_input_tokens", "cache_creation_input_tokens")


def litellm_tokens(
    usage: Mapping[str, Any], *, uncached: bool, attributes: dict[str, str | None]
) -> dict[str, object]:
    """Tokens by class; raises ValueError for what is no count.

    >>> made = litellm_tokens({"prompt_tokens": 100, "completion_tokens": 5,
    ...     "prompt_tokens_details": {"cached_tokens": 60}}, uncached=False, attributes={})
    >>> made["uncached_input_tokens"], made["cache_read_tokens"], made["output_tokens"]
    (40, 60, 5)
    """
    prompt = part(usage, "prompt_tokens_details")
    out = part(usage, "completion_tokens_details")
    cached = part(prompt, "cached_tokens_details")
    whole = count(usage, "prompt_tokens") or 0
    read = _most(count(prompt, "cached_tokens"), count(usage, "cache_read_input_tokens"))
    hour, written = _written(usage, prompt)
    alone = uncached or _is_without(usage, prompt, whole, read + written)
    if alone and read + written:
        attributes["prompt_tokens"] = "without cache"
    made = tokens_of_completions(
        {
            "input_uncached_tokens": whole if alone else whole - read - written,
            "input_cached_tokens": read,
            "input_cache_write_tokens": written,
            "input_text_tokens": count(prompt, "text_tokens"),
            "input_audio_tokens": count(prompt, "audio_tokens"),
            "input_image_tokens": count(prompt, "image_tokens"),
            "input_cached_text_tokens": count(cached, "text_tokens"),
            "input_cached_audio_tokens": count(cached, "audio_tokens"),
            "input_cached_image_tokens": count(cached, "image_tokens"),
            "output_tokens": count(usage, "completion_tokens") or 0,
            "output_audio_tokens": count(out, "audio_tokens"),
            "output_image_tokens": count(out, "image_tokens"),
        },
        attributes,
    )
    return {
        **made,
        "cache_write_5m_tokens": written - hour,
        "cache_write_1h_tokens": hour,
        "reasoning_tokens": count(out, "reasoning_tokens"),
    }


def _written(usage: Mapping[str, Any], prompt: Mapping[str, Any]) -> tuple[int, int]:
    """What was written to the cache: for an hour, and in all."""
    split = part(prompt, "cache_creation_token_details") or part(usage, "cache_creation")
    hour = count(split, "ephemeral_1h_input_tokens") or 0
    short = count(split, "ephemeral_5m_input_tokens") or 0
    told = _most(
        count(prompt, "cache_creation_tokens", "cache_write_tokens"),
        count(usage, "cache_creation_input_tokens"),
    )
    return hour, max(told, hour + short)


def _is_without(
    usage: Mapping[str, Any], prompt: Mapping[str, Any], whole: int, cache: int
) -> bool:
    """Whether a record proves that its prompt is told without what the cache held."""
    if not cache or not any(usage.get(name) is not None for name in _ANTHROPIC):
        return False
    return whole < cache or count(prompt, "text_tokens") == whole > 0


def _most(*told: int | None) -> int:
    return max((one for one in told if one is not None), default=0)
