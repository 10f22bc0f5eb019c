"""SAP S/4HANA: the sheet of *Upload General Journal Entries*.

Debit and credit are columns of their own, both positive; dates are YYYYMMDD. Entries that
failed are corrected and uploaded again under the same batch id, which SAP knows them by.

Source: the app's template (F2548), technical names of its columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apportion.domain.journal import JournalDocument
from apportion.publish.erp.csv_text import csv_bytes
from apportion.publish.erp.figures import two_columns
from apportion.publish.erp.limits import Charset, Field, Limits
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.short_id import short_id
from apportion.publish.erp.target import Files, Parts, Target

LIMITS = Limits(
    names={
        "account": Field(10, Charset.ASCII),
        "cost_center": Field(10, Charset.ASCII),
        "profit_center": Field(10, Charset.ASCII),
        "partner": Field(6, Charset.ASCII),
        "tax_code": Field(2, Charset.ASCII),
        "entity": Field(4, Charset.ASCII),
    },
    title=Field(25, Charset.LATIN),
    text=Field(50, Charset.LATIN),
    lines=900,
    after=3,
)

WIDTH = 14
_HEADER = {
    "BUKRS": "*Company Code (4)",
    "BLART": "*Journal Entry Type (2)",
    "BLDAT": "*Journal Entry Date",
    "BUDAT": "*Posting Date",
    "MONAT": "Fiscal period (2)",
    "BKTXT": "Document Header Text (25)",
    "WAERS": "*Transaction Currency (5)",
}
_ITEM = {
    "BUKRS": "Company Code (4)",
    "HKONT": "G/L Account (10)",
    "SGTXT": "Item Text (50)",
    "WRSOL": "Debit",
    "WRHAB": "Credit",
    "MWSKZ": "Tax Code (2)",
    "KOSTL": "Cost Center (10)",
    "PRCT": "Profit Center (10)",
    "SEGMENT": "Segment for Segmental Reporting (10)",
    "MATNR_EXT": "Material Number(C40 Field)",
    "FKBER": "Functional Area (16)",
    "VBUND": "Trading Partner (6)",
    "RMVCT": "Financial Transaction Type (3)",
}


def render(parts: Parts, settings: ErpSettings) -> Files:
    """One sheet with a block for each part."""
    rows = (_row(*row) for row in _sheet(parts, settings))
    return {"sap-upload.csv": csv_bytes(rows)}


def _row(*cells: str) -> Sequence[str]:
    return (*cells, *("",) * (WIDTH - len(cells)))


def _sheet(parts: Parts, settings: ErpSettings) -> Iterator[Sequence[str]]:
    yield ("Upload General Journal Entry",)
    yield ("// To add field columns to the template, please add technical names.",)
    yield ()
    yield ("Batch ID", short_id("+".join(one.id for one in parts), 16))
    for number, part in enumerate(parts, 1):
        yield ()
        yield (str(number), "Header")
        yield ("", *_HEADER)
        yield ("", *_HEADER.values())
        yield _head(part, settings)
        yield ("", "Line Items")
        yield ("", "", "", "", "Transaction Currency")
        yield ("", *_ITEM)
        yield ("", *_ITEM.values())
        for line in part.lines:
            at = line.at
            amounts = two_columns(part, line)
            sides = (at.tax_code, at.cost_center, at.profit_center, "", "", "", at.partner, "")
            yield ("", part.entity, at.account, line.text, *amounts, *sides)


def _head(part: JournalDocument, settings: ErpSettings) -> Sequence[str]:
    day = part.posted_on.strftime("%Y%m%d")
    kind = settings.option("document_type", "SA")
    month = f"{part.posted_on.month:02}"
    return ("", part.entity, kind, day, day, month, part.text, part.currency)


TARGET = Target("sap-upload", "SAP S/4HANA upload sheet", LIMITS, render)
