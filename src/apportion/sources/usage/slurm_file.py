"""The rows of a `sacct` export as columns of text, block by block, each with its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc_csv

from apportion.errors import Place, SourceError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.usage_format import Rejected
from apportion.sources.usage.usage_texts import open_text

_BLOCK = 8 * 1024 * 1024

NEEDED = ("State", "Start", "End", "AllocTRES")
"""Besides JobIDRaw or JobID."""

KNOWN = (
    "JobIDRaw JobID JobName User Account Partition QOS WCKey Cluster State Submit Eligible Start"
    " End ElapsedRaw Suspended AllocTRES ReqTRES NodeList ConsumedEnergyRaw ExitCode Reservation"
    " Group Comment"
).split()
"""The columns that are read, in sacct's own spelling."""


@dataclass
class Block:
    """Some rows: a column of text for each known field that the export has, and their lines."""

    columns: dict[str, Any]
    lines: Any
    broken: tuple[Rejected, ...] = ()

    @property
    def rows(self) -> int:
        return len(self.lines)


@dataclass
class _Broken:
    """Lines that don't have as many fields as the header."""

    lines: list[int] = field(default_factory=list)
    new: list[Rejected] = field(default_factory=list)

    def take(self, row: Any) -> str:
        line = int(row.number)
        self.lines.append(line)
        if row.text.strip():
            self.new.append(
                Rejected(
                    line,
                    "",
                    f"{row.actual_columns} fields where the header has {row.expected_columns}",
                    "a job name or comment holds the delimiter: leave it out of --format, or "
                    "export with another --delimiter and tell it as option `delimiter`",
                    {"line": row.text},
                )
            )
        return "skip"


def read_blocks(file: InputFile, spec: UsageSpec) -> Iterator[Block]:
    """The blocks of a file; raises SourceError for what is no export of `sacct -P`."""
    delimiter = spec.options.get("delimiter", "|")
    names, headless = _names(file, spec, delimiter)
    broken = _Broken()
    number = 1 if headless else 2
    with _opened(file) as stream:
        try:
            reader = pc_csv.open_csv(
                stream,
                read_options=pc_csv.ReadOptions(
                    use_threads=False,
                    block_size=_BLOCK,
                    column_names=list(names),
                    skip_rows=number - 1,
                ),
                parse_options=pc_csv.ParseOptions(
                    delimiter=delimiter,
                    quote_char=False,
                    ignore_empty_lines=False,
                    invalid_row_handler=broken.take,
                ),
                convert_options=pc_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    include_columns=[name for name in names if name in KNOWN],
                    strings_can_be_null=False,
                ),
            )
            for batch in reader:
                lines, number = _lines(number, batch.num_rows, broken.lines)
                columns = {name: batch.column(name) for name in batch.schema.names}
                yield Block(columns, lines, tuple(broken.new))
                broken.new.clear()
        except (pa.ArrowInvalid, OSError, EOFError) as fault:
            raise SourceError(
                "the file can't be read",
                place=Place(file.name),
                why=str(fault),
                hint="export it again by `sacct -P`; nothing of this source was loaded",
            ) from fault
    if broken.new:
        yield Block({}, np.empty(0, np.int64), tuple(broken.new))


@contextmanager
def _opened(file: InputFile) -> Iterator[Any]:
    with file.path.open("rb") as opened:
        packed = opened.read(2) == b"\x1f\x8b"
    with pa.input_stream(str(file.path), compression="gzip" if packed else None) as stream:
        yield stream


def _lines(number: int, rows: int, broken: Sequence[int]) -> tuple[Any, int]:
    """The lines of the next sound rows, and the line after them."""
    ahead = np.arange(number, number + rows + len(broken), dtype=np.int64)
    lines = ahead[~np.isin(ahead, np.array(broken, np.int64))][:rows]
    return lines, int(lines[-1]) + 1 if rows else number


def _names(file: InputFile, spec: UsageSpec, delimiter: str) -> tuple[list[str], bool]:
    """The names of the columns in sacct's spelling, and whether the file has no header."""
    with open_text(file) as text:
        head = text.readline().rstrip("\r\n")
    told = spec.options.get("fields")
    written = told.split(",") if told else head.split(delimiter)
    spelled = {name.lower(): name for name in KNOWN}
    names = [spelled.get(one.partition("%")[0].strip().lower(), one) for one in written]
    if head.endswith(delimiter) and told:
        names.append("")
    names = [name if names.index(name) == at else f"{name} {at}" for at, name in enumerate(names)]
    lacking = [name for name in NEEDED if name not in names]
    if not {"JobIDRaw", "JobID"} & set(names):
        lacking.insert(0, "JobIDRaw")
    if lacking:
        raise SourceError(
            f"no export of sacct: column {lacking[0]!r} is missing",
            place=Place(file.name, 1),
            why=f"the first line is {head[:200]!r}; missing are {', '.join(lacking)}",
            hint="export by `sacct -a -P -X --format=…` with a header (without -n), or tell the "
            "names of --format as option `fields`",
        )
    return names, bool(told) and spelled.get(head.split(delimiter)[0].lower()) is None
