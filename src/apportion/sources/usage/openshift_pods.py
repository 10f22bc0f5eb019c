"""OpenShift's report of pods: CPU and memory that each pod asked for and used, by the hour.

A pod is charged for what it asked for or what it used, whichever is more: others couldn't
have had it. So `cpus` and `memory_gb` are the larger of the two means of the hour (koku calls it
effective usage, OpenCost allocates by it); `…_requested` and `…_used` are told beside it.

Shape: `ocp_pod_usage`, columns pod, namespace, node, resource_id,
pod_{usage,request,limit}_{cpu_core,memory_byte}_seconds, node_capacity_…, pod_labels;
see :mod:`apportion.sources.usage.openshift_rows`.

Trap: a node's capacity stands on the row of every pod, and is that of the node: it is one
record of its own for each node and hour, `cpus_capacity`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.openshift_rows import GB, Interval, intervals, reject
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import natural_id

_NEEDS = (
    "namespace",
    "pod",
    "node",
    "pod_request_cpu_core_seconds",
    "pod_usage_cpu_core_seconds",
    "pod_request_memory_byte_seconds",
    "pod_usage_memory_byte_seconds",
)


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read a report of pods; raises SourceError for what is none."""
    check_options(spec, ())
    rows = UsageRows()
    nodes: set[tuple[str, datetime]] = set()
    for one in intervals(file, _NEEDS, rows, "report of pods"):
        try:
            levels = {
                **_levels(one, "cpus", "cpu_core_seconds", 1),
                **_levels(one, "memory_gb", "memory_byte_seconds", GB),
            }
            capacity = one.level("node_capacity_cpu_core_seconds")
        except ValueError as fault:
            reject(rows, one, "", fault)
            continue
        _add(rows, one, levels)
        node = (one.row["node"], one.start)
        if capacity is not None and node not in nodes:
            nodes.add(node)
            _add_node(rows, one, capacity)
        yield from rows.batches()
    yield from rows.batches(last=True)


def _levels(one: Interval, meter: str, column: str, unit: int) -> dict[str, Decimal | None]:
    asked = one.level(f"pod_request_{column}", unit)
    used = one.level(f"pod_usage_{column}", unit)
    known = [level for level in (asked, used) if level is not None]
    held = max(known, default=None)
    return {meter: held, f"{meter}_requested": asked, f"{meter}_used": used}


def _add(rows: UsageRows, one: Interval, levels: dict[str, Decimal | None]) -> None:
    row = one.row
    rows.add(
        one.line,
        UsageId=natural_id("pod", row["namespace"], row["pod"], row["node"], one.start),
        UsageStart=one.start,
        UsageEnd=one.end,
        RunId=row["pod"],
        Namespace=row["namespace"],
        ResourceId=row["node"],
        ProviderName="OpenShift",
        Attributes=one.labels("pod_labels"),
        **levels,
    )


def _add_node(rows: UsageRows, one: Interval, capacity: Decimal) -> None:
    rows.add(
        one.line,
        UsageId=natural_id("node", one.row["node"], one.start),
        UsageStart=one.start,
        UsageEnd=one.end,
        ResourceId=one.row["node"],
        ProviderName="OpenShift",
        cpus_capacity=capacity,
    )


FORMAT = UsageFormat(
    "openshift-pods",
    read,
    null_identity="every pod has a namespace; the records of nodes' capacity are nobody's, and "
    "are no use",
)
