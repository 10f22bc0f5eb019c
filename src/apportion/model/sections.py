"""The sections of all model files, joined: which entries there are, and which of them are sound."""

from __future__ import annotations

from collections.abc import Iterator

from apportion.errors import Place
from apportion.model import marked_yaml as y
from apportion.model.accounting_forms import ACCOUNT, ENTITY, POSTING, SENDER
from apportion.model.faults import Faults, did_you_mean
from apportion.model.forms import NAME
from apportion.model.governance_forms import GOVERNANCE
from apportion.model.identity_forms import IDENTITY
from apportion.model.model_forms import (
    ALLOCATION,
    BUDGET,
    CHARGEBACK,
    CLASS,
    DRIVER,
    INHERIT,
    POLICY,
    RULE,
    SECTIONS,
    STACK,
    TAG_KEY,
    UNIT,
)
from apportion.model.pool_forms import POOL
from apportion.model.same_spend_forms import SAME_SPEND
from apportion.model.unit_cost_forms import UNIT_COST
from apportion.model.usage_price_forms import PRICE

FORMS = {
    "organisation": UNIT,
    "rules": RULE,
    "inherit": INHERIT,
    "pools": POOL,
    "drivers": DRIVER,
    "identities": IDENTITY,
    "policies": POLICY,
    "allocation": ALLOCATION,
    "chargeback": CHARGEBACK,
    "stack": STACK,
    "entities": ENTITY,
    "accounts": ACCOUNT,
    "postings": POSTING,
    "senders": SENDER,
    "same_spend": SAME_SPEND,
    "classes": CLASS,
    "prices": PRICE,
    "unit_costs": UNIT_COST,
    "governance": GOVERNANCE,
    "budgets": BUDGET,
}


class Sections:
    """Entries by section, in the order of the files; each is checked against its form."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.tags: dict[str, tuple[y.Scalar, y.Mapping]] = {}
        self._entries: dict[str, list[tuple[y.Mapping, bool]]] = {name: [] for name in FORMS}

    def add(self, node: y.Node | None, file: str) -> None:
        """Take in one file; an empty one is fine."""
        if node is None or (isinstance(node, y.Scalar) and node.missing):
            return
        if not isinstance(node, y.Mapping):
            hint = f"begin with one of {', '.join(SECTIONS)}"
            self.faults.add(Place(file, 1, 1), "a model file is a mapping of sections", hint=hint)
            return
        for name, value in node.entries.items():
            if name not in SECTIONS:
                self._unknown(node.keys[name], file)
            elif isinstance(value, y.Scalar) and value.missing:
                continue
            elif name == "tags":
                self._add_tags(value)
            else:
                self._add_list(name, value)

    def _unknown(self, key: y.Scalar, file: str) -> None:
        self.faults.add(
            key,
            f"unknown key {key.text!r} in a model file",
            hint=did_you_mean(key.text, SECTIONS),
        )

    def _add_list(self, name: str, value: y.Node) -> None:
        if not isinstance(value, y.Sequence):
            self.faults.add(value, f"`{name}` is a list", hint="begin each entry with `- `")
            return
        form = FORMS[name]
        for item in value.items:
            sound = form.check(item, self.faults)
            if isinstance(item, y.Mapping):
                self._entries[name].append((item, sound))

    def _add_tags(self, value: y.Node) -> None:
        if not isinstance(value, y.Mapping):
            self.faults.add(value, "`tags` is a mapping from tag keys", hint="tags: {team: {…}}")
            return
        for name, form in value.entries.items():
            key = value.keys[name]
            if before := self.tags.get(name):
                self.faults.add(
                    key,
                    f"two tag keys are called {name!r}",
                    why=f"the other is at {before[0].place}",
                )
            elif isinstance(form, y.Scalar) and form.missing:
                self.tags[name] = (key, y.Mapping(form.file, form.line, form.column))
            elif NAME.check(key, self.faults) & TAG_KEY.check(form, self.faults):
                assert isinstance(form, y.Mapping)
                self.tags[name] = (key, form)

    def declared(self, section: str) -> Iterator[y.Mapping]:
        """Entries that have a name, sound or not."""
        for node, _ in self._entries[section]:
            name = node.entries.get("name")
            if isinstance(name, y.Scalar) and not name.missing:
                yield node

    def sound(self, section: str) -> list[y.Mapping]:
        """Entries whose shape holds."""
        return [node for node, sound in self._entries[section] if sound]
