"""The price list of a table: how a row asks for its price, and how the list itself is read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from apportion.errors import ConfigurationError, Place, SourceError
from apportion.model.project import SourceSpec
from apportion.model.table import Prices
from apportion.sources.container import Container, container_of
from apportion.sources.expression import expression
from apportion.sources.formula import FormulaWriter
from apportion.sources.head import Head, csv_head
from apportion.sources.moment import moment
from apportion.sources.price_table import ALWAYS, LISTED, PriceTable
from apportion.sources.reading import as_text
from apportion.store.relation import column
from apportion.store.relation import text as literal


def asked_price(prices: Prices, writer: FormulaWriter, spec: SourceSpec) -> exp.Expr:
    """The price of a row of the table; raises ConfigurationError where the source names no list."""
    if not spec.prices:
        raise ConfigurationError(
            f"source {spec.name!r} has no price list",
            place=spec.place,
            why="its rows are quantities; their money is quantity times price",
            hint="add `prices: PATH`, a CSV or Parquet file of prices",
        )
    at = writer.write(prices.at) if prices.at else _time(ALWAYS.isoformat(" "))
    key = _key(writer.write(formula) for formula in prices.match.values())
    return exp.Anonymous(this=LISTED, expressions=[key, at])


def price_table(prices: Prices, spec: SourceSpec) -> PriceTable:
    """How the list is read; raises SourceError where it can't be, or lacks a column."""
    path = Path(spec.prices)
    head, is_csv = _head(path, path.name)
    writer = FormulaWriter(head, head.names)
    types = dict(zip(head.names, head.types, strict=True))
    for name in filter(None, [*prices.match, prices.start, prices.until]):
        if name not in types:
            raise SourceError(
                f"the price list has no column {name!r}",
                place=Place(path.name, 1),
                why=f"it has {', '.join(head.names[:30])}",
                hint="export it with all its columns",
            )
    texts = {name: as_text(column(name), types[name].upper()) for name in types}
    return PriceTable(
        path=path,
        file=path.name,
        is_csv=is_csv,
        names=head.names,
        key=_key(texts[name] for name in prices.match),
        price=writer.write(prices.price),
        start=moment(texts[prices.start]) if prices.start else exp.null(),
        until=moment(texts[prices.until]) if prices.until else exp.null(),
    )


def _head(path: Path, name: str) -> tuple[Head, bool]:
    container = container_of(path, name)
    if container is Container.CSV:
        return csv_head(path, name), True
    if container is Container.PARQUET:
        schema = pq.read_schema(path)
        return Head(name, tuple(schema.names), tuple(_type(field.type) for field in schema)), False
    raise SourceError(
        "the price list is neither CSV nor Parquet",
        place=Place(name),
        hint="save it as CSV, without packing",
    )


def _type(written: pa.DataType) -> str:
    """What reading a column as text must know of its type, in DuckDB's words."""
    if pa.types.is_floating(written):
        return "DOUBLE"
    if pa.types.is_string(written) or pa.types.is_large_string(written):
        return "VARCHAR"
    nested = {pa.types.is_struct: "STRUCT", pa.types.is_map: "MAP", pa.types.is_list: "LIST[]"}
    return next((name for is_it, name in nested.items() if is_it(written)), "")


def _key(texts: Iterable[exp.Expr]) -> exp.Expr:
    """Texts as one key, a JSON list, in which no text can look like two."""
    listed = exp.Anonymous(this="json_array", expressions=list(texts))
    return exp.cast(listed, "VARCHAR")


def _time(written: str) -> exp.Expr:
    return expression("SELECT CAST(_written AS TIMESTAMP)", _written=literal(written))
