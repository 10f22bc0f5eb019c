"""OpenCost and Kubecost: what each workload was allocated of a cluster, in windows of time.

An allocation holds CPUs, memory, GPUs and volumes from its start to its end, which lie
within the window: levels `cpus`, `memory_gb`, `gpus`, `storage_gb`. OpenCost allocates the
larger of request and use; both are told beside it for CPU and memory.

Shape: ``GET /allocation`` (or ``/allocation/compute``) answers ``{"code":200,"data":[{"name":
{allocation}, …}, …]}``, a map for each step of the window. Source: opencost/opencost,
`core/pkg/opencost/allocation_json.go`, and opencost.io, API (seen in 2026).

Traps:

* ``__idle__`` is capacity that nobody had, and has money but no quantities: skipped.
  ``__unallocated__`` is use without the property that was asked for (a pod without the
  label): real use, and nobody's. ``__unmounted__`` are volumes that no pod mounts.
* With shareIdle others carry idle cost: the money (`ReportedCost`) is list price at best, for
  comparison only, and never charged.
* A GPU that several pods share is reported whole for each (opencost #3828), and GPU
  "usage" isn't what was used (#3900): `gpus_used` comes from DCGM.
* Windows that overlap tell the same time twice under two ids: ask for fixed days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apportion.errors import Place, SourceError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.json_parts import kind_of, object_in
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import natural_id, read_json, utc

_GB = 10**9

_LEVELS = {
    "cpus": ("cpuCores", 1),
    "cpus_requested": ("cpuCoreRequestAverage", 1),
    "cpus_used": ("cpuCoreUsageAverage", 1),
    "memory_gb": ("ramBytes", _GB),
    "memory_gb_requested": ("ramByteRequestAverage", _GB),
    "memory_gb_used": ("ramByteUsageAverage", _GB),
    "gpus": ("gpuCount", 1),
    "storage_gb": ("pvBytes", _GB),
}
_COUNTS = {"bytes_out": "networkTransferBytes", "bytes_in": "networkReceiveBytes"}

_IDLE = "__idle__"
_NOBODY = ("", "__unallocated__", "__unmounted__", _IDLE)

_IDENTITIES = {
    "RunId": "pod",
    "Namespace": "namespace",
    "ServiceName": "controller",
    "AccountId": "cluster",
    "ResourceId": "node",
}
_OTHERS = ("container", "controllerKind", "providerID")


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read an answer of the allocation API; raises SourceError for what is none."""
    check_options(spec, {"currency"})
    rows = UsageRows()
    number = 0
    for window in _windows(file):
        for name, one in window.items():
            number += 1
            if _IDLE in name.split("/"):
                rows.skip()
                continue
            _take(rows, number, name, one, spec)
            yield from rows.batches()
    yield from rows.batches(last=True)


def _windows(file: InputFile) -> list[Mapping[str, Any]]:
    document = read_json(file)
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, list) or not all(isinstance(one, dict | None) for one in data):
        said = document.get("message") if isinstance(document, dict) else None
        raise SourceError(
            "no answer of OpenCost's allocation API",
            place=Place(file.name),
            why=str(said) if said else "it has no list `data` of maps",
            hint="save what GET /allocation?window=…&aggregate=… answers, as it is",
        )
    return [one or {} for one in data]


def _take(rows: UsageRows, number: int, name: str, one: Any, spec: UsageSpec) -> None:
    """Add an allocation, or reject it with its place in the file."""
    try:
        record = _record(name, one, spec)
    except ValueError as fault:
        hint = "each allocation has start, end, properties, and its quantities as numbers"
        rows.reject(number, "", str(fault), hint, {"name": name})
        return
    rows.add(number, **record)


def _record(name: str, one: Any, spec: UsageSpec) -> dict[str, object]:
    if not isinstance(one, dict):
        raise ValueError(f"{kind_of(one)}, no allocation")  # noqa: TRY004 -- a fault of data
    window, properties = object_in(one, "window"), object_in(one, "properties")
    start, end = _time(one, "start"), _time(one, "end")
    times = (_time(window, "start") if window.get("start") else start,
             _time(window, "end") if window.get("end") else end)  # fmt: skip
    cost = _number(one, "totalCost")
    return {
        "UsageId": natural_id(properties.get("cluster"), name, *times),
        "UsageStart": start,
        "UsageEnd": end,
        "ProviderName": "Kubernetes",
        "Attributes": _attributes(name, properties),
        "ReportedCost": cost,
        "ReportedCurrency": spec.options.get("currency") if cost is not None else None,
        **{of: _known(properties.get(key)) for of, key in _IDENTITIES.items()},
        **_quantities(one),
    }


def _time(one: Mapping[str, Any], name: str) -> datetime:
    text = one.get(name)
    if text is None:
        raise ValueError(f"{name!r} is missing")
    try:
        return utc(text if isinstance(text, str) else "")
    except ValueError:
        raise ValueError(f"{name} is no time: {text!r}") from None


def _quantities(one: Mapping[str, Any]) -> dict[str, object]:
    found: dict[str, object] = {}
    for meter, (field, unit) in _LEVELS.items():
        value = _number(one, field)
        if value is not None and (value or meter in {"cpus", "memory_gb"}):
            found[meter] = Fraction(value) / unit
    for meter, field in _COUNTS.items():
        if value := _number(one, field):
            found[meter] = value
    return found


def _number(one: Mapping[str, Any], field: str) -> Decimal | None:
    """A field's number; null, which stands for what couldn't be computed, is None."""
    value = one.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        shown = repr(value) if isinstance(value, str) else kind_of(value)
        raise ValueError(f"{field} is {shown}, no number")  # noqa: TRY004 -- a fault of data
    return Decimal(value)


def _known(text: Any) -> str | None:
    return None if text is None or text in _NOBODY else str(text)


def _attributes(name: str, properties: Mapping[str, Any]) -> dict[str, str]:
    """The labels of namespace and pod, the pod's over the namespace's, and what else is told."""
    labels = {**object_in(properties, "namespaceLabels"), **object_in(properties, "labels")}
    said = {key: properties.get(key) for key in _OTHERS}
    services = properties.get("services") or []
    named = map(str, services) if isinstance(services, list) else [str(services)]
    return {
        **{str(key): str(text) for key, text in labels.items()},
        **{key: str(text) for key, text in said.items() if text},
        **({"services": ",".join(named)} if services else {}),
        "allocation": name,
    }


FORMAT = UsageFormat(
    "opencost",
    read,
    restates=True,
    late=timedelta(days=2),
    null_identity="__unallocated__ is use without the property that was asked for: unattributed",
)
