"""Kubernetes through Prometheus: what containers asked for, which the scheduler holds for them.

A GPU that a running container asked for is its own: `gpus` and `gpus_requested`. A pod
that has no node yet waits: `gpus_pending`. CPU and memory are reserved, not held:
`cpus_requested`, `memory_gb_requested`.

Metric: ``kube_pod_container_resource_requests`` with the labels namespace, pod, uid,
container, node, resource, unit; the resource ``nvidia.com/gpu`` is ``nvidia_com_gpu``, a
MIG instance ``nvidia_com_mig_1g_10gb``. Source: kubernetes/kube-state-metrics,
docs/metrics/workload/pod-metrics.md (seen in 2026). JSON:
:mod:`apportion.sources.usage.prometheus`.

Traps: pods that have ended keep their requests in this metric until they are deleted: the
query of the how-to leaves them out. A GPU shared by time (``nvidia_com_gpu_shared``) is a
part of a GPU that only the cluster's configuration knows: option `shares_per_gpu`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from apportion.errors import ConfigurationError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.mig import is_mig, part_of_gpu
from apportion.sources.usage.prometheus import Sample, Series, read_series
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows

_GB = 10**9
_WHOLE = re.compile(r"(nvidia|amd)_com_gpu")


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read a range query's answer; raises SourceError for what is none."""
    check_options(spec, {"shares_per_gpu", "step"})
    shares = _shares(spec)
    rows = UsageRows()
    for series in read_series(file, spec):
        try:
            unit = unit_of(series.label("resource"), shares)
        except ValueError as fault:
            for sample in series.samples:
                _reject(rows, series, sample, str(fault))
            continue
        if unit is None:
            rows.skip(len(series.samples))
            continue
        for sample in series.samples:
            _take(rows, series, sample, *unit)
            yield from rows.batches()
    yield from rows.batches(last=True)


def unit_of(resource: str, shares: int | None) -> tuple[str, Fraction] | None:
    """The kind of level that a resource is, and what one of it is worth; None for any other.

    >>> unit_of("nvidia.com/gpu", None), unit_of("nvidia_com_mig_3g_40gb", None)
    (('gpus', Fraction(1, 1)), ('gpus', Fraction(3, 7)))
    """
    name = re.sub(r"[^0-9A-Za-z]", "_", resource)
    if _WHOLE.fullmatch(name):
        return "gpus", Fraction(1)
    if "_com_mig_" in name and is_mig(name):
        return "gpus", part_of_gpu(name)
    if _WHOLE.match(name) and name.endswith("_shared"):
        if shares is None:
            raise ValueError(f"{resource}: how many of them share a GPU isn't known")
        return "gpus", Fraction(1, shares)
    return {"cpu": ("cpus", Fraction(1)), "memory": ("memory_gb", Fraction(1, _GB))}.get(name)


def _shares(spec: UsageSpec) -> int | None:
    text = spec.options.get("shares_per_gpu")
    if text is None:
        return None
    if not text.isdigit() or not int(text):
        raise ConfigurationError(
            f"usage {spec.name!r}: shares_per_gpu is {text!r}",
            place=spec.place,
            hint="write how many shares one GPU has, say 4",
        )
    return int(text)


def _take(rows: UsageRows, series: Series, sample: Sample, kind: str, worth: Fraction) -> None:
    try:
        value = Fraction(sample.value()) * worth
    except ValueError as fault:
        _reject(rows, series, sample, str(fault))
        return
    node = series.label("node")
    if kind == "gpus":
        levels = {"gpus": value, "gpus_requested": value} if node else {"gpus_pending": value}
    else:
        levels = {f"{kind}_requested": value}
    rows.add(
        series.number,
        UsageId=series.id(sample),
        UsageStart=sample.start,
        UsageEnd=sample.end,
        RunId=series.workload("pod"),
        Namespace=series.workload("namespace"),
        ResourceId=node,
        Attributes={
            name: text
            for name, text in (
                ("container", series.workload("container")),
                ("pod_uid", series.label("uid")),
                ("resource", series.label("resource")),
            )
            if text
        },
        **levels,
    )


def _reject(rows: UsageRows, series: Series, sample: Sample, why: str) -> None:
    hint = "see the how-to; shares need the option `shares_per_gpu`"
    shown = {**series.labels, "time": str(sample.end), "value": sample.text}
    rows.reject(series.number, series.label("resource"), why, hint, shown)


FORMAT = UsageFormat(
    "kube-gpu",
    read,
    null_identity="every container has a namespace; a series without one was summed away "
    "by the query, and is unattributed",
)
