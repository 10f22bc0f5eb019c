"""YAML as plain values that know where they stand: text, lists and mappings with line and column.

Read from libyaml's events, which keeps marks at a tenth of the time that a
round-trip loader takes. Every scalar stays text: an account ``0042`` keeps its
zeros, ``no`` is not a truth value, and money is read exactly by whoever needs
it. Tags and aliases are refused: a model says what it means in full.
"""

from __future__ import annotations

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
    """A text, with its place. `plain`: unquoted, so that ``null`` and ``~`` mean nothing."""

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
    """Builds nodes from events, with the open collections on a stack.

    The loop runs a hundred thousand times for ten thousand rules, so the two
    commonest events are handled in place.
    """

    def __init__(self, file: str, faults: Faults) -> None:
        self.file = file
        self.faults = faults
        self.roots: list[Node] = []
        self.open: list[tuple[Sequence | Mapping, Scalar | None]] = []

    def read(self, text: str) -> Node | None:
        get_event = EventLoader(text).get_event
        scalar, file = events.ScalarEvent, self.file
        while (event := get_event()) is not None:
            if type(event) is scalar:
                mark = event.start_mark
                assert mark is not None
                node = Scalar(event.value, file, mark.line + 1, mark.column + 1, not event.style)
                if event.tag is not None:
                    self._refuse_tag(event.tag, node.place)
                self._put(node)
            elif isinstance(event, events.CollectionStartEvent):
                self._begin(event)
            elif isinstance(event, events.CollectionEndEvent):
                self.open.pop()
            elif isinstance(event, events.AliasEvent):
                self._refuse_alias(event)
        if len(self.roots) > 1:
            self.faults.add(
                self.roots[1], "a second YAML document", hint="use a file for each document"
            )
        return self.roots[0] if self.roots else None

    def _begin(self, event: events.CollectionStartEvent) -> None:
        mark = event.start_mark
        assert mark is not None
        made = Sequence if isinstance(event, events.SequenceStartEvent) else Mapping
        node = made(self.file, mark.line + 1, mark.column + 1)
        if event.tag is not None:
            self._refuse_tag(event.tag, node.place)
        if len(self.open) >= DEEPEST:
            self.faults.add(node, f"nested deeper than {DEEPEST} levels", hint="flatten it")
            raise _TooDeep
        self._put(node)
        self.open.append((node, None))

    def _put(self, node: Node) -> None:
        if not self.open:
            self.roots.append(node)
            return
        inner, key = self.open[-1]
        if type(inner) is Sequence:
            inner.items.append(node)
        elif key is None:
            self.open[-1] = (inner, node if type(node) is Scalar else self._odd_key(node))
        else:
            self.open[-1] = (inner, None)
            self._enter(inner, key, node)  # type: ignore[arg-type]  # a mapping, by the test above

    def _enter(self, mapping: Mapping, key: Scalar, node: Node) -> None:
        name = key.text
        if name not in mapping.keys:
            mapping.keys[name] = key
            mapping.entries[name] = node
            return
        self.faults.add(
            key,
            f"the key {name!r} stands twice",
            why=f"it is there already at {mapping.keys[name].place}",
            hint="keep one of the two",
        )

    def _odd_key(self, node: Node) -> Scalar:
        self.faults.add(node, "a key must be a text", hint="write `key: value`")
        return Scalar(f"({node.line}:{node.column})", node.file, node.line, node.column)

    def _refuse_tag(self, tag: str, place: Place) -> None:
        if tag != "!":
            self.faults.add(place, f"the YAML tag {tag!r} is not read", hint="leave it out")

    def _refuse_alias(self, event: events.AliasEvent) -> None:
        mark = event.start_mark
        assert mark is not None
        node = Scalar("*", self.file, mark.line + 1, mark.column + 1, plain=False)
        self.faults.add(
            node,
            f"the YAML alias *{event.anchor} is not read",
            hint="write the value out (and quote a text that begins with *)",
        )
        self._put(node)


_REMEDIES = {
    "mapping values are not allowed": "indent like the lines above, and quote a text with a colon",
    "cannot start any token": "quote a text that begins with a special character",
    "could not find expected ':'": "write `key: value`, with a blank after the colon",
    "found unexpected ':'": "write a blank after the colon",
    "did not find expected key": "indent like the lines above, or close the quote or bracket",
    "did not find expected '-' indicator": "begin each entry of the list with `- `, indented alike",
    "did not find expected ',' or": "separate by commas, and close each bracket",
    "unexpected end of stream": "close the quote",
    "did not find expected alphabetic": "quote a text that begins with * or &",
}


def _syntax_fault(error: yaml.MarkedYAMLError, text: str, file: str, faults: Faults) -> None:
    problem = error.problem or "can't be read"
    mark, opened = error.problem_mark, error.context_mark
    lines = text.split("\n")
    if mark is None or (opened is not None and not "".join(lines[mark.line :]).strip()):
        mark = opened  # the file ends; what was opened and never closed tells more
    if mark is None:
        faults.add(Place(file), f"not YAML: {problem}")
        return
    place = Place(file, mark.line + 1, mark.column + 1)
    if any("\t" in line[: mark.column + 1] for line in lines[mark.line : mark.line + 1]):
        faults.add(place, "a tab in the indentation", hint="indent with blanks")
        return
    hint = next((remedy for part, remedy in _REMEDIES.items() if part in problem), "")
    faults.add(place, f"not YAML: {problem}", why=error.context or "", hint=hint)
