"""Usage at its prices: what each key used on a day, what that costs, and by which price.

Where a price is the same all day for requests of any size, the quantity of a day is priced.
Where it depends on the size of the prompt or on the time, each record finds its own price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from sqlglot import exp

from apportion.domain.period import Span
from apportion.model.usage_prices import UsagePrice, attributes_of
from apportion.price.catalogue import NAME as CATALOGUE
from apportion.price.catalogue import Catalogue
from apportion.price.class_keys import class_keys
from apportion.price.price_book import PriceBook
from apportion.price.price_class import price_class
from apportion.price.price_days import price_days
from apportion.price.price_requests import SUMS, price_requests, sum_by_cell
from apportion.price.stated_prices import StatedPrices
from apportion.price.usage_class import GPU_HOURS, PRICEABLE
from apportion.price.usage_relations import (
    CELLS,
    JUDGED,
    PRICED,
    PRICES,
    UNPRICED,
    VARYING,
    UsageRelations,
)
from apportion.store.relation import sql, table

if TYPE_CHECKING:
    from apportion.store.engine import Engine


@dataclass(frozen=True)
class PricedUsage:
    """What pricing made. The relations PRICED and UNPRICED stand in the engine.

    PRICED: KeyId, UsageDate, Meter, Quantity, Per, PriceId, Amount, Divisor, Currency,
    Assumed. Quantity ÷ Per is in the meter's unit, and Amount ÷ Divisor is the cost; both
    divisors are 1 for tokens. `Assumed` marks records of several requests whose bracket is
    that of their average. UNPRICED: KeyId, UsageDate, Meter, Quantity, Per, ClassId, Assumed.
    The relation PRICES says of each PriceId what it is and where it comes from.
    """

    book: PriceBook
    catalogue: str
    """The catalogue by its name and version."""


def price_usage(
    engine: Engine,
    usage: UsageRelations,
    prices: Sequence[UsagePrice],
    span: Span,
    catalogue: Catalogue | None = None,
) -> PricedUsage:
    """Price the usage of some days.

    Invariant: for each meter that providers bill, the quantities in PRICED and UNPRICED add up
    to those of the days; GPU hours are among them where the model prices them. Raises
    ConfigurationError for a discount that can't be exact.
    """
    listed = catalogue or Catalogue()
    stated = StatedPrices(prices)
    classes = class_keys(engine, usage, with_resources=bool(attributes_of(prices)))
    book = PriceBook([price_class(one, stated, listed, span) for one in classes])
    engine.rows(PRICES, book.price_table())
    engine.rows(CELLS, book.cell_table())
    engine.rows(VARYING, book.varying_table())
    billable = (*PRICEABLE, *sorted({GPU_HOURS} & stated.meters))
    parts = [price_days(usage, billable, span)]
    if meters := book.varying_meters:
        engine.create(SUMS, sum_by_cell(usage, meters, span))
        parts += [price_requests(meter) for meter in meters]
    engine.create(JUDGED, reduce(_and, parts))
    engine.view(PRICED, _priced())
    engine.view(UNPRICED, _unpriced())
    return PricedUsage(book, f"{CATALOGUE} {listed.version}")


def _and(one: exp.Query, other: exp.Query) -> exp.Query:
    return exp.union(one, other, distinct=False)


def _priced() -> exp.Query:
    return sql(
        """
        SELECT j.KeyId, j.UsageDate, j.Meter, j.Quantity, j.Per, j.PriceId, j.Amount, j.Divisor,
               j.Currency, j.Assumed
        FROM _j AS j WHERE j.PriceId IS NOT NULL
        """,
        _j=table(JUDGED),
    )


def _unpriced() -> exp.Query:
    return sql(
        """
        SELECT j.KeyId, j.UsageDate, j.Meter, j.Quantity, j.Per, j.ClassId, j.Assumed
        FROM _j AS j WHERE j.PriceId IS NULL AND j.Quantity <> 0
        """,
        _j=table(JUDGED),
    )
