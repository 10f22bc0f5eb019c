"""Where a character of a YAML text stands in its file, whatever style the text is written in."""

from __future__ import annotations

from dataclasses import dataclass, field

from apportion.errors import Place
from apportion.model import marked_yaml as y


@dataclass
class Sources:
    """The texts of the files that are being read, by name."""

    texts: dict[str, str] = field(default_factory=dict)

    def place_in(self, scalar: y.Scalar, offset: int) -> Place:
        """The place of a character of a scalar's text: plain, quoted, literal or folded."""
        source = self.texts.get(scalar.file)
        if source is None:
            return scalar.place
        at = _find(source, _start(source, scalar), scalar.text, offset)
        line = source.count("\n", 0, at) + 1
        return Place(scalar.file, line, at - source.rfind("\n", 0, at))


def _start(source: str, scalar: y.Scalar) -> int:
    """Index of the first character that belongs to the text."""
    at = 0
    for _ in range(scalar.line - 1):
        at = source.find("\n", at) + 1
    at += scalar.column - 1
    if source[at : at + 1] in {"|", ">"} and not scalar.plain:
        return source.find("\n", at) + 1
    return at + (not scalar.plain)


def _find(source: str, start: int, text: str, offset: int) -> int:
    """Walk text and source side by side; line breaks and indents of the source match any blank."""
    quote = source[start - 1 : start]
    at = start
    for wanted in text[:offset]:
        if wanted.isspace():
            at += source[at : at + 1].isspace()
            continue
        at = _skip(source, at, wanted, quote) + 1
    return min(_skip(source, at, text[offset : offset + 1], quote), len(source) - 1)


def _skip(source: str, at: int, wanted: str, quote: str) -> int:
    """Pass blanks (folded away) and escapes before a wanted character."""
    while not wanted.isspace() and source[at : at + 1].isspace():
        at += 1
    escaped = (quote == "'" and source[at : at + 2] == "''") or (
        quote == '"' and source[at : at + 1] == "\\"
    )
    return at + 1 if escaped else at
