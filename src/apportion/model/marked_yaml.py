"""YAML as plain values that know where they stand: text, lists and mappings with line and column.

Read from libyaml's events, which keeps marks at a tenth of the time that a
round-trip loader takes. Every scalar stays text: an account ``0042`` keeps its
zeros, ``no`` is not a truth value, and money is read exactly by whoever needs
it. Tags and aliases are refused: a model says what it means in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import yaml
from yaml import events

try:
    from yaml import CSafeLoader as EventLoader
except ImportError:  # PyYAML built without libyaml: slower, with the same events
    from yaml import SafeLoader as EventLoader  # type: ignore[assignment]

from apportion.errors import Place
from apportion.model.faults import Faults

DEEPEST = 20
"""Levels of nesting; no form of the model needs more than seven."""


class Scalar:
    """A text, with its place. `plain` tells unquoted text, where ``null`` and ``~`` mean nothing."""

    __slots__ = ("column", "file", "line", "plain", "text")

    def __init__(self, text: str, file: str, line: int, column: int, plain: bool = True) -> None:
        self.text = text
        self.file = file
        self.line = line
        self.column = column
        self.plain = plain

    @property
    def place(self) -> Place:
        return Place(self.file, self.line, self.column)

    @property
    def missing(self) -> bool:
        """Whether nothing is written here."""
        return self.plain and self.text in {"", "~", "null", "Null", "NULL"}


class Sequence:
    """A list of nodes, with its place."""

    __slots__ = ("column", "file", "items", "line")

    def __init__(self, file: str, line: int, column: int) -> None:
        self.items: list[Node] = []
        self.file = file
        self.line = line
        self.column = column

    @property
    def place(self) -> Place:
        return Place(self.file, self.line, self.column)


class Mapping:
    """Nodes by key, with the place of each key."""

    __slots__ = ("column", "entries", "file", "keys", "line")

    def __init__(self, file: str, line: int, column: int) -> None:
        self.entries: dict[str, Node] = {}
        self.keys: dict[str, Scalar] = {}
        self.file = file
        self.line = line
        self.column = column

    @property
    def place(self) -> Place:
        return Place(self.file, self.line, self.column)


Node: TypeAlias = Scalar | Sequence | Mapping


@dataclass
class _Open:
    """A collection that is being read, and the key that waits for its value."""

    node: Sequence | Mapping
    key: Scalar | None = None


def parse_yaml(text: str, file: str, faults: Faults) -> Node | None:
    """Read one YAML document; None where it is empty or can't be read (see `faults`).

    >>> node = parse_yaml("team: nlp", "rules.yaml", Faults())
    >>> node.entries["team"].text, str(node.entries["team"].place)
    ('nlp', 'rules.yaml:1:7')
    """
    try:
        return _Reader(file, faults).read(text)
    except _TooDeep:
        return None
    except yaml.MarkedYAMLError as error:
        _syntax_fault(error, text, file, faults)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - (text.rfind("\n", 0, error.position) + 1) + 1
        faults.add(
            Place(file, line, column),
            "a character that YAML doesn't allow",
            hint="remove it (control characters can't be part of a model)",
        )
    return None


class _TooDeep(Exception):
    pass


class _Reader:
    def __init__(self, file: str, faults: Faults) -> None:
        self.file = file
        self.faults = faults
        self.root: Node | None = None
        self.open: list[_Open] = []

    def read(self, text: str) -> Node | None:
        parser = EventLoader(text)
        scalar, start, end = (
            events.ScalarEvent,
            (events.SequenceStartEvent, events.MappingStartEvent),
            (events.SequenceEndEvent, events.MappingEndEvent),
        )
        documents = 0
        while (event := parser.get_event()) is not None:
            if isinstance(event, scalar):
                mark = event.start_mark
                if event.tag is not None:
                    self._refuse_tag(event)
                self._put(
                    Scalar(
                        event.value, self.file, mark.line + 1, mark.column + 1, event.style is None
                    )
                )
            elif isinstance(event, start):
                self._begin(event)
            elif isinstance(event, end):
                self.open.pop()
            elif isinstance(event, events.AliasEvent):
                self._refuse_alias(event)
            elif isinstance(event, events.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.faults.add(
                        self._place(event), "a second YAML document", hint="use one file for each"
                    )
                    break
        return self.root

    def _place(self, event: yaml.Event) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _begin(self, event: events.CollectionStartEvent) -> None:
        if event.tag is not None:
            self._refuse_tag(event)
        if len(self.open) >= DEEPEST:
            self.faults.add(self._place(event), f"nested deeper than {DEEPEST} levels")
            raise _TooDeep
        made = Sequence if isinstance(event, events.SequenceStartEvent) else Mapping
        node = made(self.file, event.start_mark.line + 1, event.start_mark.column + 1)
        self._put(node)
        self.open.append(_Open(node))

    def _put(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        inner = self.open[-1]
        if isinstance(inner.node, Sequence):
            inner.node.items.append(node)
        elif inner.key is None:
            inner.key = self._key(node)
        else:
            key, inner.key = inner.key, None
            self._enter(inner.node, key, node)

    def _key(self, node: Node) -> Scalar:
        if isinstance(node, Scalar):
            return node
        self.faults.add(node, "a key must be a text", hint="write `key: value`")
        return Scalar("", node.file, node.line, node.column)

    def _enter(self, mapping: Mapping, key: Scalar, node: Node) -> None:
        if (before := mapping.keys.get(key.text)) is not None:
            self.faults.add(
                key,
                f"the key {key.text!r} stands twice",
                why=f"it is there already at {before.place}",
                hint="keep one of the two",
            )
            return
        mapping.keys[key.text] = key
        mapping.entries[key.text] = node

    def _refuse_tag(self, event: events.NodeEvent) -> None:
        if event.tag != "!":
            self.faults.add(
                self._place(event), f"the YAML tag {event.tag!r} is not read", hint="leave it out"
            )

    def _refuse_alias(self, event: events.AliasEvent) -> None:
        self.faults.add(
            self._place(event),
            f"the YAML alias *{event.anchor} is not read",
            hint="write the value out (and quote a text that begins with *)",
        )
        self._put(Scalar("", self.file, event.start_mark.line + 1, event.start_mark.column + 1))


_REMEDIES = {
    "mapping values are not allowed": "indent like the lines above, and quote a text with a colon",
    "cannot start any token": "quote a text that begins with a special character",
    "could not find expected ':'": "write `key: value`, with a blank after the colon",
    "did not find expected key": "indent like the lines above, or close the quote or bracket",
    "did not find expected '-' indicator": "begin each entry of the list with `- `, indented alike",
    "did not find expected ',' or": "separate by commas, and close each bracket",
    "unexpected end of stream": "close the quote",
    "did not find expected alphabetic": "quote a text that begins with * or &",
}


def _syntax_fault(error: yaml.MarkedYAMLError, text: str, file: str, faults: Faults) -> None:
    problem = error.problem or "not YAML"
    mark = error.problem_mark or error.context_mark
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    line = text.splitlines()[mark.line] if mark and mark.line < text.count("\n") + 1 else ""
    if mark and "\t" in line[: mark.column + 1]:
        faults.add(place, "a tab in the indentation", hint="indent with blanks")
        return
    hint = next((remedy for part, remedy in _REMEDIES.items() if part in problem), "")
    context = f"{error.context}" if error.context else ""
    faults.add(place, f"not YAML: {problem}", why=context, hint=hint)
