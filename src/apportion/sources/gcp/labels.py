"""Google's labels, project labels, tags and system labels as the one set of tags of a charge.

Where two hold one key, the nearer to the resource wins: its labels, then the
project's labels, then Resource Manager tags, then what Google itself notes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from apportion.sources.nested_text import read_nested

GOOGLE_TAGS = "google_tags"
"""Name under which loading lends :class:`LabelReader` to the engine."""

PRECEDENCE = ("labels", "project.labels", "tags", "system_labels")
"""The columns that hold labels; an earlier one's value for a key counts."""

BETWEEN = "\x1e"
"""Stands between the texts of these columns; neither JSON nor Python writes it plainly."""

_MEMO = 200_000


class LabelReader:
    """Reads columns of label lists joined by BETWEEN, each distinct text once."""

    def __init__(self) -> None:
        self._seen: dict[str, str] = {}

    def read(self, texts: pa.Array | pa.ChunkedArray) -> pa.Array:
        """A JSON object of tags for each text.

        A text that can't be read stays as it is, and is told of like any other
        unreadable tags.
        """
        whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
        coded = whole.dictionary_encode()
        if len(self._seen) > _MEMO:
            self._seen.clear()
        tags = [self._tags(text) for text in coded.dictionary.to_pylist()]
        return pa.array(tags, pa.string()).take(coded.indices)

    def _tags(self, text: str) -> str:
        if text not in self._seen:
            self._seen[text] = _merged(text)
        return self._seen[text]


def _merged(text: str) -> str:
    """The tags of several lists.

    >>> _merged('[{"key": "a", "value": "nearer"}]' + BETWEEN + "[{'key': 'a', 'value': 'x'}]")
    '{"a": "nearer"}'
    """
    tags: dict[str, str] = {}
    for part in reversed(text.split(BETWEEN)):
        try:
            tags |= _labels(read_nested(part)) if part else {}
        except (ValueError, KeyError, TypeError):
            return part
    return json.dumps(tags)


def _labels(read: Any) -> Mapping[str, str]:
    """Labels from a list of keys and values, or from an object."""
    if read is None:
        return {}
    if isinstance(read, dict):
        return {key: _as_text(value) for key, value in read.items()}
    return {str(one["key"]): _as_text(one.get("value")) for one in read}


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
