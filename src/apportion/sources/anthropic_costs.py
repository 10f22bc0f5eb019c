"""Anthropic's cost report: what each workspace was billed for each kind of token, by day.

Traps:

* ``amount`` is a decimal text in **cents**: "123.45" is 1.2345 dollars.
* There is no API key in cost. What a key costs is its share of the workspace's cost by its tokens
  of exactly that day, model, kind, tier and context window, which the usage report tells.
* A null workspace is the default workspace, and is called ``default``, where the report was
  grouped by workspace; see :mod:`apportion.sources.anthropic_workspace`.
* Cost of Priority Tier never appears here; code execution appears here only.
* Model, kind of token, tier and context window are null unless grouped by ``description``.

Source: Anthropic Admin API reference, cost report.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from apportion.sources.anthropic_workspace import Workspaces
from apportion.sources.cost_rows import OtherReport, Row, lay_out_pages
from apportion.sources.files import InputFile
from apportion.sources.pages import Page
from apportion.sources.unwrap import Plain

_RESULT = (
    "amount",
    "currency",
    "description",
    "cost_type",
    "model",
    "token_type",
    "service_tier",
    "context_window",
    "inference_geo",
)
_COLUMNS = ("starting_at", "ending_at", *_RESULT, "workspace", "meter", "price")

METERS: Mapping[str, str] = {
    "uncached_input_tokens": "input",
    "cache_read_input_tokens": "cached input",
    "cache_creation.ephemeral_5m_input_tokens": "cache write 5m",
    "cache_creation.ephemeral_1h_input_tokens": "cache write 1h",
    "output_tokens": "output",
}
"""Kinds of token in the words that classification reads."""


def lay_out_anthropic_costs(file: InputFile, folder: Path) -> Plain:
    """A file of pages as a table of results; raises SourceError where it is none."""
    return lay_out_pages(file, folder, _COLUMNS, partial(_row, Workspaces.of(file)))


def _row(
    workspaces: Workspaces, page: Page, bucket: Mapping[str, Any], result: Mapping[str, Any]
) -> Row:
    if "amount" not in result and "output_tokens" in result:
        raise OtherReport("its results count tokens and have no amount")
    return {
        **{name: result.get(name) for name in _RESULT},
        **{name: bucket.get(name) for name in ("starting_at", "ending_at")},
        "workspace": workspaces.named(page.asked, result),
        "meter": _meter(result),
        "price": "/".join(str(result[name]) for name in _PRICED_BY if result.get(name)),
    }


_PRICED_BY = ("model", "token_type", "service_tier", "context_window", "inference_geo")


def _meter(result: Mapping[str, Any]) -> str:
    """What is metered, as a line item: the model, the kind of token, and the tier if it's batch."""
    model, kind = result.get("model"), METERS.get(str(result.get("token_type")))
    if not model or kind is None:
        return str(result.get("description") or "")
    batch = " batch" if result.get("service_tier") == "batch" else ""
    return f"{model},{batch} {kind}"
