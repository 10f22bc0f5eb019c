"""A Spark Connect server as the engine: Apache Spark, or Sail.

The server must see the lake and the scratch folder under the same paths as
this process does. What passes create is written to the scratch folder as
Parquet, once: a cached view may be evicted and computed anew (and Sail doesn't
cache at all), which is slow and, for anything that isn't deterministic, wrong.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlglot import exp

from apportion.errors import ConfigurationError
from apportion.store.engine import plain
from apportion.store.relation import table

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession


class SparkEngine:
    """A session on a Spark Connect server. Close it before the server stops, or both hang."""

    name = "spark"

    def __init__(self, address: str, scratch: Path | None = None) -> None:
        self.session: SparkSession = _session(address)
        self._scratch = TemporaryDirectory(prefix="apportion-", dir=scratch)
        self._views: dict[str, str] = {}
        self._tables: dict[str, str] = {}

    def files(self, name: str, paths: Sequence[Path]) -> None:
        if not paths:
            raise ValueError(f"no files for the relation {name}")
        read = self.session.read.option("mergeSchema", "true")
        self._show(name, read.parquet(*(str(path) for path in paths)))

    def rows(self, name: str, data: pa.Table) -> None:
        # As a file, not through the session: an empty table has columns too.
        import pyarrow.parquet as pq

        path = Path(self._scratch.name) / f"{uuid4().hex}.parquet"
        pq.write_table(data, path)
        self.files(name, [path])

    def create(self, name: str, query: exp.Query) -> None:
        made = f"apportion_{uuid4().hex}"
        path = Path(self._scratch.name) / made
        properties = [
            exp.FileFormatProperty(this=exp.var("parquet")),
            exp.LocationProperty(this=exp.Literal.string(str(path))),
        ]
        statement = exp.Create(
            this=table(made),
            kind="TABLE",
            expression=self._inner(query),
            properties=exp.Properties(expressions=properties),
        )
        self.session.sql(statement.sql("spark")).toArrow()
        self._show(name, self.session.table(made))
        self._tables[name.lower()] = made

    def view(self, name: str, query: exp.Query) -> None:
        self._show(name, self.session.sql(self._inner(query).sql("spark")))

    def fetch(self, query: exp.Query) -> pa.Table:
        return plain(self.session.sql(self._inner(query).sql("spark")).toArrow())

    def drop(self, *names: str) -> None:
        for name in names:
            if view := self._views.pop(name.lower(), ""):
                self.session.catalog.dropTempView(view)
            if made := self._tables.pop(name.lower(), ""):
                self.session.sql(
                    exp.Drop(tables=[table(made)], kind="TABLE").sql("spark")
                ).toArrow()
                rmtree(Path(self._scratch.name) / made, ignore_errors=True)

    def close(self) -> None:
        with suppress(Exception):  # a server that is gone has nothing left to forget
            self.drop(*list(self._tables))
        self.session.stop()
        self._scratch.cleanup()

    def _show(self, name: str, frame: DataFrame) -> None:
        # Each view has a name of its own: Spark forbids some texts, and older views stay as made.
        self.drop(name)
        view = f"apportion_{uuid4().hex}"
        frame.createOrReplaceTempView(view)
        self._views[name.lower()] = view

    def _inner(self, query: exp.Query) -> exp.Query:
        """The query with each relation under the name that the server knows it by."""
        copy = query.copy()
        hidden = {cte.alias for cte in copy.find_all(exp.CTE)}
        for named in list(copy.find_all(exp.Table)):
            view = self._views.get(named.name.lower())
            if view and named.name not in hidden:
                if not named.alias:
                    known = exp.to_identifier(named.name, quoted=True)
                    named.set("alias", exp.TableAlias(this=known))
                named.set("this", exp.to_identifier(view, quoted=True))
        return copy


def _session(address: str) -> SparkSession:
    try:
        with warnings.catch_warnings():
            # pyspark warns of pandas 3, which this engine doesn't use.
            warnings.simplefilter("ignore", FutureWarning)
            from pyspark.sql import SparkSession

            return SparkSession.builder.remote(address).create()
    except ImportError as fault:
        raise ConfigurationError(
            "the engine spark isn't installed",
            why=str(fault),
            hint="pip install 'apportion[spark]'",
        ) from fault
