"""OpenAI's costs: what each project was billed for each line item, by day.

``/v1/organization/costs`` is what reconciles with the invoice, as the usage reports needn't.

Traps:

* The model stands in the free text of ``line_item`` only (*gpt-4o-2024-08-06, cached input*). It
  is kept whole, and the model is read from it where it begins with one.
* ``amount.value`` is a binary float in JSON (in some answers a text). Its shortest decimal form
  counts, as in all bills that carry floats; it never becomes a float here.
* A result without an amount is no cost of zero: it is set aside.
* ``api_key_id`` and the like are null unless the report was grouped by them.

Source: openai-openapi, CostsResult; OpenAI API reference, Costs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from apportion.sources.cost_rows import OtherReport, Row, float_as_written, lay_out_pages
from apportion.sources.files import InputFile
from apportion.sources.pages import Page
from apportion.sources.unwrap import Plain

_OBJECT = "organization.costs.result"
_COLUMNS = (
    "start_time",
    "end_time",
    "amount_value",
    "amount_currency",
    "line_item",
    "model",
    "quantity",
    "quantity_unit",
    "project_id",
    "project_name",
    "organization_id",
    "organization_name",
    "api_key_id",
    "user_id",
    "api_source",
)
_MODEL = re.compile(r"(?P<model>[A-Za-z][\w.:/-]*[\d-][\w.:/-]*)(?:, .+)?", re.ASCII)
"""What a line item begins with where it begins with a model: one word with a digit or a hyphen."""


def lay_out_openai_costs(file: InputFile, folder: Path) -> Plain:
    """A file of pages as a table of results; raises SourceError where it is none."""
    return lay_out_pages(file, folder, _COLUMNS, _row)


def _row(page: Page, bucket: Mapping[str, Any], result: Mapping[str, Any]) -> Row:
    if result.get("object", _OBJECT) != _OBJECT:
        raise OtherReport(f"its results are of {result['object']!r}")
    amount = result.get("amount")
    money = amount if isinstance(amount, dict) else {}
    return {
        **{name: result.get(name) for name in _COLUMNS},
        "start_time": _day(bucket.get("start_time")),
        "end_time": _day(bucket.get("end_time")),
        "amount_value": float_as_written(money.get("value")),
        "amount_currency": money.get("currency"),
        "model": model_of(result.get("line_item")),
        "quantity": float_as_written(result.get("quantity")),
    }


def model_of(line_item: object) -> str:
    """The model that a line item begins with; empty where it begins with none.

    >>> model_of("gpt-4o-2024-08-06, cached input"), model_of("assistants api | file search")
    ('gpt-4o-2024-08-06', '')
    """
    found = _MODEL.fullmatch(line_item) if isinstance(line_item, str) else None
    return found["model"] if found else ""


def _day(seconds: object) -> object:
    """A time in seconds as ISO 8601; what is none stays as it is, and sets its row aside."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | Decimal):
        return seconds
    try:
        return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, OSError, ValueError):
        return seconds
