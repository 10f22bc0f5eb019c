"""Azure API Management before models: tokens by subscription, product and user.

What Azure OpenAI itself doesn't tell, the gateway does: whose key called which deployment. Two
shapes, told by their columns:

* the **log** ``ApiManagementGatewayLlmLog``, joined by CorrelationId with
  ``ApiManagementGatewayLogs`` for who it was: TimeGenerated, CorrelationId, DeploymentName,
  ModelName, PromptTokens, CompletionTokens, OperationName, Region, ApimSubscriptionId, ProductId,
  UserId, ResponseCode.
* the **metrics** of the policy `llm-emit-token-metric`, in Log Analytics (``AppMetrics``:
  TimeGenerated, Name, Sum, Properties) or Application Insights (``customMetrics``: timestamp, name,
  valueSum, customDimensions), with the dimensions that the policy names.

As JSON (``az monitor log-analytics query``) or CSV.

Traps:

* A long message is logged in several rows, of which those without a deployment are pieces of
  text: passed over. Messages are never read, kept or shown.
* *Total Tokens* are the sum of the other two: passed over.
* Cached tokens are within the prompt. Streams without usage are estimated by the gateway.
* Use one of the two shapes for a gateway: they tell the same.

Source: Microsoft, Azure Monitor tables reference and the policy's reference (2026). The names of
the metrics as public queries read them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.azure_openai import MICROSOFT
from apportion.sources.usage.format_options import check_options, words
from apportion.sources.usage.gateway_records import Shape, read_records
from apportion.sources.usage.gateway_values import count, outcome, part, plain, text, time
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_texts import natural_id

_PORTAL = re.compile(r"(.+?) \[UTC\]")
_METERS = {"prompt tokens": "uncached_input_tokens", "completion tokens": "output_tokens"}
_WHO = {"subscription id": "ApiKeyId", "user id": "UserId", "product id": "ProjectId"}
_DEPLOYMENT = ("deployment", "deployment name", "deployment id", "model deployment")


def _unknown(names: Sequence[str]) -> str:
    there = {_plain_name(name).lower() for name in names}
    log = {"timegenerated", "correlationid", "prompttokens"} <= there
    metric = "name" in there and {"sum", "valuesum", "value"} & there
    return "" if log or metric else "this is no LLM log and no token metric of API Management"


_SHAPE = Shape(
    what="LLM logs or token metrics of API Management",
    needs=(),
    shown=("TimeGenerated", "CorrelationId", "DeploymentName", "timestamp", "name", "Name"),
    hint="export ApiManagementGatewayLlmLog joined with ApiManagementGatewayLogs, or AppMetrics",
    inside=("tables", "data"),
    refuse=_unknown,
)


def _plain_name(name: str) -> str:
    found = _PORTAL.fullmatch(name.strip())
    return found[1] if found else name.strip()


def read_azure_gateway(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """The calls, or metrics, of a file; raises SourceError where it is none."""
    check_options(spec, {"provisioned"})
    reader = _Gateway(frozenset(words(spec.options.get("provisioned", ""))))
    yield from read_records(file, _SHAPE, reader.record)


class _Gateway:
    """What is known while a file is read: deployments that are provisioned, and equal metrics."""

    def __init__(self, provisioned: frozenset[str]) -> None:
        self.provisioned = provisioned
        self.seen: Counter[str] = Counter()

    def record(self, given: Mapping[str, Any]) -> dict[str, object] | None:
        row = {_plain_name(name): value for name, value in given.items()}
        return self._call(row) if "PromptTokens" in row else self._metric(row)

    def _call(self, row: Mapping[str, Any]) -> dict[str, object] | None:
        deployment = text(row, "DeploymentName")
        if deployment is None:
            return None
        code = count(row, "ResponseCode")
        return {
            "UsageId": text(row, "CorrelationId"),
            "UsageStart": _when(row, "TimeGenerated"),
            "ApiKeyId": text(row, "ApimSubscriptionId", "SubscriptionId"),
            "UserId": text(row, "UserId"),
            "ServiceName": deployment,
            "ProjectId": text(row, "ProductId"),
            "AccountId": text(row, "_SubscriptionId"),
            "ProviderName": MICROSOFT,
            "ModelId": text(row, "ModelName"),
            "ServiceTier": self._tier(deployment),
            "RegionId": text(row, "Region"),
            "ResourceId": text(row, "_ResourceId"),
            "Operation": text(row, "OperationName"),
            "Attributes": {name: text(row, name) for name in ("ApiId", "BackendId", "RequestId")},
            **outcome(code is not None and code >= 400),
            "uncached_input_tokens": count(row, "PromptTokens"),
            "output_tokens": count(row, "CompletionTokens"),
        }

    def _metric(self, row: Mapping[str, Any]) -> dict[str, object] | None:
        name = (text(row, "Name", "name") or "").lower()
        if name not in _METERS:
            return None
        start = _when(row, "TimeGenerated", "timestamp")
        dimensions = plain(part(row, "Properties") or part(row, "customDimensions"))
        lowered = {one.lower(): value for one, value in dimensions.items()}
        deployment = next((lowered[one] for one in _DEPLOYMENT if one in lowered), None)
        same = natural_id("azure-gateway", start, name, sorted(dimensions.items()))
        self.seen[same] += 1
        turn = self.seen[same]
        return {
            "UsageId": text(row, "_ItemId", "itemId")
            or (same if turn == 1 else natural_id(same, turn)),
            "UsageStart": start,
            **{ours: lowered.get(theirs) for theirs, ours in _WHO.items()},
            "ServiceName": deployment,
            "ProviderName": MICROSOFT,
            "ModelId": lowered.get("model") or lowered.get("model name"),
            "ServiceTier": self._tier(deployment),
            "Attributes": dimensions,
            _METERS[name]: count(row, "Sum", "valueSum", "value"),
        }

    def _tier(self, deployment: str | None) -> str | None:
        return "provisioned" if deployment in self.provisioned else None


def _when(row: Mapping[str, Any], *names: str) -> datetime:
    """A time as Log Analytics writes it, or its portal: ``10/1/2026, 2:03:04.000 PM``."""
    said = text(row, *names) or ""
    for form in ("%m/%d/%Y, %I:%M:%S.%f %p", "%m/%d/%Y, %I:%M:%S %p"):
        try:
            return datetime.strptime(said, form)  # noqa: DTZ007 -- UTC, as its header says
        except ValueError:
            continue
    return time(row, *names)


FORMAT = UsageFormat(
    "azure-gateway",
    read_azure_gateway,
    late=timedelta(hours=1),
    null_identity="an empty subscription is a call by a key of the whole gateway, or without one: "
    "unattributed; a log that isn't joined with the gateway's names nobody",
)
