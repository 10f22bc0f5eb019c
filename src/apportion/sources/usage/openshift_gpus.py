"""OpenShift's report of GPUs: how long each pod held which GPU, by the hour.

A pod that held a GPU for 900 seconds of an hour held a quarter of a GPU on average: levels
`gpus` and `gpus_requested` (what a pod gets of GPUs is what it asked for). A MIG instance is
its compute slices out of those of its GPU: out of `gpu_max_slices` where the report tells
them, else by the model (:mod:`apportion.sources.usage.mig`).

Shape: `ocp_gpu_usage`, columns node, namespace, pod, gpu_uuid, gpu_model_name,
gpu_vendor_name, gpu_memory_capacity_mib, gpu_pod_uptime (seconds), and of newer operators
gpu_max_slices, mig_instance_id, mig_profile, mig_strategy;
see :mod:`apportion.sources.usage.openshift_rows`.

Traps: gpu_uuid is that of the whole GPU, so a MIG instance is known by mig_instance_id; the
uptime is where DCGM saw the pod, which may miss its first seconds. `gpu_pod_utilization` isn't
read: its unit is unconfirmed; DCGM tells it (:mod:`apportion.sources.usage.dcgm`).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.mig import part_of_gpu
from apportion.sources.usage.openshift_rows import Interval, intervals, reject
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import natural_id

_NEEDS = ("node", "namespace", "pod", "gpu_uuid", "gpu_model_name", "gpu_pod_uptime")
_UPTIME = "gpu_pod_uptime"


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read a report of GPUs; raises SourceError for what is none."""
    check_options(spec, ())
    rows = UsageRows()
    for one in intervals(file, _NEEDS, rows, "report of GPUs"):
        try:
            gpus = _gpus(one)
        except ValueError as fault:
            reject(rows, one, _UPTIME, fault)
            continue
        row = one.row
        instance = row.get("mig_instance_id", "")
        rows.add(
            one.line,
            UsageId=natural_id(
                row["namespace"], row["pod"], row["node"], row["gpu_uuid"], instance, one.start
            ),
            UsageStart=one.start,
            UsageEnd=one.end,
            RunId=row["pod"],
            Namespace=row["namespace"],
            ResourceId=row["gpu_uuid"],
            ProviderName="OpenShift",
            Attributes=_attributes(one),
            gpus=gpus,
            gpus_requested=gpus,
        )
        yield from rows.batches()
    yield from rows.batches(last=True)


def _gpus(one: Interval) -> Fraction:
    share = one.level(_UPTIME)
    if share is None:
        raise ValueError(f"{_UPTIME} is empty")
    if share > 1:
        raise ValueError(f"{one.row[_UPTIME]} seconds of an interval of {one.seconds}")
    profile = one.row.get("mig_profile", "")
    if not profile:
        return Fraction(share)
    most = one.row.get("gpu_max_slices", "")
    slices = int(most) if most.isdigit() and int(most) else None
    return Fraction(share) * part_of_gpu(profile, one.row["gpu_model_name"], slices)


def _attributes(one: Interval) -> dict[str, str]:
    said = {
        "gpu_model": one.row["gpu_model_name"],
        "gpu_vendor": one.row.get("gpu_vendor_name", ""),
        "mig_instance": one.row.get("mig_instance_id", ""),
        "mig_profile": one.row.get("mig_profile", ""),
        "node": one.row["node"],
    }
    return {name: text for name, text in said.items() if text}


FORMAT = UsageFormat(
    "openshift-gpus",
    read,
    null_identity="every row has a namespace; a GPU that no pod held has no row",
)
