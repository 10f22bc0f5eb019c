"""Where a load does its work: DuckDB with bounded memory, spilling into a folder of its own.

Only the input's texts and the files in the load's staging folder are seen
here; nothing is current before the books say so.
"""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb.func import FunctionNullHandling, PythonUDFType
from sqlglot import exp

from apportion.domain.money import PRECISION, SCALE
from apportion.sources.amount import ODD_AMOUNT, ODD_FLOAT, AmountReader
from apportion.sources.exact import FUNCTIONS as ARITHMETIC
from apportion.sources.price_table import LISTED, PriceList
from apportion.sources.reading import Function
from apportion.sources.tags import TagReader
from apportion.store.relation import column, sql, table
from apportion.store.relation import text as literal

CANONICAL_TAGS = "canonical_tags"

MEMORY = "2500MB"
"""DuckDB's own bound; with what lies beside it a load stays below 4 GB."""

LONGEST_ROW = 2_000_000
"""Bytes that one row of a CSV may take."""

NO_JSON = "a line is no JSON"

_LINE = "line as written"

_AMOUNT = f"DECIMAL({PRECISION}, {SCALE})"
_TYPES = {"DECIMAL": _AMOUNT}
_TICK = 0.2
_ROW_GROUP = 122_880


class Workbench:
    """An engine for one load, closed when the load is done.

    Tags and odd amounts are read by Python, each distinct text once; all else
    runs in DuckDB.
    """

    def __init__(self, folder: Path, memory: str = MEMORY) -> None:
        spill = folder / "spill"
        spill.mkdir()
        self.connection = duckdb.connect(
            config={
                "memory_limit": memory,
                "temp_directory": str(spill),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                # A misspelt relation must be an error, not a variable of the caller.
                "python_enable_replacements": False,
            }
        )
        self.connection.execute("SET TimeZone = 'UTC'")
        # Progress is asked for, and shown by those who know how.
        self.connection.execute("SET enable_progress_bar = true")
        self.connection.execute("SET enable_progress_bar_print = false")
        self._kinds: dict[str, str] = {}
        self._lent: set[str] = set()
        self._lend_amounts()

    def _lend_amounts(self) -> None:
        """Make the reader of odd amounts callable from queries."""
        reader = AmountReader()
        for name, function in ((ODD_AMOUNT, reader.read), (ODD_FLOAT, reader.read_float)):
            self._lend(name, function, ["VARCHAR"], _AMOUNT)
        for name, (arithmetic, parameters) in ARITHMETIC.items():
            self._lend(name, arithmetic, [_TYPES.get(one, one) for one in parameters], _AMOUNT)

    def lend_tags(self, reader: TagReader) -> None:
        """Make a reader of tags callable from queries as `CANONICAL_TAGS`, in place of the last."""
        self._lend(CANONICAL_TAGS, reader.read, ["VARCHAR"], "VARCHAR")

    def lend_prices(self, prices: PriceList) -> None:
        """Make a list of prices callable from queries as `LISTED`, in place of the last."""
        self._lend(LISTED, prices.find, ["VARCHAR", "TIMESTAMP"], _AMOUNT)

    def lend(self, functions: Iterable[Function]) -> None:
        """Make the functions of a format callable from queries, in place of the last of a name."""
        for one in functions:
            self._lend(one.name, one.read, ["VARCHAR"], one.result)

    def _lend(
        self, name: str, function: Callable[..., pa.Array], parameters: Sequence[str], result: str
    ) -> None:
        if name in self._lent:
            self.connection.remove_function(name)
        self.connection.create_function(
            name,
            function,
            list(parameters),
            result,
            type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
        )
        self._lent.add(name)

    def csv(
        self,
        name: str,
        path: Path,
        columns: Sequence[str],
        longest: int = LONGEST_ROW,
        separator: str = ",",
    ) -> None:
        """A strict CSV as a relation of texts; a row that isn't as it should be fails the query."""
        self._view(
            name,
            self.connection.read_csv(
                glob.escape(str(path)),
                header=True,
                columns=dict.fromkeys(columns, "VARCHAR"),
                auto_detect=False,
                delimiter=separator,
                quotechar='"',
                escapechar='"',
                strict_mode=True,
                null_padding=False,
                max_line_size=longest,
            ),
        )

    def parquet(
        self,
        name: str,
        paths: Iterable[Path],
        columns: Sequence[str] | None = None,
        *,
        row_number: bool = False,
    ) -> None:
        """Parquet files as a relation; `columns` names their columns anew in order.

        A column that some of the files lack is null there.
        """
        self._view(
            name,
            self.connection.read_parquet(
                [glob.escape(str(path)) for path in paths],
                binary_as_string=True,
                file_row_number=row_number,
                union_by_name=True,
            ),
            columns,
        )

    def stream(self, name: str, rows: pa.RecordBatchReader, columns: Sequence[str]) -> None:
        """Texts from Python as a relation that can be read once; `columns` names theirs anew.

        The last column is no part of it: whatever is in there must be JSON, or the
        query fails with NO_JSON.
        """
        self.connection.register(f"{name} from Python", rows)
        raw = f"{name} with lines"
        self._view(raw, self.connection.view(f"{name} from Python"), [*columns, _LINE])
        query = sql(
            """
            SELECT _columns FROM _rows AS r
            WHERE CASE WHEN _line IS NULL OR json_valid(_line) THEN TRUE
                       ELSE CAST(error(_no_json || left(_line, 0)) AS BOOLEAN) END
            """,
            _columns=[column(one) for one in columns],
            _rows=table(raw),
            _line=column(_LINE),
            _no_json=literal(NO_JSON),
        )
        self.view(name, query)

    def types(self, name: str) -> tuple[str, ...]:
        """The DuckDB types of a relation's columns."""
        return tuple(str(kind).upper() for kind in self.connection.table(name).types)

    def create(self, name: str, query: exp.Query) -> None:
        """Keep a query's rows as a relation, beyond memory if need be."""
        self.drop(name)
        made = exp.Create(
            this=table(name),
            kind="TABLE",
            expression=query,
            properties=exp.Properties(expressions=[exp.TemporaryProperty()]),
        )
        self.connection.execute(made.sql("duckdb"))
        self._kinds[name] = "TABLE"

    def view(self, name: str, query: exp.Query) -> None:
        """Name a query; it runs anew wherever the name is read."""
        self.drop(name)
        made = exp.Create(this=table(name), kind="VIEW", expression=query)
        self.connection.execute(made.sql("duckdb"))
        self._kinds[name] = "VIEW"

    def write(
        self, query: exp.Query, path: Path, tick: Callable[[float], None] | None = None
    ) -> int:
        """Write a query's rows in their order to a Parquet file, and count them.

        `tick` is told from time to time which share of the input has been read.
        """
        relation = self.connection.sql(query.sql("duckdb"))
        self._run(
            lambda: relation.write_parquet(
                str(path), compression="snappy", row_group_size=_ROW_GROUP
            ),
            tick,
        )
        rows: int = pq.read_metadata(path).num_rows
        return rows

    def write_csv(self, query: exp.Query, path: Path) -> int:
        """Write a query's rows in their order to a CSV with a header, and count them."""
        copied = self.connection.sql(query.sql("duckdb"))
        copied.write_csv(str(path), header=True, na_rep="", quotechar='"', escapechar='"')
        counted = self.connection.read_csv(glob.escape(str(path)), header=True, all_varchar=True)
        rows: int = counted.aggregate("count(*)").fetchall()[0][0]
        return rows

    def _run(self, work: Callable[[], None], tick: Callable[[float], None] | None) -> None:
        if tick is None:
            work()
            return
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(work)
            try:
                while True:
                    try:
                        done.result(_TICK)
                    except StillRunning:
                        tick(max(0.0, self.connection.query_progress()) / 100)
                    else:
                        return
            except BaseException:
                self.connection.interrupt()
                raise

    def rows(self, query: exp.Query) -> list[dict[str, Any]]:
        """The few rows of a query."""
        found: list[dict[str, Any]] = (
            self.connection.sql(query.sql("duckdb")).to_arrow_table().to_pylist()
        )
        return found

    def arrow(self, query: exp.Query) -> pa.Table:
        """The rows of a query, column by column."""
        return self.connection.sql(query.sql("duckdb")).to_arrow_table()

    def table(self, name: str, data: pa.Table) -> None:
        """Keep rows from Python as a relation."""
        self.connection.register(f"{name} from Python", data)
        self.create(name, sql("SELECT * FROM _d AS d", _d=table(f"{name} from Python")))
        self.connection.unregister(f"{name} from Python")

    def columns(self, name: str) -> tuple[str, ...]:
        """The names of a relation's columns."""
        return tuple(self.connection.table(name).columns)

    def drop(self, *names: str) -> None:
        """Forget relations; a name that isn't there is no fault."""
        for name in names:
            if kind := self._kinds.pop(name, None):
                gone = exp.Drop(tables=[table(name)], kind=kind)
                self.connection.execute(gone.sql("duckdb"))

    def _view(
        self, name: str, relation: duckdb.DuckDBPyRelation, columns: Sequence[str] | None = None
    ) -> None:
        self.drop(name)
        if columns is None:
            relation.create_view(name)
            self._kinds[name] = "VIEW"
            return
        raw = f"{name} as written"
        self._view(raw, relation)
        renamed = exp.TableAlias(
            this=exp.to_identifier("t"),
            columns=[exp.to_identifier(c, quoted=True) for c in columns],
        )
        source = table(raw)
        source.set("alias", renamed)
        query = exp.select(*(column(c) for c in columns)).from_(source)
        self.view(name, query)

    def close(self) -> None:
        """Give memory and files back."""
        self.connection.close()

    def __enter__(self) -> Workbench:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
