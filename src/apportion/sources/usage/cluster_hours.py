"""A shared cluster by the hour: what each queue had, ran and waited for, as a plain CSV.

A row says of one queue (virtual cluster, partition, pool) and one hour how many GPUs it
had, held, waited for, as means of the hour: levels `gpus_capacity`, `gpus`, `gpus_pending`,
and `gpus_quota`, `gpus_requested`, `gpus_used` where there are such columns. What stood
idle is the capacity less what ran, and isn't a record.

Shape: ours. The columns are found by these names, or by `columns` of the source:
time (or hour, date), queue (or vc, partition, cluster), and at least one of capacity
(total_gpu_num), quota, running (running_gpu_num), requested, pending (pending_gpu_num), used.
The second names are those of the virtual clusters of the Helios traces, from which hourly
means were derived (S-Lab-System-Group/HeliosArtifact). A row is about an hour unless the
option `minutes` says another length.

Traps: a queue is no team. Who a queue belongs to is said by the model, with dates. In the
hour that a local clock shows twice, the second row of a queue is the second hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apportion.errors import ConfigurationError, Place, SourceError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.csv_records import csv_records
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import natural_id, number, zone_of

_NAMES = {
    "time": ("time", "hour", "date"),
    "queue": ("queue", "vc", "partition", "cluster"),
    "capacity": ("capacity", "total_gpu_num"),
    "quota": ("quota",),
    "running": ("running", "running_gpu_num"),
    "requested": ("requested",),
    "pending": ("pending", "pending_gpu_num"),
    "used": ("used",),
}
_METERS = {
    "capacity": "gpus_capacity",
    "quota": "gpus_quota",
    "running": "gpus",
    "requested": "gpus_requested",
    "pending": "gpus_pending",
    "used": "gpus_used",
}


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read a CSV of hours; raises SourceError where its columns can't be told."""
    check_options(spec, {"minutes"})
    rows = UsageRows()
    zone, length = zone_of(spec), _length(spec)
    columns: dict[str, str] = {}
    last: dict[str, datetime] = {}
    for line, row in csv_records(file, (), rows, "CSV of hours"):
        columns = columns or _columns(file, spec, row)
        try:
            queue = row[columns["queue"]].strip()
            start = _start(row[columns["time"]], zone, last.get(queue))
            levels = {
                _METERS[name]: number(row[column])
                for name, column in columns.items()
                if name in _METERS and row[column].strip()
            }
        except ValueError as fault:
            hint = "a time as 2026-10-01 00:00:00, and plain numbers with a decimal point"
            rows.reject(line, "", str(fault), hint, row)
            continue
        last[queue] = start
        begin = start.astimezone(UTC).replace(tzinfo=None)
        rows.add(
            line,
            UsageId=natural_id(queue, begin),
            UsageStart=begin,
            UsageEnd=begin + length,
            ProjectId=queue,
            **levels,
        )
        yield from rows.batches()
    yield from rows.batches(last=True)


def _columns(file: InputFile, spec: UsageSpec, row: Mapping[str, str]) -> dict[str, str]:
    """The file's column for each of ours that it has."""
    found = {}
    for name, known in _NAMES.items():
        told = spec.columns.get(name)
        there = [told] if told else [one for one in known if one in row]
        if there and there[0] in row:
            found[name] = there[0]
        elif told or name in {"time", "queue"}:
            raise _lacking(file, f"column {told or name!r} is missing", row)
    if not set(_METERS) & set(found):
        raise _lacking(file, "no column of GPUs", row)
    return found


def _lacking(file: InputFile, what: str, row: Mapping[str, str]) -> SourceError:
    return SourceError(
        f"no CSV of hours: {what}",
        place=Place(file.name, 1),
        why=f"the header has {', '.join(row)[:300]}",
        hint=f"name the file's columns under `columns`: {', '.join(_NAMES)}",
    )


def _start(text: str, zone: ZoneInfo | None, before: datetime | None) -> datetime:
    """When a row begins; a local time that its queue has just had is meant the second time."""
    read = datetime.fromisoformat(text.strip())
    if read.tzinfo is not None:
        return read
    local = read.replace(tzinfo=zone or UTC)
    again = before is not None and before.replace(fold=0) == local and not before.fold
    second = local.replace(fold=1)
    return second if again and second.utcoffset() != local.utcoffset() else local


def _length(spec: UsageSpec) -> timedelta:
    text = spec.options.get("minutes", "60")
    if not text.isdigit() or not int(text):
        raise ConfigurationError(
            f"usage {spec.name!r}: minutes is {text!r}",
            place=spec.place,
            hint="write how many minutes a row is about; 60 when left out",
        )
    return timedelta(minutes=int(text))


FORMAT = UsageFormat(
    "cluster-hours",
    read,
    null_identity="a row without a queue is use of nobody's queue: unattributed",
)
