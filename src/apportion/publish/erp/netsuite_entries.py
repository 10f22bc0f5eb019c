"""What NetSuite calls a part: a plain journal entry, or one between subsidiaries.

Documents of a period that owe each other are one record in NetSuite, with the lines of all
subsidiaries, each of which balances: an intercompany entry of two, an advanced one of more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from apportion.domain.journal import JournalDocument
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.target import Parts

CAP = 900


@dataclass(frozen=True)
class Entry:
    """A record of NetSuite. `first` is the sender's part, which it has its id and header from."""

    record: str
    first: JournalDocument
    parts: Sequence[JournalDocument]

    @property
    def receivers(self) -> tuple[str, ...]:
        return tuple(one.entity for one in self.parts if one.entity != self.first.entity)


def entries(parts: Parts, settings: ErpSettings) -> list[Entry]:
    """The records of parts, in the order of their ids.

    Parts of one run, month and currency that owe each other go together, if each entity owes
    in one part only and all of it has room in one record.
    """
    found: list[Entry] = []
    owing: dict[tuple[str, ...], list[JournalDocument]] = defaultdict(list)
    for part in parts:
        if part.run and any(line.at.partner for line in part.lines):
            key = (part.run, str(part.period), part.currency, str(part.kind), part.original)
            owing[key].append(part)
        else:
            found.append(_alone(part))
    found += (one for group in owing.values() for one in _together(group, settings))
    return sorted(found, key=lambda one: one.first.id)


def _together(group: Sequence[JournalDocument], settings: ErpSettings) -> list[Entry]:
    sender = settings.sender(group[0].posted_on)
    first = next((one for one in group if one.entity == sender), None)
    entities = {one.entity for one in group}
    lines = sum(len(one.lines) for one in group)
    if first is None or len(entities) < 2 or len(entities) < len(group) or lines > CAP:
        return [_alone(one) for one in group]
    rest = sorted((one for one in group if one is not first), key=lambda one: one.id)
    record = "intercompanyJournalEntry" if len(rest) == 1 else "advIntercompanyJournalEntry"
    return [Entry(record, first, (first, *rest))]


def _alone(part: JournalDocument) -> Entry:
    return Entry("journalEntry", part, (part,))
