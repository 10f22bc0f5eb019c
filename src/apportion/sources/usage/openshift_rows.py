"""What the hourly reports of OpenShift's cost management have in common.

Times are written as Go does, ``2026-10-01 00:00:00 +0000 UTC``, and an interval ends with
its last *second* (``00:59:59``): an hour has 3600 seconds. Quantities are sums over the
interval (core-seconds, byte-seconds); over its length they are levels. Labels stand in one
field, ``label_app:serve|label_team:nlp``.

Source: project-koku/koku, `koku/masu/util/ocp/common.py` and `docs/architecture`, and the
operator's row types in project-koku/koku-metrics-operator (seen in 2026); the reports are
``cm-openshift-…`` and ``ocp_…`` CSV files of one shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal

from apportion.sources.files import InputFile
from apportion.sources.usage.csv_records import csv_records
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import large_number, utc

GB = 10**9

_HINT = "load the report as the operator wrote it"
_LAST_SECOND = timedelta(seconds=1)
_WIDE = Context(prec=60)


@dataclass(frozen=True)
class Interval:
    """A row of a report: its fields, and the time that it is about."""

    line: int
    row: Mapping[str, str]
    start: datetime
    end: datetime

    @property
    def seconds(self) -> int:
        return int((self.end - self.start).total_seconds())

    def level(self, name: str, unit: int = 1) -> Decimal | None:
        """The mean of a sum over the interval, in units; None for a field that is empty.

        It has 60 digits, far more than a level keeps. Raises ValueError that names the field.
        """
        text = self.row.get(name, "")
        if not text:
            return None
        try:
            return _WIDE.divide(large_number(text), Decimal(self.seconds * unit))
        except ValueError as fault:
            raise ValueError(f"{name}: {fault}") from fault

    def labels(self, name: str) -> dict[str, str]:
        """The labels of a field, without the prefix that each has.

        >>> row = Interval(2, {"l": "label_app:serve|label_x:"}, *[datetime(2026, 10, 1)] * 2)
        >>> row.labels("l")
        {'app': 'serve', 'x': ''}
        """
        pairs = (one.partition(":") for one in self.row.get(name, "").split("|") if one)
        return {key.removeprefix("label_"): text for key, _, text in pairs}


def intervals(
    file: InputFile, needs: Sequence[str], rows: UsageRows, what: str
) -> Iterator[Interval]:
    """The rows of a report; those whose time can't be read are rejected."""
    for line, row in csv_records(file, ("interval_start", "interval_end", *needs), rows, what):
        try:
            start, end = _time(row["interval_start"]), _time(row["interval_end"])
        except ValueError as fault:
            rows.reject(line, "interval_start", str(fault), _HINT, row)
            continue
        if end < start:
            rows.reject(line, "interval_end", "the interval ends before it begins", _HINT, row)
            continue
        yield Interval(line, row, start, end + _LAST_SECOND)


def reject(rows: UsageRows, one: Interval, column: str, fault: ValueError) -> None:
    """Set a row of a report aside."""
    rows.reject(one.line, column, str(fault), _HINT, one.row)


def _time(text: str) -> datetime:
    return utc(text.strip().removesuffix(" UTC").replace(" +0000", "+00:00"))
