"""Vertex AI's use from Google Cloud's billing export: amounts by SKU, project and request label.

The money of these rows is a charge already (`format: gcp` of a bill). As usage they tell who
caused it where requests carry labels (up to 64, lower case): label the team, never the user, since
keys with more than 1,000 values may be dropped without a word.

Shape: rows of the export, standard or detailed, as JSON lines (``bq extract``, nested) or as a
flattened CSV: service.description, sku.description, usage_start_time, usage_end_time, project.id,
labels, location.region, cost, currency, usage.amount, usage.unit, cost_type. Of services other than
Vertex AI and Gemini rows are passed over.

What a SKU's description says is its class of tokens (*Gemini 2.5 Flash GA Text Input -
Predictions*) where its unit is `count`, `requests` or `tokens`: of token SKUs all are counts of
tokens. All other amounts count in a meter that is called as the SKU is. The storage of a cache is
no tokens.

Source: Google Cloud, schema of the billing export; descriptions of SKUs and their units as public
programs read them (2026); that list isn't closed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.gcp.export import GOOGLE
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.gateway_records import Shape, discreet, objects
from apportion.sources.usage.gateway_values import money, quantity, text, time
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_texts import json_value, natural_id

_SERVICES = re.compile(r"vertex ai|gemini|generative language", re.IGNORECASE)
_COUNTS = {"count", "requests", "tokens"}
_MODEL = re.compile(
    r"^(?P<model>.+?)(?: GA)?(?: (?:Global|Regional|Thinking|Long|Cached|Batch|Flex|Priority))*"
    r" (?:Text|Audio|Image|Video) (?:Input|Output)\b(?P<rest>.*)$"
)
_CLASS = re.compile(r"\b(Text|Audio|Image|Video) (Input|Output)\b")
_METERS = {
    ("Text", "Input"): "uncached_input_tokens",
    ("Video", "Input"): "uncached_input_tokens",
    ("Audio", "Input"): "input_audio_tokens",
    ("Image", "Input"): "input_image_tokens",
    ("Text", "Output"): "output_tokens",
    ("Audio", "Output"): "output_audio_tokens",
    ("Image", "Output"): "output_image_tokens",
}
_CACHED = re.compile(r"cach", re.IGNORECASE)
_TIER = re.compile(r"\b(batch|flex|priority)\b", re.IGNORECASE)
_LONG = re.compile(r"\blong\b", re.IGNORECASE)

_NEEDS = ("service.description", "sku.description", "usage_start_time", "usage.amount")
_SHAPE = Shape(
    what="rows of Google Cloud's billing export",
    needs=(),
    shown=("sku.description", "usage_start_time", "project.id"),
    hint="export the rows of the table gcp_billing_export_v1_… as they are",
    refuse=lambda names: _lacks(set(names)),
)


def _lacks(names: set[str]) -> str:
    nested = {name.split(".")[0] for name in _NEEDS}
    if set(_NEEDS) <= names or nested <= names:
        return ""
    return "this is no billing export of Google Cloud"


def read_vertex_billing(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """The amounts of a file of rows; raises SourceError where it is none."""
    check_options(spec, ())
    rows, seen = discreet(_SHAPE), Counter[str]()
    for line, given in objects(file, _SHAPE, rows):
        row = _flat(given)
        kind = text(row, "cost_type") or "regular"
        if kind != "regular" or not _SERVICES.search(text(row, "service.description") or ""):
            rows.skip()
            continue
        try:
            rows.add(line, **_record(row, seen))
        except (ValueError, TypeError) as fault:
            rows.reject(line, "", str(fault), _SHAPE.hint, row)
        yield from rows.batches()
    yield from rows.batches(last=True)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Nested objects as columns with a point; lists stay."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{inner}": one for inner, one in value.items()}
        else:
            flat[name] = value
    return flat


def _record(row: Mapping[str, Any], seen: Counter[str]) -> dict[str, object]:
    sku = text(row, "sku.description") or ""
    start, end = time(row, "usage_start_time"), time(row, "usage_end_time")
    labels = _labels(row)
    project, region = text(row, "project.id"), text(row, "location.region", "location.location")
    about = (start, end, text(row, "sku.id") or sku, project, region, text(row, "resource.name"))
    same = natural_id("vertex-billing", *about, sorted(labels.items()))
    seen[same] += 1
    cost, tier = money(row, "cost"), _TIER.search(sku)
    model = _MODEL.match(sku)
    return {
        "UsageId": same if seen[same] == 1 else natural_id(same, seen[same]),
        "UsageStart": start,
        "UsageEnd": end,
        "ProjectId": project,
        "ProviderName": GOOGLE,
        "ModelId": model["model"] if model else None,
        "ServiceTier": tier[1].lower() if tier else None,
        "ContextWindow": "long" if _LONG.search(sku) else None,
        "RegionId": region,
        "ResourceId": text(row, "resource.name"),
        "Attributes": {**labels, "sku": sku},
        **_meter(sku, text(row, "usage.unit") or "", quantity(row, "usage.amount")),
        "ReportedCost": cost,
        "ReportedCurrency": None if cost is None else text(row, "currency"),
    }


def _meter(sku: str, unit: str, amount: Decimal) -> dict[str, object]:
    found = _CLASS.search(sku)
    meter = _METERS.get((found[1], found[2])) if found else None
    is_count = unit.lower() in _COUNTS and amount == int(amount)
    if meter is None or not is_count or "storage" in sku.lower():
        return {"Meter": sku, "Quantity": amount, "Unit": unit or "units"}
    if _CACHED.search(sku):
        audio = meter == "input_audio_tokens"
        meter = "cache_read_audio_tokens" if audio else "cache_read_tokens"
    made: dict[str, object] = {meter: int(amount)}
    if "Thinking" in sku and meter == "output_tokens":
        made["reasoning_tokens"] = int(amount)
    return made


def _labels(row: Mapping[str, Any]) -> dict[str, str]:
    """Labels of requests and resources: a list of keys and values, JSON in a CSV."""
    listed = row.get("labels")
    if isinstance(listed, str):
        listed = json_value(listed) if listed.strip() else []
    if not isinstance(listed, list):
        return {}
    return {
        str(one["key"]): str(one["value"])
        for one in listed
        if isinstance(one, dict) and one.get("key") and one.get("value") is not None
    }


FORMAT = UsageFormat(
    "vertex-billing",
    read_vertex_billing,
    restates=True,
    late=timedelta(days=5),
    null_identity="a row without labels is a request that nobody labelled: the project is all that "
    "is known",
)
