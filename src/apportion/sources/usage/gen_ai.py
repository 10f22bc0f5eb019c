"""The GenAI conventions of OpenTelemetry: who called which model, and tokens by class.

The conventions are in development, and their names have changed; both old and new count:

* ``gen_ai.provider.name`` was ``gen_ai.system``;
* ``gen_ai.usage.input_tokens`` was ``prompt_tokens``, ``output_tokens`` ``completion_tokens``;
* ``gen_ai.usage.cache_write.input_tokens`` was ``cache_creation.input_tokens``; libraries also
  write ``cache_read_input_tokens``, ``cache_creation_input_tokens``, ``cache_write_input_tokens``;
* ``openai.response.service_tier`` was ``gen_ai.openai.response.service_tier``.

`input_tokens` is the whole prompt, with what was read from the cache and written to it, with audio
and images; our meters are disjoint, so these are taken out. Only calls of a model are usage:
`invoke_agent`, `invoke_workflow`, `execute_tool` and the like sum up the calls within them.

What is kept of a record besides: the resource (service, namespace, pod, cloud …), and of a call's
attributes those of :data:`KEPT`. Prompts, answers and tool calls are content, and are never kept.

Source: open-telemetry/semantic-conventions-genai, `client-inference.md`, `gen-ai-token-metrics.md`
and `non-normative/migration.md` (October 2026); semantic-conventions 1.27 to 1.41 before.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from apportion.domain.usage import DESCRIPTIONS, IDENTITIES
from apportion.errors import ConfigurationError
from apportion.model.usage_spec import UsageSpec

Attributes = Mapping[str, object]

OPERATION = "gen_ai.operation.name"
CALLS = ("chat", "generate_content", "text_completion", "embeddings")
"""Operations that are a call of a model."""

_OLD_CALLS = {"chat": "chat", "completion": "text_completion", "embedding": "embeddings"}
"""What `llm.request.type` said before there was an operation (OpenLLMetry)."""

_PROVIDER = ("gen_ai.provider.name", "gen_ai.system")
_MODEL = ("gen_ai.response.model", "gen_ai.request.model")
_TIER = ("openai.response.service_tier", "gen_ai.openai.response.service_tier")

_USAGE = "gen_ai.usage."
_TOKENS: Mapping[str, tuple[str, ...]] = {
    "input": ("input_tokens", "prompt_tokens"),
    "output": ("output_tokens", "completion_tokens"),
    "cache_read": ("cache_read.input_tokens", "cache_read_input_tokens"),
    "cache_write": (
        "cache_write.input_tokens",
        "cache_creation.input_tokens",
        "cache_write_input_tokens",
        "cache_creation_input_tokens",
    ),
    "reasoning": ("reasoning.output_tokens",),
}

_WHO = {
    "ServiceName": ("service.name",),
    "Namespace": ("k8s.namespace.name",),
    "AccountId": ("cloud.account.id",),
    "UserId": ("user.id", "enduser.id"),
}

KEPT = (
    "error.type",
    "gen_ai.agent.name",
    "gen_ai.conversation.id",
    "gen_ai.response.id",
    "gen_ai.workflow.name",
    "server.address",
    "session.id",
)
_NOT_KEPT = ("process.", "telemetry.", "os.")

Tokens = dict[tuple[str, str], Decimal | int]
"""Tokens by kind (input, output, cache_read, cache_write, reasoning) and modality, where `""`
is all of them together.
"""


def operation(said: Attributes) -> str:
    """What was done; empty where nothing says it."""
    return text(said, OPERATION) or _OLD_CALLS.get(text(said, "llm.request.type"), "")


def text(said: Attributes, *names: str) -> str:
    """The first of these attributes that says something."""
    return next((str(said[name]) for name in names if said.get(name) not in {None, ""}), "")


def _what(said: Attributes) -> dict[str, str]:
    """The provider, the model that answered, the tier and the operation."""
    return {
        "ProviderName": text(said, *_PROVIDER),
        "ModelId": text(said, *_MODEL),
        "ServiceTier": text(said, *_TIER),
        "Operation": operation(said),
    }


def columns_of(spec: UsageSpec) -> dict[str, tuple[str, ...]]:
    """Which attributes an identity or description is taken from, `columns` first.

    Raises ConfigurationError for a column that is neither.
    """
    found = dict(_WHO)
    for ours, theirs in spec.columns.items():
        if ours not in (*IDENTITIES, *DESCRIPTIONS):
            raise ConfigurationError(
                f"usage {spec.name!r}: {ours!r} in `columns` is no identity of usage",
                place=spec.place,
                hint=f"one of {', '.join((*IDENTITIES, *DESCRIPTIONS))}",
            )
        found[ours] = (theirs, *_WHO.get(ours, ()))
    return found


def described(
    columns: Mapping[str, tuple[str, ...]], resource: Attributes, said: Attributes
) -> dict[str, object]:
    """Who called which model, and what is kept besides, as columns of a record.

    What the call says goes before what its resource says.
    """
    whole = {**resource, **said}
    who = {ours: text(whole, *names) for ours, names in columns.items()}
    return {
        **_what(said),
        **{ours: found for ours, found in who.items() if found},
        "Attributes": _kept(resource, said),
    }


def _kept(resource: Attributes, said: Attributes) -> dict[str, str]:
    found = {name: str(value) for name, value in resource.items() if not name.startswith(_NOT_KEPT)}
    return {**found, **{name: str(said[name]) for name in KEPT if name in said}}


def tokens_of(said: Attributes) -> Tokens:
    """The tokens that a call's attributes tell; raises ValueError for what is no count."""
    found: Tokens = {}
    for kind, names in _TOKENS.items():
        for name in (f"{_USAGE}{one}" for one in names):
            if name in said and (kind, "") not in found:
                found[kind, ""] = _count(said, name)
        for modality in ("audio", "image"):
            name = f"{_USAGE}{modality}.{names[0]}"
            if name in said:
                found[kind, modality] = _count(said, name)
    return found


