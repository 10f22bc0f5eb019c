"""NetSuite: files for the CSV import assistant, one for each kind of record.

`External ID` groups the lines of a record; an account must be written exactly as NetSuite
has it; a figure has at most ten digits before the point and two after.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from apportion.publish.erp.csv_text import csv_bytes
from apportion.publish.erp.figures import two_columns
from apportion.publish.erp.limits import Field, Limits
from apportion.publish.erp.netsuite_entries import CAP, Entry, entries
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.target import Files, Parts, Target

LIMITS = Limits(
    names={
        "account": Field(200),
        "cost_center": Field(60),
        "project": Field(60),
        "partner": Field(83),
        "entity": Field(83),
    },
    title=Field(999),
    text=Field(999),
    lines=CAP,
    before=10,
    after=2,
)

_DATES = {"month-first": "%m/%d/%Y", "day-first": "%d/%m/%Y", "iso": "%Y-%m-%d"}
_NAMES = {
    "journalEntry": "netsuite-journal.csv",
    "intercompanyJournalEntry": "netsuite-intercompany.csv",
    "advIntercompanyJournalEntry": "netsuite-advanced-intercompany.csv",
}
_HEAD = ("External ID", "Date", "Subsidiary", "Currency", "Memo")
_LINE = ("Account", "Debit", "Credit", "Department", "Class", "Line Memo")


def render(parts: Parts, settings: ErpSettings) -> Files:
    """A file for each kind of record that there is."""
    found = entries(parts, settings)
    files = {}
    for record, name in _NAMES.items():
        if chosen := [one for one in found if one.record == record]:
            files[name] = csv_bytes(_rows(chosen, record != "journalEntry", settings))
    return files


def _rows(found: Sequence[Entry], between: bool, settings: ErpSettings) -> Iterator[Sequence[str]]:
    own = ("Line Subsidiary", "Due To/From Subsidiary") if between else ()
    yield (*_HEAD, *own, *_LINE)
    for entry in found:
        first = entry.first
        day = _day(first.posted_on, settings)
        head = (first.id, day, first.entity, first.currency, first.text)
        for part in entry.parts:
            for line in part.lines:
                at = line.at
                of_line = (part.entity, at.partner) if between else ()
                amounts = two_columns(part, line)
                yield (
                    *(*head, *of_line, at.account, *amounts),
                    *(at.cost_center, at.project, line.text),
                )


def _day(day: date, settings: ErpSettings) -> str:
    return day.strftime(_DATES.get(settings.option("dates"), _DATES["month-first"]))


TARGET = Target("netsuite-csv", "NetSuite (CSV import)", LIMITS, render)
