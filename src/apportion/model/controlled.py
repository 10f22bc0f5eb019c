"""Master data as an ERP takes it: nothing that came from a tag, or that a sheet could run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apportion.model import marked_yaml as y
from apportion.model.faults import Faults

_CONTROLLED = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,39}", re.ASCII)
"""What an ERP's key may look like: nothing that a spreadsheet or a schema could stumble over."""


def controlled(node: y.Node | None, what: str, faults: Faults) -> str:
    """A key of master data as an ERP takes it; anything else is a fault with the reason."""
    if not isinstance(node, y.Scalar) or node.missing:
        return ""
    if not _CONTROLLED.fullmatch(node.text) or node.text != node.text.strip():
        faults.add(
            node,
            f"{node.text!r} can't be {what} of an ERP",
            why="it is at most 40 letters, digits, blanks or . _ / - and begins with one of the "
            "first two",
            hint="write it as the ERP's master data has it",
        )
    return node.text


def check_controlled(node: y.Node | None, what: str, faults: Faults) -> None:
    """The same for a value that may be dated: each of its values."""
    for value in _values(node):
        controlled(value, what, faults)


def _values(node: y.Node | None) -> Iterator[y.Node | None]:
    if not isinstance(node, y.Sequence):
        yield node
        return
    for entry in node.items:
        if isinstance(entry, y.Mapping):
            yield entry.entries.get("value")
