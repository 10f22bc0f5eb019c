"""Azure OpenAI's use from Azure Monitor's metrics: tokens and requests by deployment.

Azure tells nobody's name, in the bill or here: a deployment (`ServiceName`) is all there is, so
give each team its own, or read the log of a gateway before it (format `azure-gateway`).

Shape: ``az monitor metrics list … --output json``, or the same from the REST interface: value[]
with name.value, timeseries[] with metadatavalues (ModelDeploymentName, ModelName …) and data[] with
timeStamp and total; `interval` says how long a point is. Read are ProcessedPromptTokens,
GeneratedTokens and AzureOpenAIRequests, or where these are missing InputTokens, OutputTokens and
ModelRequests, which count the same once more.

Traps:

* Cached tokens are within the prompt; Azure has a rate of hits and no count, so that the price of
  the prompt is too high where much is cached.
* A provisioned deployment (PTU) is paid by the hour, used or not: say which they are, ``options:
  {provisioned: "chat, rag"}``, and its tokens have the tier *provisioned* and no price by token.
* Split by dimensions (``--dimension ModelDeploymentName``), or there is one sum for all.
* Points without use are zeros, and are passed over. Metrics are kept for 93 days.

Source: Microsoft, monitoring data reference of Azure OpenAI; Azure Monitor metrics REST interface
(2026).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from apportion.errors import Place, SourceError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options, words
from apportion.sources.usage.gateway_records import DiscreetRows, Shape, discreet, objects
from apportion.sources.usage.gateway_values import count, part, plain, text, time
from apportion.sources.usage.json_parts import objects_in
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_texts import natural_id

MICROSOFT = "Microsoft"

_METERS = {
    "ProcessedPromptTokens": "uncached_input_tokens",
    "GeneratedTokens": "output_tokens",
    "AzureOpenAIRequests": "requests",
}
_INSTEAD = {
    "InputTokens": "ProcessedPromptTokens",
    "OutputTokens": "GeneratedTokens",
    "ModelRequests": "AzureOpenAIRequests",
}
_HINT = (
    "az monitor metrics list --resource ID --metrics ProcessedPromptTokens GeneratedTokens "
    "AzureOpenAIRequests --dimension ModelDeploymentName ModelName --aggregation Total"
)
_INTERVAL = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_RESOURCE = re.compile(
    r"(/subscriptions/([^/]+)/.+?)/providers/microsoft\.insights/", re.IGNORECASE
)
_DIMENSIONS = {"modeldeploymentname", "modelname", "region", "statuscode", "servicetierresponse"}
_SHAPE = Shape("metrics of Azure Monitor", (), (), _HINT, inside=("values",))


def read_azure_openai(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """The points of a file of metrics; raises SourceError where it is none."""
    check_options(spec, {"provisioned"})
    provisioned = frozenset(words(spec.options.get("provisioned", "")))
    rows = discreet(_SHAPE)
    for line, answer in objects(file, _SHAPE, rows):
        length, metrics = _metrics(file, answer)
        named = {text(part(metric, "name"), "value") for metric in metrics}
        for metric in metrics:
            name = text(part(metric, "name"), "value") or ""
            told = _INSTEAD.get(name, name)
            if told not in _METERS or (told != name and told in named):
                rows.skip()
                continue
            _series(line, metric, _Metric(told, length, provisioned), rows)
            yield from rows.batches()
    yield from rows.batches(last=True)


def _metrics(file: InputFile, answer: Mapping[str, Any]) -> tuple[timedelta, list[dict[str, Any]]]:
    value, found = answer.get("value"), _INTERVAL.fullmatch(str(answer.get("interval", "")))
    if isinstance(value, list) and found and any(found.groups()):
        days, hours, minutes = (int(one or 0) for one in found.groups())
        length = timedelta(days=days, hours=hours, minutes=minutes)
        metrics = [one for one in value if isinstance(one, dict)]
        if all(isinstance(one.get("name"), dict | None) for one in metrics):
            return length, metrics
    raise SourceError("no metrics of Azure Monitor", place=Place(file.name), hint=_HINT)


class _Metric:
    """What is common to the points of a metric."""

    def __init__(self, name: str, length: timedelta, provisioned: frozenset[str]) -> None:
        self.name, self.length, self.provisioned = name, length, provisioned

    def said(self, metric: Mapping[str, Any], series: Mapping[str, Any]) -> dict[str, object]:
        dimensions = {
            str(part(one, "name").get("value", "")).lower(): text(one, "value")
            for one in objects_in(series, "metadatavalues")
        }
        found = _RESOURCE.match(str(metric.get("id", "")))
        deployment = dimensions.get("modeldeploymentname")
        tier = dimensions.get("servicetierresponse")
        rest = {name: one for name, one in dimensions.items() if name not in _DIMENSIONS}
        return {
            "ServiceName": deployment,
            "AccountId": found[2] if found else None,
            "ProviderName": MICROSOFT,
            "ModelId": dimensions.get("modelname"),
            "ServiceTier": "provisioned" if deployment in self.provisioned else tier,
            "RegionId": dimensions.get("region"),
            "ResourceId": found[1] if found else None,
            "Status": _status(dimensions.get("statuscode")),
            "Attributes": {**plain(rest), "statuscode": dimensions.get("statuscode")},
        }

    def record(self, point: Mapping[str, Any], said: Mapping[str, object]) -> dict[str, object]:
        start = time(point, "timeStamp")
        amount = count(point, "total")
        who = [
            said[one] for one in ("ResourceId", "ServiceName", "ModelId", "RegionId", "ServiceTier")
        ]
        made = {
            "UsageId": natural_id(
                "azure-openai", self.name, start, start + self.length, *who, said["Attributes"]
            ),
            "UsageStart": start,
            "UsageEnd": start + self.length,
            **said,
            _METERS[self.name]: amount,
        }
        if self.name == "AzureOpenAIRequests" and said["Status"] == "failed":
            made["failed_requests"] = amount
        return made


def _series(line: int | None, metric: Mapping[str, Any], of: _Metric, rows: DiscreetRows) -> None:
    try:
        whole = objects_in(metric, "timeseries")
    except ValueError as fault:
        rows.reject(line, of.name, str(fault), _HINT, {})
        return
    for series in whole:
        try:
            said = of.said(metric, series)
            points = objects_in(series, "data")
        except ValueError as fault:
            rows.reject(line, of.name, str(fault), _HINT, {})
            continue
        for point in points:
            if not point.get("total"):
                rows.skip()
                continue
            try:
                rows.add(line, **of.record(point, said))
            except (ValueError, TypeError) as fault:
                rows.reject(line, of.name, str(fault), _HINT, {})


def _status(code: str | None) -> str | None:
    if not code:
        return None
    return "success" if code.startswith("2") else "failed"


FORMAT = UsageFormat(
    "azure-openai",
    read_azure_openai,
    restates=True,
    late=timedelta(hours=1),
    null_identity="Azure Monitor names no caller: the deployment is all that is known; without the "
    "dimension, nothing is",
)
