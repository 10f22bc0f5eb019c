"""A price list beside a bill: where it lies, and which of its prices holds for a row.

A row asks by a key (a JSON list of texts) and a time. Prices are few and rows
are many, so the list is held in memory, and each row looks up in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlglot import exp

from apportion.domain.money import PRECISION, SCALE
from apportion.sources.amount import UNREADABLE

LISTED = "listed_price"
"""The name under which loading lends :class:`PriceList` to the engine: of a key and a time."""

ALWAYS = datetime(1970, 1, 1)  # noqa: DTZ001 -- stands for no time at all
"""The time asked for where prices are not dated."""


@dataclass(frozen=True)
class PriceTable:
    """A price list as a file: its columns' names, and its rows' key, price, start and end.

    These are expressions over the columns: a text, DECIMAL(38,18) and two
    times; a time is NULL where the price always held, or still does.
    """

    path: Path
    file: str
    is_csv: bool
    names: tuple[str, ...]
    key: exp.Expr
    price: exp.Expr
    start: exp.Expr
    until: exp.Expr


class PriceList:
    """The prices of a list by their key."""

    type = pa.decimal128(PRECISION, SCALE)

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._prices: dict[str, list[tuple[datetime | None, datetime | None, Decimal | None]]]
        self._prices = defaultdict(list)
        for row in rows:
            self._prices[row["Key"]].append((row["Start"], row["Until"], row["Price"]))

    def find(self, keys: pa.Array, times: pa.Array) -> pa.Array:
        """The price of each key at a time: NULL where there is none, UNREADABLE where several."""
        asked = zip(keys.to_pylist(), times.to_pylist(), strict=True)
        return pa.array([self.price(key, at) for key, at in asked], self.type)

    def price(self, key: str | None, at: datetime | None) -> Decimal | None:
        """The one price that holds; two rows that say the same are one."""
        if key is None or at is None:
            return None
        found = {
            price
            for start, until, price in self._prices.get(key, ())
            if (start is None or start <= at) and (until is None or at < until)
        }
        if len(found) > 1:
            return UNREADABLE
        return next(iter(found), None)
