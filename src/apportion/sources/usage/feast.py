"""Feast, a feature store: requests, features read, and what its materializations took.

A feature server knows no team. Who reads is known where it is deployed (a server for each
namespace or team: labels of the scrape), or at the ingress, or by apportion's own meter in the
server. Whom a feature view belongs to, the option `owners` says (`customer_7d=growth, …`); it
is the team of what is done for the view itself, its materialization.

Shape: range queries of Feast's metrics (:mod:`apportion.sources.usage.prometheus`), all counters:

* ``feast_feature_server_request_total`` {endpoint, status}: `requests`; those of another status
  than success are `failed_requests` too;
* ``feast_online_features_entity_count_sum``: `feature_reads`, rows of entities that were looked up;
* ``feast_materialization_duration_seconds_sum`` {feature_view}: `busy_seconds`;
* ``feast_materialization_total``, also ``feast_materialization_result_total`` {feature_view,
  status}: the meter `materializations`;
* ``feast_offline_store_row_count_sum``: `items`, rows of training data.

Others are skipped: ``feast_online_features_request_total`` and ``feast_push_request_total`` tell
of requests that the server counted already. Source: Feast, blog "Feast Feature Server Monitoring"
and `sdk/python/feast/infra/feature_servers/base_config.py`; the labels of the offline store's
metrics are unconfirmed.
"""

from __future__ import annotations

from collections.abc import Iterator

from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options, pairs
from apportion.sources.usage.prometheus import Series
from apportion.sources.usage.prometheus_metrics import MetricRows, by_labels, counts_new_series
from apportion.sources.usage.prometheus_values import COUNTER, Measure
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat

_METERS = {
    "feast_feature_server_request_total": "requests",
    "feast_online_features_entity_count_sum": "feature_reads",
    "feast_materialization_duration_seconds_sum": "busy_seconds",
    "feast_materialization_total": "materializations",
    "feast_materialization_result_total": "materializations",
    "feast_offline_store_row_count_sum": "items",
}
_LABELS = {"ProjectId": "project", "ResourceId": "feature_view", "Operation": "endpoint"}


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read a range query's answer; raises SourceError for what is none."""
    check_options(spec, {"owners", "new_series", "step"})
    owners, said = pairs(spec, "owners"), by_labels(spec, _LABELS)

    def described(series: Series) -> dict[str, object]:
        found = {**said(series), "ProviderName": "feast", "Status": _status(series)}
        owner = owners.get(series.label("feature_view"), "")
        return {**found, "TeamLabel": found.get("TeamLabel") or owner}

    made = MetricRows(_measure, described, counts_new_series(spec))
    yield from made.batches(file, spec)


def _measure(series: Series) -> Measure | None:
    meter = _METERS.get(series.name)
    if meter is None:
        return None
    failed = meter == "requests" and _status(series) == "failed"
    return Measure(meter, COUNTER, also="failed_requests" if failed else "")


def _status(series: Series) -> str:
    told = series.label("status")
    good = told == "success" or told.startswith(("2", "3"))
    return "" if not told else "success" if good else "failed"


FORMAT = UsageFormat(
    "feast",
    read,
    null_identity="Feast names no consumer: what no label of the scrape tells is unattributed",
)
