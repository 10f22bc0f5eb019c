"""Kueue through Prometheus: the GPUs that a queue may have, has reserved, and uses.

A queue is a team's way to the cluster. Of a cluster queue, the nominal quota is
`gpus_quota` and what admitted workloads use is `gpus`; what has quota reserved, admitted
or not, is `gpus_requested`. A local queue tells use and reservation by namespace.

Metrics: ``kueue_cluster_queue_nominal_quota``, ``kueue_cluster_queue_resource_usage``,
``kueue_cluster_queue_resource_reservation`` (labels cluster_queue, cohort, flavor, resource),
``kueue_local_queue_resource_usage``, ``…_reservation`` (name, namespace, flavor, resource).
They exist where Kueue's metrics of cluster-queue resources, and of local queues, are enabled.
Source: kubernetes-sigs/kueue, reference of metrics (seen in 2026). JSON:
:mod:`apportion.sources.usage.prometheus`.

Traps: a cluster queue's use is that of its local queues: a file with both would count it
twice. Where Kueue runs several replicas, each tells the same; only the leader counts. Use may
be above the quota (borrowed from the cohort).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from apportion.errors import Place, SourceError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.kube_gpu import unit_of
from apportion.sources.usage.prometheus import Sample, Series, read_series
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows

_SUFFIX = {
    "kueue_cluster_queue_nominal_quota": "_quota",
    "kueue_cluster_queue_resource_usage": "",
    "kueue_cluster_queue_resource_reservation": "_requested",
    "kueue_local_queue_resource_usage": "",
    "kueue_local_queue_resource_reservation": "_requested",
}
_TWICE = ("kueue_cluster_queue_resource_", "kueue_local_queue_resource_")


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read a range query's answer; raises SourceError for one that tells the same use twice."""
    check_options(spec, {"step"})
    found = read_series(file, spec)
    _once(file, found)
    rows = UsageRows()
    for series in found:
        suffix = _SUFFIX.get(series.name)
        unit = unit_of(series.label("resource"), None)
        follows = series.label("replica_role") == "follower"
        if suffix is None or unit is None or follows or unit[0] != "gpus":
            rows.skip(len(series.samples))
            continue
        for sample in series.samples:
            _take(rows, series, sample, f"gpus{suffix}", unit[1])
            yield from rows.batches()
    yield from rows.batches(last=True)


def _once(file: InputFile, found: Sequence[Series]) -> None:
    kinds = {kind for kind in _TWICE for series in found if series.name.startswith(kind)}
    if len(kinds) > 1:
        raise SourceError(
            "cluster queues and local queues tell the same use",
            place=Place(file.name),
            why="what a local queue uses is part of its cluster queue's",
            hint="query one kind: local queues for the use, and only the nominal quota of "
            "cluster queues",
        )
    if found and not any(series.name in _SUFFIX for series in found):
        raise SourceError(
            "no metric of Kueue's queues",
            place=Place(file.name),
            why=f"the first series is called {found[0].name!r}",
            hint=f"query {', '.join(_SUFFIX)}, without a function that drops the name",
        )


def _take(rows: UsageRows, series: Series, sample: Sample, meter: str, worth: Fraction) -> None:
    try:
        value = Fraction(sample.value()) * worth
    except ValueError as fault:
        shown = {**series.labels, "time": str(sample.end), "value": sample.text}
        rows.reject(series.number, series.name, str(fault), "see Kueue's own metrics", shown)
        return
    local = series.name.startswith("kueue_local")
    said = {name: series.label(name) for name in ("cohort", "flavor", "resource")}
    rows.add(
        series.number,
        UsageId=series.id(sample),
        UsageStart=sample.start,
        UsageEnd=sample.end,
        ProjectId=series.label("name" if local else "cluster_queue"),
        Namespace=series.workload("namespace") if local else None,
        Attributes={name: text for name, text in said.items() if text},
        **{meter: value},
    )


FORMAT = UsageFormat(
    "kueue",
    read,
    null_identity="every queue has a name; workloads that go round Kueue are in no queue and "
    "not in this source",
)
