"""The plain values of a gateway's records, whether a CSV or JSON tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any

from apportion.sources.usage.usage_texts import json_value, utc

_PLACES = Decimal("1E-18")
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
_MOST = Decimal(10) ** 12
_LARGEST = 1 << 63
_NO = {"", "null", "None", "NULL"}

_PROVIDERS = {
    "openai": "OpenAI",
    "text-completion-openai": "OpenAI",
    "anthropic": "Anthropic",
    "bedrock": "AWS",
    "bedrock_converse": "AWS",
    "bedrock_mantle": "AWS",
    "aws": "AWS",
    "sagemaker": "AWS",
    "azure": "Microsoft",
    "azure_ai": "Microsoft",
    "azure_text": "Microsoft",
    "azure-openai": "Microsoft",
    "vertex_ai": "Google Cloud",
    "vertex_ai_beta": "Google Cloud",
    "vertex-ai": "Google Cloud",
    "google": "Google Cloud",
    "gemini": "Google Cloud",
    "openrouter": "OpenRouter",
}


def provider_called(name: str | None) -> str | None:
    """The provider as its own bills and reports call it, where a gateway writes it otherwise.

    One spend that two sources tell is recognised by the name of the provider.

    >>> provider_called("bedrock_converse"), provider_called("groq")
    ('AWS', 'groq')
    """
    if not name:
        return None
    return _PROVIDERS.get(name.strip().lower(), name)


def text(row: Mapping[str, Any], *names: str) -> str | None:
    """The first of some fields that says something."""
    for name in names:
        value = row.get(name)
        if value is not None and (said := str(value).strip()) not in _NO:
            return said
    return None


def time(row: Mapping[str, Any], *names: str) -> datetime:
    """A time, in UTC where it names no zone; raises ValueError, without one too."""
    value = next((row[name] for name in names if row.get(name) not in {None, ""}), None)
    if value is None:
        raise ValueError(f"{names[0]} is missing")
    if isinstance(value, datetime):
        return utc(value.isoformat())
    try:
        return utc(str(value))
    except ValueError as fault:
        raise ValueError(f"{names[0]} is no time: {str(value)[:40]!r}") from fault


def maybe_time(row: Mapping[str, Any], *names: str) -> datetime | None:
    return time(row, *names) if text(row, *names) else None


def count(row: Mapping[str, Any], *names: str) -> int | None:
    """A whole number, of the first field that has one; raises ValueError for another."""
    for name in names:
        value = row.get(name)
        if value is None or (isinstance(value, str) and value.strip() in _NO):
            continue
        found = _number(name, value)
        if found != int(found) or abs(found) >= _LARGEST:
            raise ValueError(f"{name} is no whole number: {found}")
        return int(found)
    return None


def money(row: Mapping[str, Any], *names: str, per: int = 1) -> Decimal | None:
    """An amount that a source reports, to 18 places: for comparison only."""
    for name in names:
        value = row.get(name)
        if value is None or (isinstance(value, str) and value.strip() in _NO):
            continue
        found = _number(name, value)
        if abs(found) >= _MOST:
            raise ValueError(f"{name} is beyond all measure")
        return _WIDE.divide(found, Decimal(per)).quantize(_PLACES, context=_WIDE)
    return None


def quantity(row: Mapping[str, Any], name: str) -> Decimal:
    """How much of a meter, to 18 places; raises ValueError, without it too."""
    found = _number(name, row.get(name))
    if abs(found) >= _LARGEST:
        raise ValueError(f"{name} is beyond all measure")
    return found.quantize(_PLACES, context=_WIDE)


def _number(name: str, value: Any) -> Decimal:
    if isinstance(value, bool):
        raise ValueError(f"{name} is no number: {value}")  # noqa: TRY004 -- a fault of data
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation as fault:
        raise ValueError(f"{name} is no number") from fault
    if not found.is_finite():
        raise ValueError(f"{name} is no number: {found}")
    return found


def part(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object within a record, which a CSV holds as JSON; empty where there is none."""
    value = row.get(name)
    if isinstance(value, str):
        if value.strip() in _NO:
            return {}
        try:
            value = json_value(value)
        except ValueError as fault:
            raise ValueError(f"{name} is no JSON") from fault
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"{name} is no object")  # noqa: TRY004 -- a fault of data
    return value


def words_of(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of texts, which a CSV holds as JSON or with commas; sorted, each once."""
    value = row.get(name)
    if isinstance(value, str):
        stripped = value.strip()
        try:
            value = json_value(stripped) if stripped.startswith("[") else stripped.split(",")
        except ValueError as fault:
            raise ValueError(f"{name} is no JSON") from fault
    if not isinstance(value, Iterable) or isinstance(value, Mapping):
        return ()
    return tuple(sorted({str(one).strip() for one in value if one not in {None, ""}}))


def plain(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """What an object says in plain texts and numbers, as attributes; what is nested is left out."""
    return {
        f"{prefix}{name}": str(value)
        for name, value in values.items()
        if isinstance(value, (str, int, Decimal, float)) and str(value) not in _NO
    }


def gateway_hit(**said: object) -> dict[str, object]:
    """A request that a gateway answered from its own cache.

    The provider never saw it: it has no tokens and is no request there. It counts in a
    meter of its own, so that one sees what the cache saves.
    """
    return {**said, "Meter": "gateway_cache_hits", "Quantity": Decimal(1), "Unit": "requests"}


def outcome(failed: bool) -> dict[str, object]:
    """One request, and how it ended."""
    if failed:
        return {"requests": 1, "failed_requests": 1, "Status": "failed"}
    return {"requests": 1, "Status": "success"}
