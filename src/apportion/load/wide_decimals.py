"""Decimals of Parquet that are wider than the engine's, say BigQuery's BIGNUMERIC, as texts.

DuckDB holds 38 digits, and reads wider decimals as binary floating point without
a word: digits would be lost that the bill has. As texts they are judged like
those of a CSV.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from apportion.errors import Place, SourceError


def with_texts(file: pq.ParquetFile, path: Path, name: str, folder: Path) -> Path:
    """A file with the same rows whose wide decimals are texts; `path` itself where it has none.

    Raises SourceError where wide decimals lie within records or lists.
    """
    schema = file.schema_arrow
    wide = [field.name for field in schema if pa.types.is_decimal256(field.type)]
    nested = [f.name for f in schema if f.name not in wide and _holds_wide(f.type)]
    if nested:
        raise SourceError(
            f"decimals of more than 38 digits within the column {nested[0]}",
            place=Place(name),
            why="the engine reads them as binary floating point, and digits would be lost",
            hint="export them as texts, or as decimals of 38 digits at most",
        )
    if not wide:
        return path
    target = folder / "wide-decimals.parquet"
    narrow = pa.schema([pa.field(f.name, pa.string()) if f.name in wide else f for f in schema])
    with pq.ParquetWriter(target, narrow, compression="lz4") as writer:
        for batch in file.iter_batches():
            writer.write_table(pa.Table.from_batches([batch]).cast(narrow))
    return target


def _holds_wide(kind: pa.DataType) -> bool:
    if pa.types.is_decimal256(kind):
        return True
    return any(_holds_wide(kind.field(n).type) for n in range(kind.num_fields))
