"""FOCUS 1.0-preview: what its columns and values are called since 1.0.

Oracle's cost reports and the first exports of Azure are written in it. It has
no ContractedCost and no ChargeClass; what 1.0 says in ChargeCategory and
CommitmentDiscountStatus, it says in ChargeSubcategory.

Source: FOCUS specification 1.0-preview and 1.0, change log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from apportion.domain.charge import Kind
from apportion.sources.expression import expression
from apportion.sources.reading import ReadColumn
from apportion.store.relation import text as literal

VERSION = "1.0-preview"

RENAMED: Mapping[str, str] = {
    "ChargeSubcategory": "x_ChargeSubcategory",
    "InvoiceIssuer": "InvoiceIssuerName",
    "Provider": "ProviderName",
    "Publisher": "PublisherName",
    "Region": "RegionId",
    "UsageQuantity": "ConsumedQuantity",
    "UsageUnit": "ConsumedUnit",
}
"""Names of 1.0-preview, and those of 1.0; ChargeSubcategory is no column any more."""

ABSENT = ("ChargeClass", "ContractedCost")
"""Mandatory columns of 1.0 that 1.0-preview doesn't know."""

CATEGORIES: Mapping[str, str] = {"Credit": "Credit"}
"""Subcategories that have become a ChargeCategory."""

STATUSES: Mapping[str, str] = {"Used Commitment": "Used", "Unused Commitment": "Unused"}
"""Subcategories that have become a CommitmentDiscountStatus."""

_BY_SPELLING = {name.lower(): released for name, released in RENAMED.items()}
_TELLING = frozenset({"chargesubcategory", "invoiceissuer", "usagequantity"})


def is_preview(names: Iterable[str]) -> bool:
    """Whether a file is written in 1.0-preview, by columns that only it knows."""
    there = {name.lower() for name in names}
    return not _TELLING.isdisjoint(there) and "chargeclass" not in there


def released_name(name: str, names: Sequence[str]) -> str:
    """The name of a column since 1.0, unless the file has a column of that name too."""
    released = _BY_SPELLING.get(name.lower(), name)
    return name if released in names else released


def as_released(columns: Sequence[ReadColumn]) -> tuple[ReadColumn, ...]:
    """The columns, with what the subcategory says where 1.0 says it."""
    held = {column.name: column for column in columns}
    told = held.get("x_ChargeSubcategory")
    if told is None:
        return tuple(columns)
    if category := held.get("ChargeCategory"):
        value = _one_of(told.value, CATEGORIES, category.value)
        held["ChargeCategory"] = replace(category, value=value)
    if "CommitmentDiscountStatus" not in held:
        value = _one_of(told.value, STATUSES, exp.cast(exp.null(), exp.DataType.Type.VARCHAR))
        held["CommitmentDiscountStatus"] = ReadColumn(
            "CommitmentDiscountStatus", Kind.TEXT, value, told.written
        )
    return tuple(held.values())


def _one_of(told: exp.Expr, meanings: Mapping[str, str], other: exp.Expr) -> exp.Expr:
    """What a value means by a table, else something other."""
    cases = [
        exp.If(
            this=expression("SELECT _told = _word", _told=told.copy(), _word=literal(word)),
            true=literal(meaning),
        )
        for word, meaning in meanings.items()
    ]
    return exp.Case(ifs=cases, default=other.copy())
