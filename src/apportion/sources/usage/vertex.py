"""Vertex AI's use of models from Cloud Monitoring: tokens and calls by project, model and region.

These are drivers. Cloud Monitoring knows no caller: a project is all that tells whose it is, so
give each team a project, or label requests and read the bill by labels (`vertex-billing`).

Shape: answers of ``projects.timeSeries.list`` (Monitoring API v3) as JSON, one to a file or a
line, for ``aiplatform.googleapis.com/publisher/online_serving/token_count`` and
``…/model_invocation_count``: timeSeries[].metric.labels (`type`: input, output; `request_type`),
resource.labels (resource_container, location, publisher, model_user_id, model_version_id),
points[] with their interval and int64Value. Points are of the metric's own length or aligned by
ALIGN_DELTA.

Traps: input isn't split by cache, so that its price is too high where much is cached; a type of
token other than input and output counts in a meter of its own, ``token_count TYPE``; points
aligned by a rate are no counts, and set aside; data is kept for six weeks.

Source: Google Cloud, Monitoring API v3 and its resource `aiplatform.googleapis.com/PublisherModel`;
labels as public programs read them (2026).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from apportion.errors import Place, SourceError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.gcp.export import GOOGLE
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.gateway_records import Shape, discreet, objects
from apportion.sources.usage.gateway_values import count, part, plain, text, time
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import natural_id

_METRICS = "aiplatform.googleapis.com/publisher/online_serving/"
_TOKENS, _CALLS = f"{_METRICS}token_count", f"{_METRICS}model_invocation_count"
_METERS = {"input": "uncached_input_tokens", "output": "output_tokens"}
_TIERS = {"shared": None, "dedicated": "provisioned"}
_HINT = "keep the answers of projects.timeSeries.list as they are, aligned by ALIGN_DELTA if at all"

_SHAPE = Shape(what="answer of timeSeries.list", needs=(), shown=(), hint=_HINT, inside=())


def read_vertex(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """The points of a file of answers; raises SourceError where it is none, or not whole."""
    check_options(spec, ())
    rows, more = discreet(_SHAPE), False
    for line, answer in objects(file, _SHAPE, rows):
        more = bool(answer.get("nextPageToken"))
        series = answer.get(
            "timeSeries", [] if answer.keys() <= {"unit", "nextPageToken"} else None
        )
        for one in _listed(file, series):
            _points(line, one, rows)
            yield from rows.batches()
    if more:
        raise SourceError(
            "the answer isn't whole: its last page says that there are more",
            place=Place(file.name),
            hint="fetch the rest by pageToken, and put all pages into one file, each on a line",
        )
    yield from rows.batches(last=True)


def _listed(file: InputFile, series: Any) -> list[Any]:
    if isinstance(series, list):
        return series
    raise SourceError("no answer of timeSeries.list", place=Place(file.name), hint=_HINT)


def _points(line: int | None, series: Any, rows: UsageRows) -> None:
    try:
        metric = part(series, "metric")
        kind = text(metric, "type")
        points = series["points"] if isinstance(series.get("points"), list) else []
        if kind not in {_TOKENS, _CALLS}:
            rows.skip(len(points))
            return
        said = _said(series, metric)
    except (ValueError, AttributeError) as fault:
        rows.reject(line, "timeSeries", str(fault), _HINT, {})
        return
    for point in points:
        try:
            rows.add(line, **_record(point, kind, part(metric, "labels"), said))
        except (ValueError, TypeError, AttributeError) as fault:
            rows.reject(line, "points", str(fault), _HINT, {})


def _said(series: Mapping[str, Any], metric: Mapping[str, Any]) -> dict[str, object]:
    labels, resource = part(metric, "labels"), part(part(series, "resource"), "labels")
    tier = text(labels, "request_type")
    own = {name: one for name, one in labels.items() if name not in {"type", "request_type"}}
    return {
        "ProjectId": text(resource, "resource_container", "project_id"),
        "ProviderName": GOOGLE,
        "ModelId": text(resource, "model_user_id"),
        "ServiceTier": _TIERS.get(tier or "shared", tier),
        "RegionId": text(resource, "location"),
        "Attributes": {
            **plain(own),
            **plain(part(part(series, "metadata"), "userLabels")),
            "publisher": text(resource, "publisher"),
            "model_version_id": text(resource, "model_version_id"),
        },
    }


def _record(
    point: Mapping[str, Any], kind: str, labels: Mapping[str, Any], said: Mapping[str, object]
) -> dict[str, object]:
    span, value = part(point, "interval"), part(point, "value")
    if "int64Value" not in value:
        raise ValueError("a point without int64Value: a rate or an average is no count")
    end, amount = time(span, "endTime"), count(value, "int64Value")
    start = time(span, "startTime", "endTime")
    what = text(labels, "type") or ""
    who = [said[name] for name in ("ProjectId", "ModelId", "RegionId")]
    id_ = natural_id(
        "vertex", kind.removeprefix(_METRICS), start, end, *who, sorted(labels.items())
    )
    return {
        "UsageId": id_,
        "UsageStart": start,
        "UsageEnd": end,
        **said,
        **_meter(kind, what, amount),
    }


def _meter(kind: str, what: str, amount: int | None) -> dict[str, object]:
    if kind == _CALLS:
        return {"requests": amount}
    if what in _METERS:
        return {_METERS[what]: amount}
    return {"Meter": f"token_count {what or 'unknown'}", "Quantity": amount, "Unit": "tokens"}


FORMAT = UsageFormat(
    "vertex",
    read_vertex,
    restates=True,
    late=timedelta(hours=1),
    null_identity="Cloud Monitoring names no caller: the project is all that is known",
)
