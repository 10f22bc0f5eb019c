"""OpenShift's report of storage: the volumes that were claimed, by the hour.

A claim holds its capacity whether it is full or not: level `storage_gb`.

Shape: `ocp_storage_usage`, columns namespace, pod, persistentvolumeclaim, persistentvolume,
storageclass, persistentvolumeclaim_capacity_byte_seconds, …_labels;
see :mod:`apportion.sources.usage.openshift_rows`.

Trap: a claim that several pods mount has a row for each; it is one volume, and counts once.
So a record names the claim and its namespace, and no pod.
"""

from __future__ import annotations

from collections.abc import Iterator

from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.openshift_rows import GB, intervals, reject
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import natural_id

_CAPACITY = "persistentvolumeclaim_capacity_byte_seconds"
_NEEDS = ("namespace", "persistentvolumeclaim", "persistentvolume", "storageclass", _CAPACITY)


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read a report of storage; raises SourceError for what is none."""
    check_options(spec, ())
    rows = UsageRows()
    seen: set[str] = set()
    for one in intervals(file, _NEEDS, rows, "report of storage"):
        row = one.row
        claim = (row["namespace"], row["persistentvolumeclaim"], row["persistentvolume"])
        name = natural_id(*claim, one.start)
        if name in seen:
            rows.skip()
            continue
        try:
            level = one.level(_CAPACITY, GB)
        except ValueError as fault:
            reject(rows, one, _CAPACITY, fault)
            continue
        seen.add(name)
        labels = {
            **one.labels("persistentvolume_labels"),
            **one.labels("persistentvolumeclaim_labels"),
        }
        rows.add(
            one.line,
            UsageId=name,
            UsageStart=one.start,
            UsageEnd=one.end,
            Namespace=row["namespace"],
            ResourceId=row["persistentvolumeclaim"],
            ProviderName="OpenShift",
            Attributes={**labels, "storage_class": row["storageclass"]},
            storage_gb=level,
        )
        yield from rows.batches()
    yield from rows.batches(last=True)


FORMAT = UsageFormat(
    "openshift-storage",
    read,
    null_identity="every claim has a namespace; a volume that nobody claims has no row",
)
