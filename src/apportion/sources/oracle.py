"""Oracle Cloud: cost reports in FOCUS 1.0-preview, with Oracle's own columns.

Oracle never writes a row anew. A correction is a row of its own that names the
row it corrects in ``oci_BackReferenceNumber``, often of an earlier report. It
is taken as what it changes: it is added, so that a corrected charge is the sum
of both, and all rows together are what Oracle bills. It carries ChargeClass
Correction, and loading tells how many there are.

Source: Oracle Cloud Infrastructure documentation, "Cost Reports Overview"
(FOCUS reports) and FOCUS specification 1.0-preview.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from apportion.domain.charge import Kind
from apportion.model.project import SourceSpec
from apportion.sources.expression import expression
from apportion.sources.focus import read_focus
from apportion.sources.head import Head
from apportion.sources.reading import ReadColumn, Reading

CORRECTED = "x_BackReferenceNumber"
"""Which row a correction corrects, by its `x_ReferenceNumber`."""

NATIVE: Mapping[str, str] = {
    "oci_ReferenceNumber": "x_ReferenceNumber",
    "oci_BackReferenceNumber": CORRECTED,
    "oci_CompartmentId": "x_CompartmentId",
    "oci_CompartmentName": "x_CompartmentName",
    "oci_OverageFlag": "x_OverageFlag",
    "oci_UnitPriceOverage": "x_UnitPriceOverage",
    "oci_BilledQuantityOverage": "x_BilledQuantityOverage",
    "oci_CostOverage": "x_CostOverage",
    "oci_AttributedUsage": "x_AttributedUsage",
    "oci_AttributedCost": "x_AttributedCost",
}
"""Oracle's own columns, under names that rules can use. What is over a commitment (overage) is
part of the billed amounts already, and attributed cost says again what other rows bill."""

_BY_SPELLING = {name.lower(): kept for name, kept in NATIVE.items()}


def read_oracle(head: Head, spec: SourceSpec, currency: str) -> Reading:
    """How a cost report of Oracle is read; raises SourceError as `read_focus` does."""
    reading = read_focus(head, spec, currency)
    columns = tuple(_kept(column) for column in reading.columns)
    corrected = next((column for column in columns if column.name == CORRECTED), None)
    if corrected and not reading.has("ChargeClass"):
        columns = (*columns, _charge_class(corrected))
    return replace(reading, columns=columns)


def _kept(column: ReadColumn) -> ReadColumn:
    name = _BY_SPELLING.get(column.name.lower())
    return replace(column, name=name, written=column.name) if name else column


def _charge_class(corrected: ReadColumn) -> ReadColumn:
    value = expression(
        "SELECT CASE WHEN trim(_row) <> '' THEN 'Correction' END", _row=corrected.value
    )
    return ReadColumn("ChargeClass", Kind.TEXT, value, corrected.written)
