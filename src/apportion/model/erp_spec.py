"""What an ERP must be told besides the journal, as apportion.yaml declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from apportion.errors import Place

CODE_KINDS = (
    "accounts",
    "cost_centers",
    "profit_centers",
    "projects",
    "entities",
    "currencies",
    "tax_codes",
)
"""Names of the model that an ERP may know by other codes."""

ERP_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "sap-journal-entry": (
        "user",
        "document_type",
        *("url", "entities", "path", "read_back", "reference", "settled_after"),
    ),
    "sap-upload": ("document_type",),
    "sap-activity": ("controlling_area", "activity_types", "senders"),
    "netsuite-rest": ("url", "entities"),
    "netsuite-csv": ("dates",),
    "oracle-fusion": ("ledgers", "source", "category", "segments", "blank", "columns"),
    "dynamics-365": ("journal_name", "dimensions"),
    "workday": ("source", "ledger_type", "book", "submit"),
    "quickbooks": ("cost_center_as", "url", "entities", "account"),
    "xero": ("currency", "status", "tracking", "url", "entities", "account"),
    "beancount": ("assertions",),
    "hledger": ("assertions",),
    "ledger": (),
    "csv": (),
}
"""Formats of journals by name, and the options of each; its how-to section says what they do."""


@dataclass(frozen=True)
class ErpSpec:
    """Settings of one format: options, the ERP's codes of names, and lines of a document."""

    format: str
    place: Place
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lines: int = 0
