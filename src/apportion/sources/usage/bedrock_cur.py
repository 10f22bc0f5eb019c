"""Amazon Bedrock's tokens from the Cost and Usage Report: who used how much of which model.

A row of the report is one kind of token of one model, by hour or day, for one principal
(`line_item_iam_principal`, if the export includes it) and one resource (an inference profile). The
money of these rows is a charge already (`format: aws-cur` of a bill): here they are usage only, to
split other cost, and to have unit costs; their cost is kept beside them for comparison.

Shape: CUR 2.0 or legacy, CSV or Parquet, the whole report: rows of other services are passed over.
Tags come as a map (`resource_tags`, `tags`) or as columns; those of principals begin with
``iamPrincipal/``.

Traps:

* The amount is in the row's `pricing_unit`: *1K tokens* or *1M tokens*. Marketplace rows may say
  *Units*: then say ``options: {units: 1M}``, after comparing one row with its price.
* Rows of the same month come anew with each delivery, with new line item ids. A record is known by
  what it is about, and by its turn among equal rows.
* Requests aren't told. Provisioned and reserved throughput isn't use, and is passed over.

Source: AWS, Bedrock user guide, *Understanding your Cost and Usage Report data*; Data Exports, CUR
2.0 columns (2026).
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
from apportion.sources.usage.aws_principal import of_principal
from apportion.sources.usage.bedrock_usage_type import UsageType, bedrock_usage_type
from apportion.sources.usage.format_options import check_options, one_of
from apportion.sources.usage.gateway_records import Shape, discreet, objects
from apportion.sources.usage.gateway_values import money, part, plain, quantity, text, time
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_texts import natural_id

_UNITS = {
    "tokens": 1,
    "token": 1,
    "1k tokens": 1_000,
    "1000 tokens": 1_000,
    "1m tokens": 1_000_000,
    "1000000 tokens": 1_000_000,
}
_SAID = {"tokens": 1, "1K": 1_000, "1M": 1_000_000}
_NEAR = Decimal("0.001")
_USED = {"Usage", "DiscountedUsage", "SavingsPlanCoveredUsage"}
_TAG = re.compile(r"(?:resource_?tags[/_]|tags/)(?P<key>.+)", re.IGNORECASE)
_MAPS = ("resource_tags", "tags")
_EDITION = re.compile(r"\s*\((?:Amazon )?Bedrock Edition\)$")

_NEEDS = (
    "line_item_usage_type",
    "line_item_usage_amount",
    "line_item_usage_start_date",
    "line_item_line_item_type",
    "line_item_product_code",
)
_SHAPE = Shape(
    what="rows of a Cost and Usage Report",
    needs=(),
    shown=("line_item_usage_type", "line_item_usage_amount", "line_item_usage_start_date"),
    hint="take the Cost and Usage Report as it is delivered",
    refuse=lambda names: _lacks({snake(name) for name in names}),
)


def _lacks(names: set[str]) -> str:
    lacking = [name for name in _NEEDS if name not in names]
    return f"no rows of a Cost and Usage Report: {lacking[0]!r} is missing" if lacking else ""


def snake(name: str) -> str:
    """A column as CUR 2.0 writes it; tags keep their names.

    >>> snake("lineItem/UsageType"), snake("resourceTags/user:Team")
    ('line_item_usage_type', 'resourceTags/user:Team')
    """
    if _TAG.fullmatch(name):
        return name
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.replace("/", "_")).lower().replace("__", "_")


def read_bedrock_cur(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """The tokens of a report; raises SourceError where it is none."""
    check_options(spec, {"units"})
    units = _SAID.get(one_of(spec, "units", ("", *_SAID)))
    rows, seen = discreet(_SHAPE), Counter[str]()
    names: dict[str, str] = {}
    for line, given in objects(file, _SHAPE, rows):
        row = {names.setdefault(name, snake(name)): value for name, value in given.items()}
        said = _of_bedrock(row)
        if said is None:
            rows.skip()
            continue
        try:
            rows.add(line, **_record(row, said, units, seen))
        except (ValueError, TypeError) as fault:
            rows.reject(line, "line_item_usage_amount", str(fault), _SHAPE.hint, row)
        yield from rows.batches()
    yield from rows.batches(last=True)


def _of_bedrock(row: Mapping[str, Any]) -> UsageType | None:
    code = text(row, "line_item_product_code") or ""
    written = text(row, "line_item_usage_type") or ""
    if text(row, "line_item_line_item_type") not in _USED:
        return None
    if not code.startswith("AmazonBedrock") and "MP:" not in written:
        return None
    return bedrock_usage_type(written)


def _record(
    row: Mapping[str, Any], said: UsageType, units: int | None, seen: Counter[str]
) -> dict[str, object]:
    principal = text(row, "line_item_iam_principal")
    who, session = of_principal(principal)
    tags = _tags(row)
    start, end = time(row, "line_item_usage_start_date"), time(row, "line_item_usage_end_date")
    account, resource = text(row, "line_item_usage_account_id"), text(row, "line_item_resource_id")
    written = text(row, "line_item_usage_type")
    product = text(row, "product_product_name", "product_servicename")
    about = (start, end, account, written, text(row, "line_item_operation"), resource, principal)
    same = natural_id("bedrock", *about, product, sorted(tags.items()))
    seen[same] += 1
    cost = money(row, "line_item_unblended_cost")
    return {
        "UsageId": same if seen[same] == 1 else natural_id(same, seen[same]),
        "UsageStart": start,
        "UsageEnd": end,
        **who,
        "AccountId": account,
        "ProviderName": "AWS",
        "ModelId": said.model or _EDITION.sub("", product or "") or None,
        "ServiceTier": said.tier or None,
        "RegionId": text(row, "product_region_code", "product_region"),
        "ResourceId": resource,
        "Operation": text(row, "line_item_operation"),
        "Attributes": {
            **tags,
            **session,
            "usage_type": written,
            "route": said.route or None,
            "custom_model": "true" if said.custom else None,
        },
        said.meter: _tokens(row, units),
        "ReportedCost": cost,
        "ReportedCurrency": None if cost is None else text(row, "line_item_currency_code"),
    }


def _tokens(row: Mapping[str, Any], units: int | None) -> int:
    unit = text(row, "pricing_unit", "product_pricing_unit") or ""
    per = _UNITS.get(unit.lower().replace(",", ""), units)
    if per is None:
        raise ValueError(
            f"{unit or 'no pricing_unit'} doesn't say how many tokens: options: {{units: 1K}} or 1M"
        )
    amount = quantity(row, "line_item_usage_amount") * per
    whole = round(amount)
    if abs(amount - whole) > _NEAR:
        raise ValueError(f"{amount.normalize():f} are no whole tokens: see the unit {unit!r}")
    return whole


def _tags(row: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in _MAPS:
        if name in row:
            found |= plain(part(row, name))
    for name, value in row.items():
        if value and (column := _TAG.fullmatch(name)):
            found[column["key"]] = str(value)
    return found


FORMAT = UsageFormat(
    "bedrock-cur",
    read_bedrock_cur,
    restates=True,
    late=timedelta(days=3),
    null_identity="an empty principal is an export without principals, or a call before they were "
    "recorded: unattributed, unless the account or an inference profile tells",
)
