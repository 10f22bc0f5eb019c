"""NetSuite: records for its REST API, one JSON file each.

Everything is known by internal ids, which settings name. Tax fields aren't in this
interface. A POST of an `externalId` that exists is refused, which is what keeps an entry
from being posted twice; never PUT, which would change what was posted.

Source: NetSuite REST API, records journalEntry, intercompanyJournalEntry and
advIntercompanyJournalEntry.
"""

from __future__ import annotations

from apportion.domain.journal import JournalDocument, JournalLine
from apportion.publish.erp.figures import unsigned
from apportion.publish.erp.json_text import Figure, Json, json_bytes
from apportion.publish.erp.limits import Field, Limits
from apportion.publish.erp.netsuite_entries import CAP, Entry, entries
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.target import Files, Parts, Target, file_name

_ID = Field(30)
LIMITS = Limits(
    names={
        "account": _ID,
        "cost_center": _ID,
        "project": _ID,
        "partner": _ID,
        "entity": _ID,
        "currency": _ID,
    },
    title=Field(999),
    text=Field(999),
    lines=CAP,
    before=10,
    after=3,
    coded=frozenset(("account", "cost_center", "project", "partner", "entity", "currency")),
)


def render(parts: Parts, settings: ErpSettings) -> Files:
    """A file for each record, by the name of the record type and the external id."""
    return {
        f"{one.record}-{file_name(one.first.id)}.json": json_bytes(_record(one, settings))
        for one in entries(parts, settings)
    }


def _record(entry: Entry, settings: ErpSettings) -> Json:
    first = entry.first
    between = len(entry.parts) > 1
    made: dict[str, Json] = {
        "externalId": first.id,
        "subsidiary": {"id": first.entity},
        "currency": {"id": settings.code("currency", first.currency) or first.currency},
        "tranDate": first.posted_on.isoformat(),
        "memo": first.text,
    }
    if entry.record == "intercompanyJournalEntry":
        made["toSubsidiary"] = {"id": entry.receivers[0]}
    items = [_item(part, line, between) for part in entry.parts for line in part.lines]
    return {**made, "line": {"items": items}}


def _item(part: JournalDocument, line: JournalLine, between: bool) -> Json:
    made: dict[str, Json] = {"lineSubsidiary": {"id": part.entity}} if between else {}
    made["account"] = {"id": line.at.account}
    made[str(line.side)] = Figure(unsigned(part, line))
    if line.at.cost_center:
        made["department"] = {"id": line.at.cost_center}
    if line.at.project:
        made["class"] = {"id": line.at.project}
    if between and line.at.partner:
        made["dueToFromSubsidiary"] = {"id": line.at.partner}
    return {**made, "memo": line.text} if line.text else made


TARGET = Target("netsuite-rest", "NetSuite (REST)", LIMITS, render)
