"""A model's own patterns, in the form of the catalogue's."""

from __future__ import annotations

import re
from collections.abc import Iterable

from apportion.classify.patterns import Pattern
from apportion.model.classes import ClassRule


def patterns_of(own: Iterable[ClassRule]) -> tuple[Pattern, ...]:
    """Patterns that are tried before the catalogue's, in the order of the model."""
    return tuple(_pattern(rule) for rule in own)


def _pattern(rule: ClassRule) -> Pattern:
    return Pattern(
        name=rule.name,
        cost_class=rule.cost_class.value,
        service=_whole(rule.service),
        meter=_whole(rule.meter),
        ai_service=rule.ai_service,
        sets=dict(rule.sets),
    )


def _whole(globs: tuple[str, ...]) -> re.Pattern[str] | None:
    """Any of some name patterns, over the whole text and in any case."""
    if not globs:
        return None
    return re.compile("|".join(f"^(?:{_regex(one)})$" for one in globs), re.IGNORECASE)


def _regex(glob: str) -> str:
    wild = {"*": ".*", "?": "."}
    return "".join(wild.get(char, re.escape(char)) for char in glob)
