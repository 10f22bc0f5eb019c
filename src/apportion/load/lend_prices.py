"""The price list beside a bill: read whole, and lent to the queries that read the bill."""

from __future__ import annotations

import duckdb
from sqlglot import exp

from apportion.errors import Place, SourceError
from apportion.load.workbench import Workbench
from apportion.sources.price_table import PriceList, PriceTable
from apportion.sources.reading import Reading
from apportion.store.relation import sql, table

_PRICES = "prices"


def lend_prices(bench: Workbench, reading: Reading) -> None:
    """Read the price list that a reading asks for, if any.

    Raises SourceError for a list that can't be read.
    """
    if (prices := reading.prices) is None:
        return
    try:
        bench.lend_prices(PriceList(bench.rows(_query(bench, prices))))
    except duckdb.Error as fault:
        raise SourceError(
            "the price list can't be read",
            place=Place(prices.file),
            why=str(fault).split("\n", 1)[0],
            hint="export it again, as CSV (UTF-8, commas) or Parquet",
        ) from fault


def _query(bench: Workbench, prices: PriceTable) -> exp.Query:
    if prices.is_csv:
        bench.csv(_PRICES, prices.path, prices.names)
    else:
        bench.parquet(_PRICES, [prices.path], prices.names)
    return sql(
        "SELECT _columns FROM _prices AS p",
        _columns=[
            exp.alias_(value, name, quoted=True)
            for name, value in {
                "Key": prices.key,
                "Price": prices.price,
                "Start": prices.start,
                "Until": prices.until,
            }.items()
        ],
        _prices=table(_PRICES),
    )
