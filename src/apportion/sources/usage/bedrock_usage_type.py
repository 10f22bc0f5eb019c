"""What a usage type of Amazon Bedrock says: the class of tokens, the model, the tier, the route.

Three spellings are in use: ``USE1-Claude4.6Opus-input-tokens-cross-region-global``,
``USE1-xai.grok-4.3-mantle-cache-read-tokens-flex``, and those of the Marketplace,
``USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units``, which name no model.

Reserved throughput is bought in tokens *per minute*: that is no use, and isn't read.

Source: AWS, Bedrock user guide, *Understanding your Cost and Usage Report data*; spellings read in
public price lists and code (2026). Others will come: what isn't recognised is skipped and counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_CLASSES = (
    ("cache_read_tokens", re.compile(r"cache-?read")),
    ("cache_write_1h_tokens", re.compile(r"cache-?write-?1-?h|cache-?write.*1-?hour")),
    ("cache_write_5m_tokens", re.compile(r"cache-?write")),
    ("input_image_tokens", re.compile(r"input-?image")),
    ("output_image_tokens", re.compile(r"output-?image")),
    ("input_audio_tokens", re.compile(r"input-?(?:audio|speech)")),
    ("output_audio_tokens", re.compile(r"output-?(?:audio|speech)")),
    ("uncached_input_tokens", re.compile(r"input")),
    ("output_tokens", re.compile(r"output")),
)
_TOKENS = re.compile(r"tokens?(?:-?count)?(?:-|$)")
_NO_USE = re.compile(r"per-?minute|tpm|reserved")
_TIERS = ("batch", "flex", "priority")
_WHAT = re.compile(
    r"-(?:mantle-)?(?:cache-(?:read|write)-)?(?:input|output|cache-read|cache-write)"
    r"(?:-(?:text|image|audio|speech|video))?-tokens?\b.*"
)
_REGION = re.compile(r"^[A-Z]{2,4}\d?-")
_MARKETPLACE = re.compile(r"^(?:[A-Z0-9]+-)?MP:[A-Z0-9]+_(.+?)-Units$")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class UsageType:
    """`meter` is the class of tokens; `model` is empty where the usage type names none."""

    meter: str
    model: str = ""
    tier: str = ""
    route: str = ""
    custom: bool = False


@lru_cache(maxsize=4096)
def bedrock_usage_type(written: str) -> UsageType | None:
    """What a usage type says; None for one that isn't of tokens.

    >>> said = bedrock_usage_type("USE1-Claude4.6Opus-input-tokens-cross-region-global")
    >>> said.meter, said.model, said.route
    ('uncached_input_tokens', 'Claude4.6Opus', 'global')
    >>> bedrock_usage_type("USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units").meter
    'cache_write_1h_tokens'
    """
    marketplace = _MARKETPLACE.match(written)
    said = _CAMEL.sub("-", marketplace[1]).replace("_", "-") if marketplace else written
    name = said.lower()
    what = name if marketplace else _after_model(name)
    if not _TOKENS.search(what) or _NO_USE.search(name):
        return None
    meter = next((meter for meter, pattern in _CLASSES if pattern.search(what)), None)
    if meter is None:
        return None
    words = what.split("-")
    return UsageType(
        meter,
        "" if marketplace else _model(written),
        next((tier for tier in _TIERS if tier in words), ""),
        "global" if "global" in words else "geo" if "geo" in words else "",
        "custom-model" in what,
    )


def _after_model(name: str) -> str:
    found = _WHAT.search(name)
    return found[0] if found else ""


def _model(written: str) -> str:
    plain = _REGION.sub("", written)
    found = _WHAT.search(plain.lower())
    return plain[: found.start()] if found else ""
