"""Write what a format reads of one file as columns, and keep what it can't read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from apportion.domain.snapshot import Quarantined
from apportion.errors import Place
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.usage_format import Rejected, UsageFormat
from apportion.sources.usage.usage_rows import SCHEMA

MOST_QUARANTINED = 1000
"""Records of a file that are quarantined with their text; all are counted."""

_SCHEMA = pa.schema(list(SCHEMA.items()))


@dataclass
class StagedUsage:
    """A file's records as columns in a file of the staging folder.

    `rows` were read, `skipped` are no usage of their own, and `rejected` counts what the
    format could not read, by reason; `quarantined` are the first of those.
    `columns` are those of which the file says anything; `places` is where in a row of a
    table each stands.
    """

    file: InputFile
    path: Path
    rows: int = 0
    skipped: int = 0
    rejected: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    first_lines: dict[tuple[str, str, str], int | None] = field(default_factory=dict)
    quarantined: list[Quarantined] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)
    places: dict[str, int] = field(default_factory=dict)

    @property
    def rejected_rows(self) -> int:
        return self.rejected.total()

    def place(self, column: str, line: int | None) -> Place:
        """Where a column of a record stands in the file, as far as that is known."""
        return Place(self.file.name, line, self.places.get(column))

    def take(self, one: Rejected) -> None:
        """Count a rejected record, and keep its text if it is among the first."""
        kind = (one.column, one.reason, one.hint)
        self.rejected[kind] += 1
        self.first_lines.setdefault(kind, one.line)
        if len(self.quarantined) < MOST_QUARANTINED:
            self.quarantined.append(
                Quarantined(self.file.name, one.line, one.column, one.reason, one.hint, one.row)
            )


def stage_usage(
    format_: UsageFormat, file: InputFile, spec: UsageSpec, folder: Path
) -> StagedUsage:
    """Read a file to its end, batch by batch; raises SourceError where it is none of its format."""
    staged = StagedUsage(file, folder / "staged.parquet")
    with pq.ParquetWriter(staged.path, _SCHEMA, compression="zstd") as writer:
        for batch in format_.read(file, spec):
            staged.rows += batch.rows.num_rows
            staged.skipped += batch.skipped
            staged.places.update(batch.places)
            for one in batch.rejected:
                staged.take(one)
            staged.columns.update(batch.rows.column_names)
            if batch.rows.num_rows:
                writer.write_table(_whole(batch.rows))
    return staged


def _whole(rows: pa.Table) -> pa.Table:
    """The rows with every column of a record, null where the batch has none."""
    there = set(rows.column_names)
    arrays = [
        rows.column(name).cast(kind) if name in there else pa.nulls(rows.num_rows, kind)
        for name, kind in SCHEMA.items()
    ]
    return pa.table(arrays, schema=_SCHEMA)
