"""Small bills of Google Cloud, as each kind of export writes them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

Native = dict[str, Any]

_LISTS = ("labels", "system_labels", "tags", "credits")


def usage(cost: str, *with_credits: Native, **over: Any) -> Native:
    """An hour of a virtual machine in October 2026; amounts are texts that hold a number."""
    made: Native = {
        "billing_account_id": "010101-ABCDEF-010101",
        "service": {"id": "6F81-5844-456A", "description": "Compute Engine"},
        "sku": {"id": "CP-1", "description": "A3 Instance Core running in Americas"},
        "usage_start_time": "2026-10-05 10:00:00 UTC",
        "usage_end_time": "2026-10-05 11:00:00 UTC",
        "project": {
            "id": "acme-nlp",
            "number": "123456789012",
            "name": "Acme NLP",
            "labels": [{"key": "team", "value": "nlp"}],
            "ancestry_numbers": "/1/22/",
        },
        "labels": [],
        "system_labels": [{"key": "compute.googleapis.com/cores", "value": "8"}],
        "tags": [],
        "location": {"location": "us-central1-a", "country": "US", "region": "us-central1"},
        "resource": {
            "name": "vm-1",
            "global_name": "//compute.googleapis.com/projects/1/zones/us-central1-a/instances/77",
        },
        "transaction_type": "GOOGLE",
        "export_time": "2026-10-05 15:00:00 UTC",
        "cost": Decimal(cost),
        "currency": "USD",
        "currency_conversion_rate": Decimal("1.0"),
        "usage": {
            "amount": Decimal(3600),
            "unit": "seconds",
            "amount_in_pricing_units": Decimal(1),
            "pricing_unit": "hour",
        },
        "credits": list(with_credits),
        "invoice": {"month": "202610"},
        "cost_type": "regular",
    }
    return made | over


def credit(kind: str | None, amount: str, name: str = "a credit") -> Native:
    return {
        "name": name,
        "amount": Decimal(amount),
        "full_name": None,
        "id": f"{kind}:1",
        "type": kind,
    }


class _Spelled(float):
    """A float that is written by the digits of a decimal."""

    def __new__(cls, spelling: str) -> _Spelled:
        made = super().__new__(cls, spelling)
        made.spelling = spelling
        return made

    spelling: str

    def __repr__(self) -> str:
        return self.spelling


def json_text(value: Any) -> str:
    """JSON in which each Decimal stands as a number with all its digits."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(key)}: {json_text(inner)}" for key, inner in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(json_text(inner) for inner in value) + "]"
    return json.dumps(value)


def json_lines(rows: Iterable[Native]) -> str:
    return "".join(json_text(row) + "\n" for row in rows)


def python_text(value: Any) -> str:
    """What Python prints for a value, as CSVs get it that went through Python tools."""
    return repr(_as_spelled(value))


def _as_spelled(value: Any) -> Any:
    if isinstance(value, Decimal):
        return _Spelled(str(value))
    if isinstance(value, Mapping):
        return {key: _as_spelled(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_spelled(inner) for inner in value]
    return value


def flat(row: Native, lists: Any = json_text) -> dict[str, str]:
    """A row as a CSV has it: dots for records, lists as text of a kind."""
    made: dict[str, str] = {}
    for name, value in row.items():
        fields = value.items() if isinstance(value, Mapping) else [("", value)]
        for field, inner in fields:
            text = lists(inner) if isinstance(inner, list) else _plain(inner)
            made[f"{name}.{field}".removesuffix(".")] = text
    return made


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def csv_text(rows: Sequence[Native], lists: Any = json_text) -> str:
    flattened = [flat(row, lists) for row in rows]
    columns = list(dict.fromkeys(name for row in flattened for name in row))
    written = io.StringIO()
    writer = csv.DictWriter(written, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(flattened)
    return written.getvalue()


def parquet(rows: Sequence[Native]) -> pa.Table:
    """Nested columns, with binary floating point where BigQuery has it."""
    return pa.Table.from_pylist([_with_floats(row) for row in rows])


def _with_floats(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {key: _with_floats(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_floats(inner) for inner in value]
    return value


def billed(rows: Iterable[Native]) -> Decimal:
    """What rows and their credits come to, summed plainly."""
    return sum(
        (row["cost"] + sum((one["amount"] for one in row["credits"]), Decimal(0)) for row in rows),
        Decimal(0),
    )
