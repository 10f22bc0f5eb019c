"""How many GPUs each queue of a cluster may have, day by day: a CSV with a column for each queue.

Who holds a quota pays for it, used or not, where the basis of charge is quota: level
`gpus_quota` over the day. A queue without quota on a day has no record then.

Shape: ``date,queue1,queue2,…,total``; `total` may be missing. It is that of the Helios traces
(S-Lab-System-Group/HeliosArtifact, `cluster_gpu_number.csv`), whose file for the cluster Earth
books all 840 GPUs to one queue on 2020-05-09 and none to the others, which ran jobs.

Faults that set a day aside, whole:

* the quotas don't add up to the total;
* one queue has everything, and on the days beside it others have quotas: a row that was
  written to the wrong column would charge one team for the whole cluster.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from apportion.errors import Place, SourceError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.csv_records import csv_records
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import natural_id, number, zone_of

_TOTAL = "total"
_FEW = 2


@dataclass(frozen=True)
class _Day:
    line: int
    row: Mapping[str, str]
    day: date
    quotas: Mapping[str, Decimal]
    total: Decimal | None

    @property
    def holders(self) -> list[str]:
        return [queue for queue, quota in self.quotas.items() if quota]


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read a table of quotas; it has a row a day, so that it is held whole."""
    check_options(spec, ())
    rows = UsageRows()
    zone = zone_of(spec)
    column = spec.columns.get("date", "date")
    days = list(_days(file, column, rows))
    for at, one in enumerate(days):
        fault = _fault(one, days[max(at - 1, 0) : at] + days[at + 1 : at + 2])
        if fault:
            hint = "correct the day where it comes from; no quota counts on it until then"
            rows.reject(one.line, column, fault, hint, one.row)
            continue
        for queue in one.holders:
            rows.add(
                one.line,
                UsageId=natural_id(queue, one.day),
                UsageStart=_midnight(one.day, zone),
                UsageEnd=_midnight(one.day + timedelta(days=1), zone),
                ProjectId=queue,
                gpus_quota=one.quotas[queue],
            )
        yield from rows.batches()
    yield from rows.batches(last=True)


def _days(file: InputFile, column: str, rows: UsageRows) -> Iterator[_Day]:
    for line, row in csv_records(file, (column,), rows, "table of quotas"):
        if len(row) < _FEW or set(row) == {column, _TOTAL}:
            raise SourceError(
                "no table of quotas: it has no queue",
                place=Place(file.name, 1),
                hint="a column for each queue, a row for each day",
            )
        try:
            numbers = {
                name: number(text) for name, text in row.items() if name != column and text.strip()
            }
            day = date.fromisoformat(row[column].strip()[:10])
        except ValueError as fault:
            rows.reject(line, column, str(fault), "a date as 2026-10-01, and plain numbers", row)
            continue
        total = numbers.pop(_TOTAL, None)
        yield _Day(line, row, day, numbers, total)


def _fault(one: _Day, beside: Sequence[_Day]) -> str:
    """Why the quotas of a day can't be right, or nothing."""
    given = sum(one.quotas.values(), Decimal(0))
    if one.total is not None and given != one.total:
        return f"the quotas add up to {given}, and {_TOTAL} says {one.total}"
    others = {queue for day in beside for queue in day.holders}
    if len(one.holders) == 1 and len(others - set(one.holders)) > 1:
        return (
            f"{one.holders[0]} has all {given} GPUs and every other queue none, while "
            f"{len(others)} queues have quotas on the days beside it"
        )
    return ""


def _midnight(day: date, zone: ZoneInfo | None) -> datetime:
    local = datetime(day.year, day.month, day.day, tzinfo=zone or UTC)
    return local.astimezone(UTC).replace(tzinfo=None)


FORMAT = UsageFormat(
    "cluster-quota", read, null_identity="every column is a queue; who has it the model says"
)
