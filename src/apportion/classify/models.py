"""One name for each AI model, however a bill spells it."""

from __future__ import annotations

import re
from functools import cache

from apportion.classify.tables import rows

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")
_BLANKS = re.compile(r"[\s_]+")


@cache
def canonical(raw: str, service: str) -> str:
    """The name of a model in the spelling of model ids: small letters, hyphens.

    The rules of ``models.csv`` rewrite what they match, one after the other;
    what none knows keeps its own spelling.

    >>> canonical("Claude4.6Opus", "Amazon Bedrock"), canonical("GPT 5 Mini", "Azure OpenAI")
    ('claude-opus-4-6', 'gpt-5-mini')
    """
    name = _BLANKS.sub("-", _HUMP.sub("-", raw.strip())).lower()
    for only, pattern, replacement in _rules():
        if only in {"", service}:
            name = pattern.sub(replacement, name)
    return name


@cache
def _rules() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    return tuple(
        (row["service"], re.compile(rf"^(?:{row['pattern']})$"), row["canonical"])
        for row in rows("models")
    )
