"""Langfuse: what applications traced of their calls of models, with users and sessions.

Shape: observations as Langfuse exports them: the enriched export to a bucket
(``observations_v2/``, as JSON lines, JSON, CSV or Parquet), the older ``observations/``, the
table's CSV or JSON, or the answer of ``/api/public/v2/observations`` (the latter two with names
like `startTime`). Only observations that call a model count: *GENERATION* and *EMBEDDING*. The
others (spans, agents, tools) may repeat what is below them.

`usage_details` name classes of tokens freely. Langfuse's own are disjoint; where `total` shows that
the parts are within `input` and `output`, they are taken out; where it shows neither, the record
is set aside. `total_cost` is kept for comparison: an application may have set it itself.

Traps: it tells what was traced, not what was bought, so reconcile it; names of models are those the
application wrote, and there is no provider; `input` and `output` hold what people wrote, and are
never read, kept or shown; leave those field groups out of the export.

Source: Langfuse, field reference of the blob storage export; default prices for the names of
classes (2026).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.gateway_records import Shape, read_records
from apportion.sources.usage.gateway_values import (
    count,
    maybe_time,
    money,
    outcome,
    part,
    plain,
    text,
    time,
    words_of,
)
from apportion.sources.usage.langfuse_tokens import langfuse_tokens
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat

_CALLS = {"GENERATION", "EMBEDDING"}
_SHAPE = Shape(
    what="observations of Langfuse",
    needs=("id", "type"),
    shown=("id", "type", "start_time", "startTime", "provided_model_name", "model"),
    hint="export observations (observations_v2/), with the groups of usage, model and trace",
)


def read_langfuse(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """The calls of models in a file of observations; raises SourceError where it is none."""
    check_options(spec, ())
    yield from read_records(file, _SHAPE, _record)


def _record(row: Mapping[str, Any]) -> dict[str, object] | None:
    if (text(row, "type") or "").upper() not in _CALLS:
        return None
    usage = part(row, "usage_details") or part(row, "usageDetails")
    cost = money(row, "total_cost", "totalCost", "calculated_total_cost", "calculatedTotalCost")
    attributes = _attributes(row)
    made = langfuse_tokens(usage, attributes)
    return {
        "UsageId": text(row, "id"),
        "UsageStart": time(row, "start_time", "startTime"),
        "UsageEnd": maybe_time(row, "end_time", "endTime"),
        "UserId": text(row, "user_id", "userId"),
        "ServiceName": text(row, "trace_name", "traceName"),
        "ProjectId": text(row, "project_id", "projectId"),
        "ModelId": text(row, "provided_model_name", "providedModelName", "model"),
        "ServiceTier": text(part(row, "metadata"), "service_tier"),
        "Operation": (text(row, "type") or "").lower(),
        "Attributes": attributes,
        **outcome(text(row, "level") == "ERROR"),
        **made,
        "web_searches": count(usage, "web_search_requests"),
        "ReportedCost": cost,
        "ReportedCurrency": None if cost is None else "USD",
    }


def _attributes(row: Mapping[str, Any]) -> dict[str, str | None]:
    return {
        **plain(part(row, "metadata"), "metadata."),
        "environment": text(row, "environment"),
        "session_id": text(row, "session_id", "sessionId"),
        "trace_id": text(row, "trace_id", "traceId"),
        "name": text(row, "name"),
        "release": text(row, "release"),
        "tags": ",".join(words_of(row, "tags")) or None,
    }


FORMAT = UsageFormat(
    "langfuse",
    read_langfuse,
    restates=True,
    late=timedelta(days=1),
    null_identity="a trace without user_id names nobody: the project, the trace's name, tags and "
    "metadata may tell whose application it was",
)
