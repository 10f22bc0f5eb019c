"""Databricks: who used how many DBUs, from the system table of billable usage. Drivers only.

The money of these rows is a charge already (`format: databricks` of a bill); loaded as usage
they split other cost: a shared workspace's network, the platform team. The quantity is a
meter of its own, called by its unit: `dbu`.

Shape: rows of ``system.billing.usage`` as CSV, or as JSON lines: record_id, account_id,
workspace_id, sku_name, cloud, usage_start_time, usage_end_time, custom_tags (map), usage_unit,
usage_quantity, usage_metadata (struct), identity_metadata (struct), record_type,
billing_origin_product. Structs and maps are JSON. Source: Databricks, billable usage system
table reference (2026).

Trap: a correction is a RETRACTION, which repeats a record with the negative quantity, and a
RESTATEMENT, which is right. A record that is retracted is told anew with the quantity zero, so
that it takes the place of what an earlier file said; the retraction itself is no record.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from apportion.errors import Place, SourceError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.csv_records import csv_records
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import json_value, number, open_text, utc

_NEEDS = (
    "record_id",
    "workspace_id",
    "sku_name",
    "usage_start_time",
    "usage_end_time",
    "usage_unit",
    "usage_quantity",
    "record_type",
)
_OWN = {"record_id", "record_type", "usage_quantity", "ingestion_date"}
"""What differs between a record and its retraction."""

_RETRACTION = "RETRACTION"
_AS_THEY_ARE = "export the rows of the table as they are, structs and maps as JSON"

Row = Mapping[str, Any]


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read the rows twice: the retractions first, which are few, and then what they retract."""
    check_options(spec, ())
    retracted = Counter(
        _key(row, -_quantity(row)) for _, row in _rows(file, UsageRows()) if _is_retraction(row)
    )
    rows = UsageRows()
    for line, row in _rows(file, rows):
        if _is_retraction(row):
            rows.skip()
            continue
        try:
            quantity = _quantity(row)
            key = _key(row, quantity)
            gone = retracted[key] > 0
            record = _record(row, Decimal(0) if gone else quantity)
        except (ValueError, TypeError, KeyError, AttributeError) as fault:
            rows.reject(
                line, "", str(fault), "export the rows of the table as they are", _texts(row)
            )
            continue
        retracted[key] -= gone
        rows.add(line, **record)
        yield from rows.batches()
    _reject_left(rows, +retracted)
    yield from rows.batches(last=True)


def _reject_left(rows: UsageRows, left: Counter[str]) -> None:
    for key, times in left.items():
        for _ in range(times):
            rows.reject(
                None,
                "record_type",
                "a retraction of a record that isn't in the file",
                "export whole days by usage_date, all record types together",
                {"record": key},
            )


def _rows(file: InputFile, rows: UsageRows) -> Iterator[tuple[int, Row]]:
    with open_text(file) as text:
        first = text.read(1)
    if first != "{":
        yield from csv_records(file, _NEEDS, rows, "rows of system.billing.usage")
        return
    with open_text(file) as text:
        for line, written in enumerate(text, start=1):
            if not written.strip():
                continue
            try:
                row = json_value(written)
            except ValueError as fault:
                rows.reject(line, "", str(fault), "a JSON object a line", {"line": written})
                continue
            lacking = [name for name in _NEEDS if name not in row]
            if lacking:
                raise SourceError(
                    f"no rows of system.billing.usage: {lacking[0]!r} is missing",
                    place=Place(file.name, line),
                    hint=f"export {', '.join(_NEEDS)}",
                )
            yield line, row


def _is_retraction(row: Row) -> bool:
    return bool(row["record_type"] == _RETRACTION)


def _quantity(row: Row) -> Decimal:
    return number(str(row["usage_quantity"]))


def _key(row: Row, quantity: Decimal) -> str:
    """What a record and its retraction have in common."""
    said = {name: str(value) for name, value in sorted(row.items()) if name not in _OWN}
    return json.dumps([said, str(quantity.normalize())], ensure_ascii=False)


def _record(row: Row, quantity: Decimal) -> dict[str, object]:
    metadata, tags = _map(row, "usage_metadata"), _map(row, "custom_tags")
    resource = ("endpoint_id", "warehouse_id", "cluster_id", "instance_pool_id")
    return {
        "UsageId": row["record_id"],
        "UsageStart": utc(str(row["usage_start_time"])),
        "UsageEnd": utc(str(row["usage_end_time"])),
        "RunId": metadata.get("job_run_id") or metadata.get("job_id"),
        "UserId": _map(row, "identity_metadata").get("run_as"),
        "ServiceName": metadata.get("endpoint_name") or metadata.get("job_name"),
        "WorkspaceId": row["workspace_id"],
        "AccountId": row.get("account_id"),
        "ProviderName": "Databricks",
        "Operation": row.get("billing_origin_product"),
        "ResourceId": next((metadata[one] for one in resource if metadata.get(one)), None),
        "Attributes": {**tags, "job_id": metadata.get("job_id"), "sku_name": row["sku_name"]},
        "Meter": str(row["usage_unit"]).lower(),
        "Quantity": quantity,
        "Unit": row["usage_unit"],
    }


def _map(row: Row, name: str) -> dict[str, Any]:
    """A map or struct: JSON in a CSV, an object in JSON lines; empty for null."""
    value = row.get(name)
    if isinstance(value, str):
        value = json.loads(value) if value.strip() not in {"", "null"} else None
    if value is not None and not isinstance(value, dict):
        raise ValueError(f"{name} is no JSON object: {value!r}")
    return {key: one for key, one in (value or {}).items() if one is not None}


def _texts(row: Row) -> dict[str, str]:
    return {name: "" if one is None else str(one) for name, one in row.items()}


FORMAT = UsageFormat(
    "databricks-usage",
    read,
    restates=True,
    late=timedelta(days=60),
    null_identity="identity_metadata.run_as is null for use that nobody ran, say storage: "
    "unattributed, unless a tag or the workspace says whose it is",
)
