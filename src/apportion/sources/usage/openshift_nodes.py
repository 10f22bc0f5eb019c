"""OpenShift's report of nodes: how many GPUs were there to be used, by the hour.

Held against what pods held, it tells what stood idle: level `gpus_capacity`. It is nobody's
use. The count is the label that NVIDIA's feature discovery puts on a node.

Shape: `ocp_node_label`, columns node, node_labels (``label_nvidia_com_gpu_count:8|…``);
see :mod:`apportion.sources.usage.openshift_rows`. Labels: NVIDIA k8s-device-plugin, GPU feature
discovery.

Trap: where a node is cut into MIG instances of one kind (strategy *single*), gpu.count counts
instances, and gpu.product ends in ``-MIG-1g.10gb``: then it is counted in whole GPUs.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.mig import part_of_gpu
from apportion.sources.usage.openshift_rows import intervals, reject
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import large_number, natural_id

_COUNT = ("nvidia_com_gpu_count", "nvidia.com/gpu.count")
_PRODUCT = ("nvidia_com_gpu_product", "nvidia.com/gpu.product")


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read a report of nodes; raises SourceError for what is none."""
    check_options(spec, ())
    rows = UsageRows()
    for one in intervals(file, ("node", "node_labels"), rows, "report of nodes"):
        labels = one.labels("node_labels")
        count = next((labels[name] for name in _COUNT if name in labels), None)
        if count is None:
            rows.skip()
            continue
        product = next((labels[name] for name in _PRODUCT if name in labels), "")
        try:
            capacity = Fraction(large_number(count)) * _part(product)
        except ValueError as fault:
            reject(rows, one, "node_labels", fault)
            continue
        rows.add(
            one.line,
            UsageId=natural_id("node", one.row["node"], one.start),
            UsageStart=one.start,
            UsageEnd=one.end,
            ResourceId=one.row["node"],
            ProviderName="OpenShift",
            Attributes=labels,
            gpus_capacity=capacity,
        )
        yield from rows.batches()
    yield from rows.batches(last=True)


def _part(product: str) -> Fraction:
    model, mig, profile = product.partition("-MIG-")
    return part_of_gpu(profile, model) if mig else Fraction(1)


FORMAT = UsageFormat(
    "openshift-nodes", read, null_identity="capacity is nobody's: records name no one"
)
