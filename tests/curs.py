"""Small Cost and Usage Reports for tests, in every spelling that AWS has for them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa

Row = dict[str, str]

USAGE = {
    "identity/LineItemId": "a1",
    "identity/TimeInterval": "2026-10-05T10:00:00Z/2026-10-05T11:00:00Z",
    "bill/BillType": "Anniversary",
    "bill/BillingEntity": "AWS",
    "bill/BillingPeriodStartDate": "2026-10-01T00:00:00Z",
    "bill/BillingPeriodEndDate": "2026-11-01T00:00:00Z",
    "bill/PayerAccountId": "900",
    "lineItem/UsageAccountId": "100",
    "lineItem/LineItemType": "Usage",
    "lineItem/UsageStartDate": "2026-10-05T10:00:00Z",
    "lineItem/UsageEndDate": "2026-10-05T11:00:00Z",
    "lineItem/ProductCode": "AmazonEC2",
    "lineItem/UsageType": "BoxUsage:p5.48xlarge",
    "lineItem/Operation": "RunInstances",
    "lineItem/ResourceId": "i-1",
    "lineItem/UsageAmount": "1",
    "lineItem/CurrencyCode": "USD",
    "lineItem/LegalEntity": "Amazon Web Services, Inc.",
    "lineItem/LineItemDescription": "an hour",
    "pricing/unit": "Hrs",
    "product/ProductName": "Amazon Elastic Compute Cloud",
}

_SHORT = {
    "type": "lineItem/LineItemType",
    "code": "lineItem/ProductCode",
    "name": "product/ProductName",
    "resource": "lineItem/ResourceId",
    "usage_type": "lineItem/UsageType",
    "operation": "lineItem/Operation",
    "start": "lineItem/UsageStartDate",
    "entity": "bill/BillingEntity",
    "net": "lineItem/NetUnblendedCost",
    "on_demand": "pricing/publicOnDemandCost",
    "reservation": "reservation/ReservationARN",
    "reserved": "reservation/EffectiveCost",
    "unused_upfront": "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
    "unused_recurring": "reservation/UnusedRecurringFee",
    "plan": "savingsPlan/SavingsPlanARN",
    "planned": "savingsPlan/SavingsPlanEffectiveCost",
    "committed": "savingsPlan/TotalCommitmentToDate",
    "used": "savingsPlan/UsedCommitment",
    "parent": "splitLineItem/ParentResourceId",
    "split": "splitLineItem/SplitCost",
    "unused": "splitLineItem/UnusedCost",
    "public_split": "splitLineItem/PublicOnDemandSplitCost",
    "public_unused": "splitLineItem/PublicOnDemandUnusedCost",
}


def line(cost: str, /, **over: str) -> Row:
    """A row of October 2026, by its unblended cost; by column or by the short names above."""
    named = {_SHORT.get(name, name): value for name, value in over.items()}
    return USAGE | {"lineItem/UnblendedCost": cost} | named


def tagged(row: Row, **tags: str) -> Row:
    return row | {f"resourceTags/user:{key}": value for key, value in tags.items()}


def columns_of(rows: Iterable[Row]) -> list[str]:
    return sorted({name for row in rows for name in row})


def legacy(rows: Iterable[Row], columns: Iterable[str] | None = None) -> str:
    """The rows as a legacy CSV, with slash names."""
    rows = list(rows)
    names = list(columns or columns_of(rows))
    written = io.StringIO()
    writer = csv.DictWriter(written, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def athena_name(name: str) -> str:
    """A slash name as Athena and legacy Parquet spell it.

    >>> athena_name("savingsPlan/SavingsPlanARN")
    'savings_plan_savings_plan_a_r_n'
    """
    spaced = re.sub(r"([A-Z])", r"_\1", name)
    return re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9]", "_", spaced)).strip("_").lower()


_NUMBER = re.compile(r"(cost|rate|amount|fee|commitment|period|to_date)$")
_NO_NUMBER = re.compile(r"rate_code$|rate_id$")


def athena(rows: Iterable[Row]) -> pa.Table:
    """The rows as legacy Parquet: Athena's names, costs as doubles, times as timestamps."""
    rows = list(rows)
    return _table(
        {athena_name(name): [row.get(name, "") for row in rows] for name in columns_of(rows)}
    )


def _table(columns: Mapping[str, list[Any]]) -> pa.Table:
    return pa.table({name: _array(name, values) for name, values in columns.items()})


def _array(name: str, values: list[Any]) -> pa.Array:
    if any(isinstance(value, dict) for value in values):
        return pa.array(
            [list(value.items()) for value in values], pa.map_(pa.string(), pa.string())
        )
    if name.endswith(("_start_date", "_end_date")):
        texts = pa.array([value.replace("Z", "") or None for value in values])
        return texts.cast(pa.timestamp("ms"))
    if _NUMBER.search(name) and not _NO_NUMBER.search(name):
        return pa.array([float(value) if value else None for value in values], pa.float64())
    return pa.array([value or None for value in values], pa.string())


_MAPS = {"resourceTags/": "resource_tags", "costCategory/": "cost_category"}
_IN_PRODUCT = {"product/ProductName": "product_name"}


def cur2_columns(rows: Iterable[Row]) -> dict[str, list[Any]]:
    """The rows by the columns of CUR 2.0, maps as dictionaries."""
    rows = list(rows)
    made: dict[str, list[Any]] = {}
    for name in ("resource_tags", "cost_category", "product"):
        made[name] = [_map(row, name) for row in rows]
    for name in columns_of(rows):
        if name not in _IN_PRODUCT and not name.startswith(tuple(_MAPS)):
            made[athena_name(name)] = [row.get(name, "") for row in rows]
    return made


def _map(row: Row, wanted: str) -> dict[str, str]:
    if wanted == "product":
        return {key: row[name] for name, key in _IN_PRODUCT.items() if row.get(name)}
    prefix = next(prefix for prefix, name in _MAPS.items() if name == wanted)
    return {
        name.removeprefix(prefix).replace(":", "_"): value
        for name, value in row.items()
        if name.startswith(prefix) and value
    }


def cur2_csv(rows: Iterable[Row], **more: list[str]) -> str:
    """The rows as CUR 2.0 in CSV, maps as JSON texts; `more` are further columns."""
    columns = cur2_columns(rows) | more
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    for values in zip(*columns.values(), strict=True):
        writer.writerow([json.dumps(v) if isinstance(v, dict) else v for v in values])
    return written.getvalue()


def cur2_parquet(rows: Iterable[Row], **more: list[str]) -> pa.Table:
    """The rows as CUR 2.0 in Parquet, with maps."""
    return _table(cur2_columns(rows) | more)


def summed(rows: Iterable[Row], column: str = "lineItem/UnblendedCost") -> Decimal:
    """A native column summed in plain Decimal: what the loaded bill is held against."""
    return sum((Decimal(row[column]) for row in rows if row.get(column)), Decimal(0))
