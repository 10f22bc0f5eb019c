"""Shapes: what may stand where in a YAML form. They check marked YAML and yield its JSON Schema.

A shape checks one node and reports every departure at its line and column. The
same tables make the JSON Schema that editors use, so the two can't disagree.
Values are turned into domain values only where all shapes hold, by the
functions of :mod:`apportion.model.values`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from apportion.model import marked_yaml as y
from apportion.model.faults import Faults, did_you_mean

Schema = dict[str, Any]

SCALAR_TYPES = ["string", "number", "boolean"]
"""An unquoted ``0042`` or ``true`` is text to the reader, but no string to an editor."""


class Shape(Protocol):
    """Checks a node, and describes itself as JSON Schema."""

    def check(self, node: y.Node, faults: Faults) -> bool:
        """Whether the node has this shape; each departure is reported."""

    def schema(self) -> Schema:
        """The shape as JSON Schema, draft 2020-12."""


def _is_scalar(node: y.Node, faults: Faults, expected: str) -> bool:
    if type(node) is y.Scalar:
        if not node.missing:
            return True
        faults.add(node, f"no value; {expected} is expected", hint="give one, or leave the key out")
        return False
    faults.add(node, f"{expected} is expected here, not {_kind(node)}")
    return False


def is_missing(node: y.Node) -> bool:
    """Whether nothing is written here."""
    return type(node) is y.Scalar and node.missing


def _kind(node: y.Node) -> str:
    if isinstance(node, y.Scalar):
        return "nothing" if node.missing else f"the text {node.text[:40]!r}"
    return "a list" if isinstance(node, y.Sequence) else "a mapping"


@dataclass(frozen=True)
class Text:
    """A text. A name is visible and trimmed, words are visible and may run over lines.

    Any other value may be anything that isn't missing.
    """

    expected: str = "a text"
    name: bool = False
    words: bool = False

    def check(self, node: y.Node, faults: Faults) -> bool:
        if type(node) is not y.Scalar or node.missing:
            return _is_scalar(node, faults, self.expected)
        text = node.text
        if self.words and not text.isprintable() and _unseen(text):
            what = _fault_of_name(text)
            faults.add(
                node, f"{self.expected} {what}", hint="write it with visible characters only"
            )
            return False
        if not self.name or (text.isprintable() and text.strip() == text != ""):
            return True
        what = "is empty" if not text.strip() else _fault_of_name(text)
        faults.add(node, f"{self.expected} {what}", hint="write it with visible characters only")
        return False

    def schema(self) -> Schema:
        if not self.name:
            return {"type": SCALAR_TYPES}
        return {"type": ["string", "number"], "minLength": 1, "pattern": r"^\S(.*\S)?$"}


def _unseen(text: str) -> bool:
    """Whether a text holds what nobody sees, and what may turn around how the rest is read."""
    return any(unicodedata.category(char) in _UNSEEN and char not in "\n\t" for char in text)


_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Control and format characters, and line ends that aren't shown as such."""


def _fault_of_name(text: str) -> str:
    if text.strip() != text and not _unseen(text.strip()):
        return f"has blanks around it: {text!r}"
    return f"holds an invisible or control character: {text!r}"


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]
    expected: str = "one of the known words"

    def check(self, node: y.Node, faults: Faults) -> bool:
        if type(node) is not y.Scalar or node.missing:
            return _is_scalar(node, faults, f"{self.expected} ({', '.join(self.words[:12])})")
        if node.text in self.words:
            return True
        faults.add(
            node,
            f"{node.text!r} is not {self.expected}",
            hint=did_you_mean(node.text, self.words),
        )
        return False

    def schema(self) -> Schema:
        return {"enum": list(self.words)}


@dataclass(frozen=True)
class Pattern:
    """A text of a written form that a function can read (it raises ValueError where not)."""

    expected: str
    read: Callable[[str], object]
    described: Mapping[str, Any] = field(default_factory=dict)
    hint: str = ""

    def check(self, node: y.Node, faults: Faults) -> bool:
        if type(node) is not y.Scalar or node.missing:
            return _is_scalar(node, faults, self.expected)
        try:
            self.read(node.text)
        except ValueError as why:
            faults.add(node, f"{node.text!r} is not {self.expected}", why=str(why), hint=self.hint)
            return False
        return True

    def schema(self) -> Schema:
        return dict(self.described)


@dataclass(frozen=True)
class Items:
    """A list of one shape. An empty list is a fault unless `empty` allows it."""

    of: Shape
    expected: str = "a list"
    empty: bool = False

    def check(self, node: y.Node, faults: Faults) -> bool:
        if type(node) is not y.Sequence:
            faults.add(node, f"{self.expected} is expected here, not {_kind(node)}")
            return False
        if not node.items and not self.empty:
            faults.add(node, "an empty list", hint="give an entry, or leave the key out")
            return False
        sound = [self.of.check(item, faults) for item in node.items]
        return all(sound)

    def schema(self) -> Schema:
        made: Schema = {"type": "array", "items": self.of.schema()}
        return made if self.empty else {**made, "minItems": 1}