def _count(said: Attributes, name: str) -> Decimal | int:
    value = said[name]
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise ValueError(f"{name} is {value!r}, which is no number")  # noqa: TRY004
    return value


def meters_of(tokens: Tokens, *, total: bool = True) -> dict[str, object]:
    """Tokens as our disjoint meters; `total` says that the input includes what was cached.

    Where it isn't told which modality was cached, the least overlap that the numbers allow is
    taken. A class comes out negative where they contradict each other, and is refused later.

    >>> meters_of({("input", ""): 100, ("cache_read", ""): 60, ("output", ""): 7})
    {'uncached_input_tokens': 40, 'cache_read_tokens': 60, 'output_tokens': 7}
    """
    read, written = (tokens.get((kind, ""), 0) for kind in ("cache_read", "cache_write"))
    whole = tokens.get(("input", ""), 0) + (0 if total else read + written)
    audio, image = (tokens.get(("input", one), 0) for one in ("audio", "image"))
    cached_audio, cached_image = _cached(tokens, read + written + audio + image - whole)
    audio, image = audio - cached_audio, image - cached_image
    out = {one: tokens.get(("output", one), 0) for one in ("", "audio", "image")}
    found: dict[str, Decimal | int] = {
        "uncached_input_tokens": whole - read - written - audio - image,
        "cache_read_tokens": read - cached_audio,
        "cache_write_5m_tokens": written,
        "input_audio_tokens": audio,
        "cache_read_audio_tokens": cached_audio,
        "input_image_tokens": image,
        "output_tokens": out[""] - out["audio"] - out["image"],
        "output_audio_tokens": out["audio"],
        "output_image_tokens": out["image"],
        "reasoning_tokens": tokens.get(("reasoning", ""), 0),
    }
    return {name: value for name, value in found.items() if value}


def _cached(tokens: Tokens, overlap: Decimal | int) -> tuple[Decimal | int, Decimal | int]:
    """How much of audio and images was read from the cache."""
    told = [tokens.get(("cache_read", one)) for one in ("audio", "image")]
    if told != [None, None]:
        return told[0] or 0, told[1] or 0
    audio = max(0, min(overlap, tokens.get(("input", "audio"), 0)))
    return audio, max(0, min(overlap - audio, tokens.get(("input", "image"), 0)))
