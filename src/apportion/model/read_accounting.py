"""Entities, accounts, postings and senders: from their forms to values."""

from __future__ import annotations

from dataclasses import dataclass

from apportion.model import marked_yaml as y
from apportion.model.accounting import Account, Accounting, AccountKind, Entity, Posting, Sender
from apportion.model.controlled import controlled
from apportion.model.dated import Dated
from apportion.model.faults import Faults
from apportion.model.names import Names
from apportion.model.read_organisation import check_overlaps, read_validity
from apportion.model.sections import Sections
from apportion.model.values import as_part, text_of, texts_of


@dataclass(frozen=True)
class AccountingReading:
    """What the accounting side refers to."""

    teams: Names
    pools: Names
    entities: Names
    accounts: Names
    faults: Faults


def read_accounting(sections: Sections, reading: AccountingReading) -> Accounting:
    """The accounting side of the model; accounts, centres and codes are plain master data."""
    faults = reading.faults
    entities = [_entity(node, faults) for node in sections.sound("entities")]
    accounts = [_account(node, faults) for node in sections.sound("accounts")]
    postings = tuple(
        _posting(node, position, reading)
        for position, node in enumerate(sections.sound("postings"))
    )
    nodes = sections.sound("senders")
    senders = [Dated(_sender(node, reading), read_validity(node, faults)) for node in nodes]
    check_overlaps([one.valid for one in senders], list(nodes), faults)
    return Accounting(
        {one.name: one for one in entities},
        {one.name: one for one in accounts},
        postings,
        tuple(senders),
    )


def _entity(node: y.Mapping, faults: Faults) -> Entity:
    name = controlled(node.entries["name"], "an entity", faults)
    code = controlled(node.entries.get("code"), "an entity's code", faults)
    return Entity(name, text_of(node, "title") or name, code or name, node.place)


def _account(node: y.Mapping, faults: Faults) -> Account:
    name = controlled(node.entries["name"], "an account", faults)
    kind = AccountKind(text_of(node, "kind"))
    return Account(name, text_of(node, "title") or name, kind, node.place)


def _posting(node: y.Mapping, position: int, reading: AccountingReading) -> Posting:
    faults, entries = reading.faults, node.entries
    _known(node, "account", reading.accounts, faults)
    for key, names in (
        ("teams", reading.teams),
        ("pools", reading.pools),
        ("entities", reading.entities),
    ):
        listed = entries.get(key)
        if isinstance(listed, y.Sequence):
            names.know((one for one in listed.items if isinstance(one, y.Scalar)), faults)
    return Posting(
        name=text_of(node, "name"),
        position=position,
        account=text_of(node, "account"),
        place=entries["name"].place,
        teams=texts_of(entries.get("teams")),
        pools=texts_of(entries.get("pools")),
        kinds=texts_of(entries.get("kinds")),
        services=texts_of(entries.get("services")),
        stages=texts_of(entries.get("stages")),
        entities=texts_of(entries.get("entities")),
        classes=texts_of(entries.get("classes")),
        project=controlled(entries.get("project"), "a project", faults),
        valid=read_validity(node, faults),
        because=text_of(node, "because"),
    )


def _sender(node: y.Mapping, reading: AccountingReading) -> Sender:
    faults, entries = reading.faults, node.entries
    _known(node, "entity", reading.entities, faults)
    for key in ("recovery", "receivable", "payable", "income"):
        _known(node, key, reading.accounts, faults)
    markup = text_of(node, "markup")
    if markup and "income" not in entries:
        faults.add(entries["markup"], "a mark-up without `income`", hint="name its account")
    if ("receivable" in entries) != ("payable" in entries):
        faults.add(node, "`receivable` and `payable` belong together", hint="name both accounts")
    return Sender(
        entity=text_of(node, "entity"),
        cost_center=controlled(entries["cost_center"], "a cost centre", faults),
        recovery=text_of(node, "recovery"),
        place=node.place,
        profit_center=controlled(entries.get("profit_center"), "a profit centre", faults),
        receivable=text_of(node, "receivable"),
        payable=text_of(node, "payable"),
        markup=as_part(markup) / 100 if markup else Sender.markup,
        income=text_of(node, "income"),
        tax_code=controlled(entries.get("tax_code"), "a tax code", faults),
    )


def _known(node: y.Mapping, key: str, names: Names, faults: Faults) -> None:
    found = node.entries.get(key)
    if isinstance(found, y.Scalar):
        names.knows(found.text, found, faults)