@dataclass(frozen=True)
class Table:
    """A mapping from keys of one shape to values of another."""

    keys: Shape
    values: Shape
    expected: str = "a mapping"
    blank: bool = False
    """Whether nothing may stand behind a key."""

    def check(self, node: y.Node, faults: Faults) -> bool:
        if type(node) is not y.Mapping:
            faults.add(node, f"{self.expected} is expected here, not {_kind(node)}")
            return False
        if not node.entries:
            faults.add(node, "an empty mapping", hint="give an entry, or leave the key out")
            return False
        keys = [self.keys.check(key, faults) for key in node.keys.values()]
        values = [
            (self.blank and is_missing(value)) or self.values.check(value, faults)
            for value in node.entries.values()
        ]
        return all(keys) and all(values)

    def schema(self) -> Schema:
        names = {k: v for k, v in self.keys.schema().items() if k in {"pattern", "enum"}}
        value = self.values.schema()
        made: Schema = {
            "type": "object",
            "additionalProperties": {"anyOf": [value, {"type": "null"}]} if self.blank else value,
            "minProperties": 1,
        }
        return {**made, "propertyNames": names} if names else made


@dataclass(frozen=True)
class Either:
    """What may be written as a scalar, as a list or as a mapping; each with its own shape."""

    scalar: Shape | None = None
    items: Shape | None = None
    mapping: Shape | None = None
    expected: str = "a value"

    def check(self, node: y.Node, faults: Faults) -> bool:
        if type(node) is y.Scalar:
            shape = self.scalar
        else:
            shape = self.items if type(node) is y.Sequence else self.mapping
        if type(node) is y.Scalar and node.missing:
            return _is_scalar(node, faults, self.expected)
        if shape is None:
            faults.add(node, f"{self.expected} is expected here, not {_kind(node)}")
            return False
        return shape.check(node, faults)

    def schema(self) -> Schema:
        shapes = [s for s in (self.scalar, self.items, self.mapping) if s is not None]
        return {"anyOf": [shape.schema() for shape in shapes]}


@dataclass(frozen=True)
class Key:
    """A key of a form: the shape of its value, and what it means."""

    shape: Shape
    doc: str
    needed: bool = False
    blank: bool = False
    """Whether nothing may stand behind the key, as in a section whose entries are commented out."""


@dataclass(frozen=True)
class Form:
    """A mapping with known keys.

    `others` gives the shape of further keys by a test (the columns of a rule);
    `one_of` names keys of which exactly one must be there.
    """

    name: str
    keys: Mapping[str, Key]
    others: Callable[[str], Shape | None] | None = None
    others_pattern: str = ""
    others_known: Sequence[str] = ()
    one_of: tuple[str, ...] = ()
    _shapes: dict[str, Shape] = field(default_factory=dict, repr=False)
    _needed: list[str] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self._shapes.update({name: key.shape for name, key in self.keys.items()})
        self._needed.extend(name for name, key in self.keys.items() if key.needed)

    def check(self, node: y.Node, faults: Faults) -> bool:
        if type(node) is not y.Mapping:
            faults.add(
                node,
                f"{self.name} is expected here, as a mapping, not {_kind(node)}",
                hint=f"keys: {', '.join(self.keys)}",
            )
            return False
        good = True
        for name, value in node.entries.items():
            if not self._check_entry(node, name, value, faults):
                good = False
        for name in self._needed:
            if name not in node.entries:
                faults.add(
                    node,
                    f"{self.name} has no {name!r}",
                    hint=f"add `{name}: …`: {self.keys[name].doc}",
                )
                good = False
        return self._check_one_of(node, faults) and good

    def _check_entry(self, node: y.Mapping, name: str, value: y.Node, faults: Faults) -> bool:
        shape = self._shapes.get(name) or (self.others(name) if self.others else None)
        if shape is None:
            known = [*self.keys, *self.others_known]
            faults.add(
                node.keys[name],
                f"unknown key {name!r} in {self.name}",
                hint=did_you_mean(name, known, f"known: {', '.join(self.keys)}"),
            )
            return False
        if is_missing(value) and self._may_be_blank(name):
            return True
        return shape.check(value, faults)

    def _may_be_blank(self, name: str) -> bool:
        return name in self.keys and self.keys[name].blank

    def _check_one_of(self, node: y.Mapping, faults: Faults) -> bool:
        if not self.one_of:
            return True
        there = [name for name in self.one_of if name in node.entries]
        if len(there) == 1:
            return True
        if there:
            at: y.Node = node.keys[there[1]]
            faults.add(at, f"{self.name} says both {there[0]!r} and {there[1]!r}", hint="keep one")
        else:
            wanted = ", ".join(self.one_of)
            faults.add(node, f"{self.name} has none of {wanted}", hint="give one of them")
        return False

    def schema(self) -> Schema:
        properties: Schema = {}
        for name, key in self.keys.items():
            shape = key.shape.schema()
            if key.blank:
                shape = {"anyOf": [shape, {"type": "null"}]}
            properties[name] = {**shape, "description": key.doc}
        made: Schema = {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
        }
        if self._needed:
            made["required"] = list(self._needed)
        if self.one_of:
            made["oneOf"] = [{"required": [name]} for name in self.one_of]
        if self.others:
            other = self.others("x_any")
            made["patternProperties"] = {self.others_pattern: other.schema() if other else {}}
        return made
