"""The engine: where SQL runs. DuckDB in this process by default, or a Spark Connect server.

An engine holds named relations: files of the lake, small tables from Python,
and results of passes. It knows nothing of money or owners. Every pass of
attribution runs on each engine with results equal to the digit, so passes use
what is tested here and only exact operations: sum, count, join, group, compare.

Names of relations may be any text and are compared without case. What is
fetched has the same Arrow types on every engine: int64, string, date32, and
decimals of the scale that the query casts to.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlglot import exp

from apportion.errors import ConfigurationError

if TYPE_CHECKING:
    import pyarrow as pa


class Engine(Protocol):
    """What a pass may ask of an engine. Names are relation names, free of quoting rules."""

    name: str

    def files(self, name: str, paths: Sequence[Path]) -> None:
        """Register Parquet files as one relation; a column that some files lack is NULL there."""

    def rows(self, name: str, data: pa.Table) -> None:
        """Register a small Arrow table as a relation."""

    def create(self, name: str, query: exp.Query) -> None:
        """Run a query now, once, and keep its rows as a relation; it may read the old one."""

    def view(self, name: str, query: exp.Query) -> None:
        """Name a query; it runs anew wherever the name is read."""

    def fetch(self, query: exp.Query) -> pa.Table:
        """Run a query and bring its rows to Python."""

    def drop(self, *names: str) -> None:
        """Forget relations; a name that isn't there is no fault."""

    def close(self) -> None:
        """Release the engine."""


def open_engine(
    name: str = "duckdb",
    *,
    address: str = "",
    memory_limit: str = "3GB",
    scratch: Path | None = None,
) -> Engine:
    """Open an engine by name: ``duckdb``, or ``spark`` at an address (``sc://host:port``).

    `scratch` is a folder for what doesn't fit in memory (DuckDB) or for the
    results of passes (Spark, whose server must see the folder under the same
    path); by default a temporary folder of this machine. Raises
    ConfigurationError for another name, or where the engine isn't installed.
    """
    if name == "duckdb":
        from apportion.store.duckdb_engine import DuckDBEngine

        return DuckDBEngine(memory_limit, scratch)
    if name == "spark":
        from apportion.store.spark_engine import SparkEngine

        return SparkEngine(address, scratch)
    raise ConfigurationError(f"no engine is called {name!r}", hint="use duckdb or spark")


def plain(data: pa.Table) -> pa.Table:
    """The same rows in the types that every engine gives: int64, string, date32, decimal128.

    >>> import pyarrow as pa
    >>> plain(pa.table({"n": pa.array([1], pa.int32())})).schema.field("n").type
    DataType(int64)
    """
    import pyarrow as pa

    def plainly(kind: pa.DataType) -> pa.DataType:
        if pa.types.is_integer(kind):
            return pa.int64()
        if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            return pa.string()
        if pa.types.is_dictionary(kind):
            return plainly(kind.value_type)
        return kind

    # Nullability and metadata differ between engines and say nothing about the rows.
    wanted = pa.schema([pa.field(field.name, plainly(field.type)) for field in data.schema])
    return data if data.schema.equals(wanted, check_metadata=True) else data.cast(wanted)
