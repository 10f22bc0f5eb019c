"""DCGM through Prometheus: how much of its GPUs a workload really used.

The level `gpus_used` is the share of the time in which the GPU's engines were busy, times
the part of the GPU that it is (1, or a MIG instance's compute slices). Held against `gpus`,
what was allocated, it is the effective share of a GPU hour. Power becomes `energy_wh`.

Metrics: ``DCGM_FI_PROF_GR_ENGINE_ACTIVE``, ``…_SM_ACTIVE``, ``…_PIPE_TENSOR_ACTIVE``,
``…_DRAM_ACTIVE`` (0 to 1), ``DCGM_FI_DEV_GPU_UTIL`` (0 to 100), ``DCGM_FI_DEV_POWER_USAGE`` (W).
Labels: gpu, UUID, modelName, Hostname or hostname, GPU_I_ID and GPU_I_PROFILE for MIG, pod,
namespace, container, hpc_job. Source: NVIDIA/dcgm-exporter, templates and README; the
DCGM user guide, MIG section. JSON: :mod:`apportion.sources.usage.prometheus`.

Traps: GPU_UTIL says that *some* kernel ran, not that the GPU was well used, and isn't
measured under MIG; 9223372036854775794 stands for "not available"; two metrics of one GPU
would count it twice, so one is named by the option `metric`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from apportion.errors import Place, SourceError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.mig import part_of_gpu
from apportion.sources.usage.prometheus import Sample, Series, read_series
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows

_BUSY = {
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE": 1,
    "DCGM_FI_PROF_SM_ACTIVE": 1,
    "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE": 1,
    "DCGM_FI_PROF_DRAM_ACTIVE": 1,
    "DCGM_FI_DEV_GPU_UTIL": 100,
}
"""Metrics of use, and the value at which the GPU is used all the time."""

_POWER = "DCGM_FI_DEV_POWER_USAGE"


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read a range query's answer; raises SourceError where it isn't known what it measures."""
    check_options(spec, {"metric", "step"})
    found = read_series(file, spec)
    metric = _metric(file, spec, found)
    rows = UsageRows()
    for series in found:
        name = series.name or metric
        if name not in {metric, _POWER}:
            rows.skip(len(series.samples))
            continue
        for sample in series.samples:
            _take(rows, series, sample, name)
            yield from rows.batches()
    yield from rows.batches(last=True)


def _metric(file: InputFile, spec: UsageSpec, found: Sequence[Series]) -> str:
    """The metric that counts: the one named, or the only one of use that the file has."""
    named = {series.name for series in found}
    told = spec.options.get("metric", "")
    there = sorted(name for name in named if name in _BUSY)
    if told in _BUSY or told == _POWER:
        return told
    if not told and len(there) <= 1 and "" not in named:
        return there[0] if there else _POWER
    raise SourceError(
        "it isn't known which metric of DCGM counts",
        place=Place(file.name),
        why=f"`metric` is {told!r}" if told else f"the file has {', '.join(there) or 'no names'}",
        hint=f"set the option `metric` to one of {', '.join(_BUSY)}",
    )


def _take(rows: UsageRows, series: Series, sample: Sample, metric: str) -> None:
    try:
        value = sample.value()
        part = _part(series)
        if metric == _POWER:
            hours = Fraction((sample.end - sample.start).total_seconds()) / 3600
            measured = {"energy_wh": Fraction(value) * hours}
        else:
            measured = {"gpus_used": _share(value, _BUSY[metric]) * part}
    except ValueError as fault:
        rows.reject(
            series.number,
            metric,
            str(fault),
            "how much was used in this time isn't known, and isn't taken for zero",
            {**series.labels, "time": str(sample.end), "value": sample.text},
        )
        return
    rows.add(
        series.number,
        UsageId=series.id(sample) if series.name else f"{metric} {series.id(sample)}",
        UsageStart=sample.start,
        UsageEnd=sample.end,
        RunId=series.label("hpc_job") or series.workload("pod"),
        Namespace=series.workload("namespace"),
        ResourceId=series.label("UUID", "uuid", "gpu"),
        Attributes=_attributes(series),
        **measured,
    )


def _share(value: Decimal, whole: int) -> Fraction:
    if not 0 <= value <= whole:
        raise ValueError(f"{value} isn't between 0 and {whole}")
    return Fraction(value) / whole


def _part(series: Series) -> Fraction:
    profile = series.label("GPU_I_PROFILE")
    return part_of_gpu(profile, series.label("modelName")) if profile else Fraction(1)


def _attributes(series: Series) -> dict[str, str]:
    said = {
        "container": series.workload("container"),
        "gpu_model": series.label("modelName"),
        "mig_instance": series.label("GPU_I_ID"),
        "mig_profile": series.label("GPU_I_PROFILE"),
        "node": series.label("Hostname", "hostname", "node"),
    }
    return {name: text for name, text in said.items() if text}


FORMAT = UsageFormat(
    "dcgm",
    read,
    null_identity="a GPU without a pod label was used by no pod that the exporter knew: "
    "unattributed",
)
