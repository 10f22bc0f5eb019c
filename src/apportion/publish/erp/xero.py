"""Xero: manual journals for its API, one JSON file each.

Amounts are signed, debit above zero. A manual journal has no currency: it is in that of the
organisation, which settings name, and documents of another are refused. A line has at
most two tracking categories.

Source: Xero Accounting API, OpenAPI 16.1, ManualJournals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from apportion.domain.finding import Finding, Level
from apportion.domain.journal import JournalDocument, JournalLine
from apportion.publish.erp.figures import signed
from apportion.publish.erp.json_text import Figure, Json, json_bytes
from apportion.publish.erp.limits import Field, Limits
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.target import Files, Parts, Target, file_name

_OPTION = Field(100)
LIMITS = Limits(
    names={
        "account": Field(10),
        "cost_center": _OPTION,
        "profit_center": _OPTION,
        "project": _OPTION,
        "tax_code": Field(20),
        "entity": Field(60),
    },
    title=Field(3900),
    text=Field(4000),
    lines=300,
    before=12,
    after=4,
    needed=("currency",),
)
TRACKED = ("cost_center", "profit_center", "project")
MOST_TRACKING = 2


def asks(parts: Parts, settings: ErpSettings) -> Iterator[Finding]:
    """All documents in the organisation's currency, and no more tracking than there is room for."""
    own = settings.option("currency")
    for part in parts:
        if own and part.currency != own:
            yield _wrong(
                settings, f"{part.id} is in {part.currency}; manual journals of Xero are in {own}"
            )
    tracking = settings.pairs("tracking")
    unknown = sorted(set(tracking) - set(TRACKED))
    if unknown or len(tracking) > MOST_TRACKING:
        known = ", ".join(TRACKED)
        yield _wrong(settings, f"`tracking` is at most two of {known}, each with its category")


def _wrong(settings: ErpSettings, message: str) -> Finding:
    return Finding(
        "erp-setting-wrong",
        Level.ERROR,
        message,
        settings.spec.place,
        "correct `options` of the format, or post this document by another",
    )


def render(parts: Parts, settings: ErpSettings) -> Files:
    """A file for each part, by its external id."""
    return {
        f"xero-{file_name(part.id)}.json": json_bytes(_journals(part, settings)) for part in parts
    }


def _journals(part: JournalDocument, settings: ErpSettings) -> Json:
    tracking = settings.pairs("tracking")
    return {
        "ManualJournals": [
            {
                "Narration": f"{part.text} {part.id}".strip(),
                "Date": part.posted_on.isoformat(),
                "LineAmountTypes": "NoTax",
                "Status": settings.option("status", "DRAFT"),
                "JournalLines": [_line(part, line, tracking) for line in part.lines],
            }
        ]
    }


def _line(part: JournalDocument, line: JournalLine, tracking: Mapping[str, str]) -> Json:
    made: dict[str, Json] = {
        "LineAmount": Figure(signed(part, line)),
        "AccountCode": line.at.account,
    }
    if line.text:
        made["Description"] = line.text
    if line.at.tax_code:
        made["TaxType"] = line.at.tax_code
    tracked: list[Json] = [
        {"Name": category, "Option": getattr(line.at, name)}
        for name, category in tracking.items()
        if getattr(line.at, name)
    ]
    return {**made, "Tracking": tracked} if tracked else made


TARGET = Target("xero", "Xero manual journals", LIMITS, render, asks)
