"""The engine: where SQL runs. DuckDB in this process by default, or a Spark Connect server.

An engine holds named relations: files of the lake, small tables from Python,
and results of passes. It knows nothing of money or owners. Every pass of
attribution runs on each engine with results equal to the digit, so passes use
what is tested here and only exact operations: sum, count, join, group, compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from sqlglot import exp

from apportion.errors import ConfigurationError
from apportion.store.relation import table

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from pyspark.sql import SparkSession


class Engine(Protocol):
    """What a pass may ask of an engine. Names are relation names, free of quoting rules."""

    name: str

    def files(self, name: str, paths: Sequence[Path]) -> None:
        """Register Parquet files, alike in columns, as one relation."""

    def rows(self, name: str, data: pa.Table) -> None:
        """Register a small Arrow table as a relation."""

    def create(self, name: str, query: exp.Query) -> None:
        """Run a query now and keep its rows as a relation."""

    def view(self, name: str, query: exp.Query) -> None:
        """Name a query; it runs wherever the name is read."""

    def fetch(self, query: exp.Query) -> pa.Table:
        """Run a query and bring its rows to Python."""

    def drop(self, *names: str) -> None:
        """Forget relations; a name that isn't there is no fault."""

    def close(self) -> None:
        """Release the engine."""


def open_engine(name: str = "duckdb", *, address: str = "", memory_limit: str = "3GB") -> Engine:
    """Open an engine by name: ``duckdb``, or ``spark`` at a Spark Connect address (``sc://host:port``)."""
    if name == "duckdb":
        return DuckDBEngine(memory_limit)
    if name == "spark":
        return SparkEngine(address)
    raise ConfigurationError(f"no engine is called {name!r}", hint="use duckdb or spark")


class DuckDBEngine:
    """DuckDB in this process."""

    name = "duckdb"

    def __init__(self, memory_limit: str = "3GB") -> None:
        import duckdb

        # Extensions download at run time, so none beyond the wheel's own may load.
        self.connection: duckdb.DuckDBPyConnection = duckdb.connect(
            config={
                "memory_limit": memory_limit,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        self.connection.execute("SET TimeZone = 'UTC'")

    def files(self, name: str, paths: Sequence[Path]) -> None:
        self.drop(name)
        self.connection.read_parquet([str(path) for path in paths]).create_view(name)

    def rows(self, name: str, data: pa.Table) -> None:
        self.drop(name)
        held = f"arrow_{uuid4().hex}"
        self.connection.register(held, data)
        self.create(name, exp.select("*").from_(table(held)))
        self.connection.unregister(held)

    def create(self, name: str, query: exp.Query) -> None:
        self.drop(name)
        made = exp.Create(this=table(name), kind="TABLE", expression=query)
        self.connection.execute(made.sql("duckdb"))

    def view(self, name: str, query: exp.Query) -> None:
        self.drop(name)
        made = exp.Create(this=table(name), kind="VIEW", expression=query)
        self.connection.execute(made.sql("duckdb"))

    def fetch(self, query: exp.Query) -> pa.Table:
        return self.connection.sql(query.sql("duckdb")).to_arrow_table()

    def drop(self, *names: str) -> None:
        for name in names:
            found = self.connection.execute(
                "SELECT table_type FROM information_schema.tables WHERE table_name = ?", [name]
            ).fetchone()
            if found:
                kind = "VIEW" if found[0] == "VIEW" else "TABLE"
                self.connection.execute(exp.Drop(this=table(name), kind=kind).sql("duckdb"))

    def close(self) -> None:
        self.connection.close()


class SparkEngine:
    """A Spark Connect server: Apache Spark, or Sail. It must see the lake under the same paths."""

    name = "spark"

    def __init__(self, address: str) -> None:
        from pyspark.sql import SparkSession

        self.session: SparkSession = SparkSession.builder.remote(address).create()

    def files(self, name: str, paths: Sequence[Path]) -> None:
        frame = self.session.read.parquet(*(str(path) for path in paths))
        frame.createOrReplaceTempView(name)

    def rows(self, name: str, data: pa.Table) -> None:
        self.session.createDataFrame(data).createOrReplaceTempView(name)

    def create(self, name: str, query: exp.Query) -> None:
        self.session.sql(query.sql("spark")).cache().createOrReplaceTempView(name)

    def view(self, name: str, query: exp.Query) -> None:
        self.session.sql(query.sql("spark")).createOrReplaceTempView(name)

    def fetch(self, query: exp.Query) -> pa.Table:
        return self.session.sql(query.sql("spark")).toArrow()

    def drop(self, *names: str) -> None:
        for name in names:
            self.session.catalog.dropTempView(name)

    def close(self) -> None:
        self.session.stop()
