"""How providers and models are called in usage, and how the catalogue calls them.

The catalogue matches most spellings itself. What stands here is where that would go wrong
("Azure OpenAI" would be OpenAI, "vertex_ai-anthropic_models" Anthropic), and the wrappings
of gateways and clouds around a model's name: `azure/gpt-4o`, an ARN, a publisher's path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_PROVIDERS = (
    (re.compile(r"azure|^az\.|microsoft"), "azure"),
    (re.compile(r"bedrock|^aws\b|^aws_|amazon|sagemaker"), "aws"),
    (re.compile(r"vertex|google|^gcp\b|^gcp[._]|gemini"), "google"),
    (re.compile(r"^x[-_. ]?ai$|^grok$"), "x-ai"),
    (re.compile(r"fireworks"), "fireworks"),
    (re.compile(r"openrouter"), "openrouter"),
    (re.compile(r"^together"), "together"),
)
"""Tried in this order on the lower-case name. Names of Hugging Face's routes stay their own."""

_GATEWAY = re.compile(r"^(?:[a-z0-9_-]+)/(.+)$")
_ARN = re.compile(
    r"^arn:aws[a-z-]*:bedrock:[^:]*:[^:]*:(?:foundation-model|inference-profile)/(.+)$"
)
_PUBLISHER = re.compile(r"^(?:projects/[^/]+/locations/[^/]+/)?publishers/[^/]+/models/(.+)$")
_GEO = re.compile(r"^(?:us|us-gov|eu|apac|jp|au|ca|sa|me|af|il)\.(.+)$")


def provider_id(name: str) -> str:
    """The catalogue's id of a provider, or the lower-case name where nothing is known of it.

    >>> provider_id("Azure OpenAI"), provider_id("gcp.vertex_ai"), provider_id("Groq")
    ('azure', 'google', 'groq')
    """
    lowered = name.strip().lower()
    if lowered.startswith("huggingface"):
        return lowered
    return next((known for pattern, known in _PROVIDERS if pattern.search(lowered)), lowered)


def model_names(name: str, provider: str) -> Iterator[str]:
    """The names under which a model may stand in the catalogue, as written first.

    >>> list(model_names("us.amazon.nova-lite-v1:0", "aws"))
    ['us.amazon.nova-lite-v1:0', 'amazon.nova-lite-v1:0']
    >>> list(model_names("publishers/anthropic/models/claude-opus-4@20250514", "google"))[-1]
    'claude-opus-4-20250514'
    """
    tried = [name.strip()]
    if unwrapped := _ARN.match(tried[0]) or _PUBLISHER.match(tried[0]):
        tried.append(unwrapped[1])
    if (prefix := _GATEWAY.match(tried[-1])) and _is_own(tried[-1], provider):
        tried.append(prefix[1])
    if provider == "aws" and (regional := _GEO.match(tried[-1])):
        tried.append(regional[1])
    if "@" in tried[-1]:
        tried.append(tried[-1].replace("@", "-"))
    yield from dict.fromkeys(tried)


def _is_own(name: str, provider: str) -> bool:
    """Whether a gateway's prefix is the provider itself: `azure/…` of Azure, `bedrock/…` of AWS."""
    return provider_id(name.partition("/")[0]) == provider


def from_gateway(name: str) -> str:
    """The provider that a gateway wrote before a model's name; empty where it wrote none.

    >>> from_gateway("azure/gpt-4o"), from_gateway("gpt-4o")
    ('azure', '')
    """
    found = _GATEWAY.match(name.strip().lower())
    return provider_id(name.partition("/")[0]) if found else ""
