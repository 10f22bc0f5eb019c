"""How any table becomes charges: formulas by column, prices beside it, months to spread over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from apportion.errors import Place
from apportion.model.formula import Formula

READY = ("anthropic-costs", "databricks", "openai-costs", "snowflake")
"""Tables that come described: formats of their own, each a file of `sources/tables`."""

PRICE = "price"
"""The name by which a formula calls the price that was found for a row."""

AT_PURCHASE, MONTHLY, NEVER = "at_purchase", "monthly", "never"
BILLED = (AT_PURCHASE, MONTHLY, NEVER)
"""When a cost that is spread over months is billed; `never` is for what is owned already."""


@dataclass(frozen=True)
class Spread:
    """A row's cost as equal months: `over` so many, the first being the month of `start`.

    What is spread is BilledCost's formula less the `residual`, what the asset
    will still be worth.
    """

    over: Formula
    start: Formula
    billed: str
    residual: Formula | None = None


@dataclass(frozen=True)
class Prices:
    """A price list beside the table: which of its rows holds for a row of the table.

    `match` are columns of the list, each with a formula over the table that must
    equal it. `start` and `until` are columns of the list between which `at`, a
    formula over the table, must lie. `price` is a formula over the list.
    """

    price: Formula
    match: Mapping[str, Formula] = field(default_factory=dict)
    at: Formula | None = None
    start: str = ""
    until: str = ""


@dataclass(frozen=True)
class TableSpec:
    """A table: formulas for columns of the charges, and for tags by their key.

    `needs` are columns by which a ready-made table is known; what else it names
    may be missing from a file. Without `needs`, all must be there. `road` names
    the way in which a provider's table tells cost, where it has several that each
    tell the same.
    """

    columns: Mapping[str, Formula]
    tags: Mapping[str, Formula] = field(default_factory=dict)
    spread: Spread | None = None
    prices: Prices | None = None
    needs: tuple[str, ...] = ()
    place: Place | None = None
    road: str = ""

    @property
    def digest(self) -> str:
        """A digest of all that decides what the table's rows become."""
        return hashlib.sha256(json.dumps(list(self._parts())).encode()).hexdigest()

    def _parts(self) -> Iterator[object]:
        yield [[name, formula.text] for name, formula in self.columns.items()]
        yield [[key, formula.text] for key, formula in self.tags.items()]
        yield [*self.needs, *filter(None, [self.road])]
        if spread := self.spread:
            residual = spread.residual.text if spread.residual else ""
            yield [spread.over.text, spread.start.text, spread.billed, residual]
        if prices := self.prices:
            yield [[name, formula.text] for name, formula in prices.match.items()]
            yield [prices.price.text, prices.at.text if prices.at else ""]
            yield [prices.start, prices.until]
