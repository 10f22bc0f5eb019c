"""The tag taxonomy: which tags count, how they are spelt, and which values they may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from apportion.errors import Place


@dataclass(frozen=True)
class TagKey:
    """A tag that the model knows: its spellings, the aliases of its values, the values allowed.

    `synonyms` are other keys that mean this one, in order of precedence (the
    key itself comes first). `aliases` maps a spelling of a value to the value.
    An empty `values` allows any. Spellings are compared without case and
    surrounding blanks.
    """

    name: str
    place: Place
    synonyms: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    values: tuple[str, ...] = ()
    required: bool = False

    def canonical(self, value: str) -> str:
        """The value that a spelling stands for; an unknown spelling stays as it is, trimmed.

        >>> TagKey("team", Place("t"), aliases={"text": "nlp"}).canonical(" Text ")
        'nlp'
        """
        folded = value.strip().casefold()
        for spelling, meant in self.aliases.items():
            if spelling.strip().casefold() == folded:
                return meant
        return next((v for v in self.values if v.casefold() == folded), value.strip())


@dataclass(frozen=True)
class Taxonomy:
    """All tag keys by name. A tag that isn't listed can still be used in conditions as it is."""

    keys: Mapping[str, TagKey] = field(default_factory=dict)

    @property
    def required(self) -> tuple[TagKey, ...]:
        return tuple(key for key in self.keys.values() if key.required)
