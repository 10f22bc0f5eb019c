"""Why rows of a table can't be read: the first fault of each, by its place in the batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from apportion.domain.usage import OWN_METER, STATUSES, USAGE_END, USAGE_START
from apportion.sources.usage.table_columns import DAY, PERIOD, TableColumns
from apportion.sources.usage.table_rows import TextRows
from apportion.sources.usage.table_texts import Read
from apportion.sources.usage.usage_format import Rejected

_NUMBER = "write a plain number with a point; a unit or a sign of a currency is no part of it"
_MOMENT = "write it as 2026-10-01T08:00:00Z, or without zone and set `timezone`"
_HINTS = {
    USAGE_START: _MOMENT,
    USAGE_END: _MOMENT,
    DAY: "write it as 2026-10-31",
    PERIOD: "write it as 2026-10",
    OWN_METER[2]: "convert the quantity, or leave the unit empty",
    "Status": f"one of {', '.join(filter(None, STATUSES))}, or empty",
}


@dataclass
class TableFaults:
    """A batch of rows, its columns, and what is wrong with them."""

    rows: TextRows
    columns: TableColumns
    _found: dict[int, tuple[str, str, str]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.rows.lines)

    def texts(self, ours: str) -> Any:
        """The texts of a column of ours; None where the rows don't have it."""
        return self.rows.columns.get(self.columns.ours.get(ours, ""))

    def keep(self, ours: str, read: Read) -> Any:
        """The values of a column that was read; its faults are noted."""
        for at, why in read.faults.items():
            self.add(at, self.columns.ours.get(ours, ours), why, _HINTS.get(ours, _NUMBER))
        return read.values

    def add(self, at: int, column: str, reason: str, hint: str) -> None:
        """Note a fault of a row, unless it has one."""
        self._found.setdefault(at, (column, reason, hint))

    def sound(self) -> list[bool]:
        """Which rows have none."""
        return [at not in self._found for at in range(self.count)]

    def rejected(self) -> tuple[Rejected, ...]:
        """Those that have one, in their order."""
        lines = self.rows.lines
        return tuple(
            Rejected(lines[at].as_py(), *said, self.rows.row(at))
            for at, said in sorted(self._found.items())
        )
