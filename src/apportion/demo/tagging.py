"""How the sample company tags what it runs: poorly, as companies do.

About a third of the shared account bears no team tag at all. The rest spells
the key in three ways and the team in many.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from random import Random

from apportion.demo.company import CV, FRAUD, NLP, PLATFORM, REC, SEARCH


class Tagging(StrEnum):
    """How well a family of resources is tagged."""

    POOR = "poor"
    GOOD = "good"
    NONE = "none"
    SERVICE = "service"


_VARIANTS: Mapping[str, tuple[str, ...]] = {
    NLP: ("NLP", "natural-language", "nlp ", "NLP team"),
    CV: ("computer-vision", "CV", "vision", "Computer Vision"),
    REC: ("recsys", "recommendations", "REC", "Recommendation"),
    SEARCH: ("Search",),
    FRAUD: ("Fraud",),
    PLATFORM: ("Platform",),
}
_TYPOS: Mapping[str, tuple[str, ...]] = {
    NLP: ("NPL",),
    CV: ("computer-vison", "cvv"),
    REC: ("recomendation", "rec-sys"),
}

_POOR = (
    "plain", "bare", "other key", "bare", "variant", "plain", "squad", "bare",
    "variant key", "plain", "bare", "typo", "plain",
)  # fmt: skip
"""The styles in turn, so that resources that stand side by side are tagged differently."""

_GOOD = ("plain", "plain", "plain", "bare", "plain", "variant")


def tags_of(team: str, tagging: Tagging, turn: int, chance: Random) -> str:
    """The tags of one resource as JSON text; an empty text where it has none at all."""
    if tagging is Tagging.NONE:
        return ""
    if tagging is Tagging.SERVICE:
        return json.dumps({"service": team, "env": "prod"})
    styles = _GOOD if tagging is Tagging.GOOD else _POOR
    tags = _team_tag(team, styles[turn % len(styles)], chance)
    if chance.random() < 0.6:
        tags["env"] = chance.choice(("prod", "prod", "dev", "staging", "Prod"))
    if chance.random() < 0.25:
        tags["created-by"] = chance.choice(("terraform", "console", "pipeline"))
    items = list(tags.items())
    chance.shuffle(items)
    return json.dumps(dict(items)) if items else ""


def _team_tag(team: str, style: str, chance: Random) -> dict[str, str]:
    variant = chance.choice(_VARIANTS[team])
    forms: Mapping[str, tuple[str, str]] = {
        "plain": ("team", team),
        "other key": ("Team", team),
        "squad": ("squad", team),
        "variant": ("team", variant),
        "variant key": ("Team", variant),
        "typo": ("team", chance.choice(_TYPOS.get(team, (team,)))),
    }
    return dict([forms[style]]) if style in forms else {}
