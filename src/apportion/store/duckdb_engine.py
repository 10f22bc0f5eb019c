"""DuckDB as the engine: in this process, in memory, reading Parquet where it lies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING
from uuid import uuid4

import duckdb
from sqlglot import exp

from apportion.store.engine import plain
from apportion.store.relation import table

if TYPE_CHECKING:
    import pyarrow as pa


class DuckDBEngine:
    """DuckDB in this process."""

    name = "duckdb"

    def __init__(self, memory_limit: str = "3GB", scratch: Path | None = None) -> None:
        spill = Path(scratch or gettempdir()) / f"apportion-{uuid4().hex}"
        self.connection: duckdb.DuckDBPyConnection = duckdb.connect(
            config={
                "memory_limit": memory_limit,
                "temp_directory": str(spill),
                # Extensions download at run time, so none beyond the wheel's own may load.
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                # A misspelt relation must be an error, not a variable of the caller.
                "python_enable_replacements": False,
            }
        )
        self.connection.execute("SET TimeZone = 'UTC'")
        self._kinds: dict[str, str] = {}

    def files(self, name: str, paths: Sequence[Path]) -> None:
        if not paths:
            raise ValueError(f"no files for the relation {name}")
        self.drop(name)
        found = self.connection.read_parquet([str(path) for path in paths], union_by_name=True)
        found.create_view(name)
        self._kinds[name.lower()] = "VIEW"

    def rows(self, name: str, data: pa.Table) -> None:
        self.drop(name)
        self.connection.from_arrow(data).create(_quoted(name))
        self._kinds[name.lower()] = "TABLE"

    def create(self, name: str, query: exp.Query) -> None:
        if name.lower() not in self._kinds:
            self._run(exp.Create(this=table(name), kind="TABLE", expression=query))
        else:  # under a name of its own first: the query may read what it replaces
            made = f"made_{uuid4().hex}"
            self._run(exp.Create(this=table(made), kind="TABLE", expression=query))
            self.drop(name)
            target = exp.AlterRename(this=table(name))
            self._run(exp.Alter(this=table(made), kind="TABLE", actions=[target]))
        self._kinds[name.lower()] = "TABLE"

    def view(self, name: str, query: exp.Query) -> None:
        self.drop(name)
        self._run(exp.Create(this=table(name), kind="VIEW", expression=query))
        self._kinds[name.lower()] = "VIEW"

    def fetch(self, query: exp.Query) -> pa.Table:
        return plain(self.connection.sql(query.sql("duckdb")).to_arrow_table())

    def drop(self, *names: str) -> None:
        for name in names:
            if kind := self._kinds.pop(name.lower(), ""):
                self._run(exp.Drop(tables=[table(name)], kind=kind, exists=True))

    def close(self) -> None:
        self.connection.close()

    def _run(self, statement: exp.Expression) -> None:
        self.connection.execute(statement.sql("duckdb"))


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("duckdb")
