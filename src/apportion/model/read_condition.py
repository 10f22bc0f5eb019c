"""The condition of a rule or pool: its short forms and its SQL, as one value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from apportion.domain.charge import KEY_COLUMNS
from apportion.domain.owner import Evidence
from apportion.model import marked_yaml as y
from apportion.model.condition import ConditionFault, Equals, read_where
from apportion.model.faults import Faults
from apportion.model.forms import SHORT_COLUMNS
from apportion.model.rules import TAG, Condition
from apportion.model.tag_names import TagNames
from apportion.model.text_place import Sources
from apportion.model.values import texts_of

COLUMNS = {**SHORT_COLUMNS, **{name: name for name in KEY_COLUMNS}}
WILDCARDS = frozenset("*?")

_WEAKNESS = {evidence: rank for rank, evidence in enumerate(Evidence)}


class Read(NamedTuple):
    """A condition, and the evidence that its weakest part amounts to."""

    condition: Condition
    evidence: Evidence


def read_condition(
    node: y.Mapping, names: TagNames, sources: Sources, faults: Faults
) -> Read | None:
    """Read the condition of a form whose shape has been checked; None where its SQL is at fault.

    A value that holds ``*`` or ``?`` makes its list a list of name patterns.
    Without any condition the evidence is the strongest: nothing weakens it.
    """
    equals: list[tuple[str, tuple[str, ...]]] = []
    patterns: list[tuple[str, tuple[str, ...]]] = []
    for written, values in _short_forms(node):
        column = names.column(written)
        if _wild(values):
            patterns.append((column, values))
        else:
            equals.append((column, names.values(column, values)))
    short = Read(Condition(tuple(equals), tuple(patterns)), _evidence(equals, patterns))
    if "provider" in node.entries:
        short = _with_provider(short, texts_of(node.entries["provider"]))
    text = node.entries.get("where")
    if not isinstance(text, y.Scalar):
        return short
    try:
        return _with_sql(short, text.text, names)
    except ConditionFault as fault:
        place = sources.place_in(text, fault.offset)
        faults.add(place, fault.what, why=fault.why, hint=fault.hint)
        return None


def _short_forms(node: y.Mapping) -> list[tuple[str, tuple[str, ...]]]:
    found: list[tuple[str, tuple[str, ...]]] = []
    for key, value in node.entries.items():
        if key == "tag":
            assert isinstance(value, y.Mapping)
            found += [(TAG + tag, texts_of(given)) for tag, given in value.entries.items()]
        elif (column := COLUMNS.get(key)) or key.startswith("x_"):
            found.append((column or key, texts_of(value)))
    return found


def _evidence(equals: list[tuple[str, tuple[str, ...]]], patterns: list[Any]) -> Evidence:
    if patterns:
        return Evidence.PATTERN
    tags_only = all(column.startswith(TAG) for column, _ in equals)
    return Evidence.TAGGED if tags_only else Evidence.MAPPED


def _wild(values: tuple[str, ...]) -> bool:
    return any(not WILDCARDS.isdisjoint(value) for value in values)


def _with_provider(read: Read, providers: tuple[str, ...]) -> Read:
    from apportion.model.condition_tree import provider_condition

    evidence = Evidence.PATTERN if _wild(providers) else Evidence.MAPPED
    condition = replace(read.condition, where=provider_condition(providers))
    return Read(condition, weakest(read.evidence, evidence))


def _with_sql(read: Read, text: str, names: TagNames) -> Read:
    parts = read_where(text)
    equals = read.condition.equals + _canonical(parts.equals, names)
    where = read.condition.where
    if parts.where is not None:
        from apportion.model.condition_tree import both, rename_tags

        where = both(where, rename_tags(parts.where, names))
    condition = Condition(equals, read.condition.patterns, where)
    return Read(condition, weakest(read.evidence, parts.evidence))


def _canonical(equals: Equals, names: TagNames) -> Equals:
    renamed = ((names.column(column), values) for column, values in equals)
    return tuple((column, names.values(column, values)) for column, values in renamed)


def weakest(*evidence: Evidence) -> Evidence:
    """The weakest of several evidences: what hangs on all of them is no stronger.

    >>> weakest(Evidence.TAGGED, Evidence.PATTERN).value
    'pattern'
    """
    return max(evidence, key=_WEAKNESS.__getitem__)
