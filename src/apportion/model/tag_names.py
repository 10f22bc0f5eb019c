"""The one spelling of each tag and value that a condition may name by another."""

from __future__ import annotations

from apportion.model.rules import TAG
from apportion.model.taxonomy import Taxonomy


class TagNames:
    """Looks up what a spelling stands for, over all tag keys of a taxonomy.

    Attribution compares tags in their canonical spelling, so conditions are
    brought to it when they are read.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._keys = {
            _fold(spelling): key.name
            for key in taxonomy.keys.values()
            for spelling in (*key.synonyms, key.name)
        }
        self._values = {
            key.name: {_fold(value): value for value in key.values}
            | {_fold(spelling): value for spelling, value in key.aliases.items()}
            for key in taxonomy.keys.values()
        }

    def column(self, name: str) -> str:
        """``tag.KEY`` with the canonical key; any other column as it is."""
        if not self._keys or not name.startswith(TAG):
            return name
        key = name.removeprefix(TAG)
        return TAG + self._keys.get(_fold(key), key)

    def values(self, column: str, given: tuple[str, ...]) -> tuple[str, ...]:
        """The canonical values of a tag, each once; any other column's values as they are."""
        if not self._values or not column.startswith(TAG):
            return given
        known = self._values.get(column.removeprefix(TAG))
        if known is None:
            return given
        return tuple(dict.fromkeys(known.get(_fold(value), value.strip()) for value in given))


def _fold(text: str) -> str:
    return text.strip().casefold()
