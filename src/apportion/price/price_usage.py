"""Usage at its prices: what each key used on a day, what that costs, and by which price.

Where a price is the same all day for requests of any size, the quantity of a day is priced.
Where it depends on the size of the prompt or on the time, each record is put into its price
first, by joins, and what falls into one price is summed and priced: the same as pricing
each request and adding up, to the last digit, since a price multiplies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from apportion.domain.period import Span
from apportion.domain.usage import INPUT_TOKENS
from apportion.model.usage_prices import RESOURCE_ATTRIBUTES, UsagePrice, attributes_of
from apportion.price.catalogue import Catalogue
from apportion.price.price_book import PriceBook
from apportion.price.price_class import price_class
from apportion.price.stated_prices import StatedPrices
from apportion.price.usage_class import CLASS_COLUMNS, PRICEABLE, UsageClass
from apportion.store.relation import column, columns, day, sql, table, text

if TYPE_CHECKING:
    from apportion.store.engine import Engine

CLASSES, KEY_CLASSES = "usage classes", "usage classes of keys"
PRICES, CELLS, VARYING = "usage prices", "usage price cells", "usage prices by request"
SUMS = "usage sums by price"
JUDGED, PRICED, UNPRICED = "usage judged by price", "usage priced", "usage unpriced"


@dataclass(frozen=True)
class UsageRelations:
    """The relations of loaded usage, by name: its keys, its quantities by day (as the load
    folds them) and its records. `attributes` are those that the keys have.
    """

    keys: str
    daily: str
    events: str
    attributes: Sequence[str] = ()


@dataclass(frozen=True)
class PricedUsage:
    """What pricing made. The relations PRICED and UNPRICED stand in the engine.

    PRICED: KeyId, UsageDate, Meter, Quantity, Per, PriceId, Amount, Divisor, Currency,
    Assumed. Quantity ÷ Per is in the meter's unit, and Amount ÷ Divisor is the cost; both
    divisors are 1 for tokens. `Assumed` marks records of several requests whose bracket is
    that of their average. UNPRICED: KeyId, UsageDate, Meter, Quantity, Per, ClassId, Assumed.
    """

    book: PriceBook
    catalogue: str


def price_usage(
    engine: Engine,
    usage: UsageRelations,
    prices: Sequence[UsagePrice],
    span: Span,
    catalogue: Catalogue | None = None,
) -> PricedUsage:
    """Price the usage of some days.

    Invariant: for each meter that is priced or that providers bill, the quantities in PRICED
    and UNPRICED add up to those of the days. Raises ConfigurationError for a discount that
    can't be exact.
    """
    listed = catalogue or Catalogue()
    stated = StatedPrices(prices)
    asked = attributes_of(prices)
    classes = _classes(engine, usage, with_resources=bool(asked))
    book = PriceBook([price_class(one, stated, listed, span) for one in classes])
    engine.rows(PRICES, book.price_table())
    engine.rows(CELLS, book.cell_table())
    engine.rows(VARYING, book.varying_table())
    meters = sorted({*PRICEABLE, *book.meters, *stated.meters})
    parts = [_by_day(usage, meters, span)]
    if book.varying:
        engine.create(SUMS, _sums_by_cell(usage, book.varying_meters, span))
        parts += [_by_cell(meter) for meter in book.varying_meters]
    whole: exp.Query = parts[0]
    for part in parts[1:]:
        whole = exp.union(whole, part, distinct=False)
    engine.create(JUDGED, whole)
    engine.view(PRICED, sql("SELECT j.* EXCLUDE (ClassId) FROM _j AS j WHERE j.PriceId IS NOT NULL", _j=table(JUDGED)))
    engine.view(
        UNPRICED,
        sql(
            """
            SELECT j.KeyId, j.UsageDate, j.Meter, j.Quantity, j.Per, j.ClassId, j.Assumed
            FROM _j AS j WHERE j.PriceId IS NULL AND j.Quantity <> 0
            """,
            _j=table(JUDGED),
        ),
    )
    return PricedUsage(book, listed.version)


def _classes(
    engine: Engine, usage: UsageRelations, *, with_resources: bool
) -> list[UsageClass]:
    """The classes of all keys, in an order of their own; KEY_CLASSES says which key is of which."""
    names = list(CLASS_COLUMNS)
    if with_resources:
        attributes = [f"attribute.{one}" for one in RESOURCE_ATTRIBUTES if one in usage.attributes]
        names += [*attributes, "ResourceId"]
    said = [exp.alias_(exp.func("coalesce", column(name, "k"), text("")), name, quoted=True) for name in names]
    query = sql("SELECT DISTINCT _said FROM _k AS k ORDER BY _order", _said=said,
                _order=columns(names), _k=table(usage.keys))
    engine.create(CLASSES, sql(
        "SELECT c.*, row_number() OVER (ORDER BY _order) - 1 AS ClassId FROM _c AS c",
        _order=columns(names, "c"), _c=exp.Subquery(this=query)))
    same = [exp.EQ(this=exp.func("coalesce", column(name, "k"), text("")), expression=column(name, "c"))
            for name in names]
    engine.create(KEY_CLASSES, sql(
        """
        SELECT k.KeyId, c.ClassId, row_number() OVER (ORDER BY k.KeyId) AS KeyNumber
        FROM _k AS k JOIN _c AS c ON _same
        """, _k=table(usage.keys), _c=table(CLASSES), _same=exp.and_(*same)))
    found = engine.fetch(sql("SELECT _names FROM _c AS c ORDER BY c.ClassId", _names=columns(names, "c"),
                             _c=table(CLASSES)))
    return [UsageClass(*row[:5], resources=tuple(filter(None, row[5:]))) for row in zip(*(c.to_pylist() for c in found.columns), strict=True)]


_AMOUNT = """
    CASE WHEN p.IsWhole
         THEN CAST(CAST(_quantity AS DECIMAL(20, 0)) * p.Factor AS DECIMAL(38, 18))
         ELSE CAST(CAST(_quantity AS DECIMAL(38, 12)) * CAST(p.Factor AS DECIMAL(18, 6))
                   AS DECIMAL(38, 18)) END
"""
"""Quantity times factor, exactly: whole quantities times 18 places, others of 12 places times 6.
Beyond 38 digits the engine raises."""


def _by_day(usage: UsageRelations, meters: Sequence[str], span: Span) -> exp.Query:
    """Quantities of days at prices that hold all day, whatever the request."""
    return sql(
        f"""
        SELECT d.KeyId, d.UsageDate, d.Meter, CAST(d.Quantity AS DECIMAL(38, 12)) AS Quantity,
               d.Per, p.PriceId, {_AMOUNT} AS Amount,
               d.Per * coalesce(p.Divisor, 1) AS Divisor,
               p.Currency, k.ClassId, FALSE AS Assumed
        FROM _d AS d JOIN _k AS k ON k.KeyId = d.KeyId
        LEFT JOIN _p AS p
          ON p.ClassId = k.ClassId AND p.Meter = d.Meter AND p.CellId IS NULL
         AND d.UsageDate >= p.StartsOn AND d.UsageDate < p.EndsBefore
        WHERE d.Meter IN (_meters) AND d.UsageDate >= _start AND d.UsageDate < _until
          AND NOT EXISTS (SELECT 1 FROM _v AS v WHERE v.ClassId = k.ClassId AND v.Meter = d.Meter
                          AND d.UsageDate >= v.StartsOn AND d.UsageDate < v.EndsBefore)
        """,
        _quantity=column("Quantity", "d"), _meters=[text(one) for one in meters], _start=day(span.start),
        _until=day(span.until), _d=table(usage.daily), _k=table(KEY_CLASSES), _p=table(PRICES),
        _v=table(VARYING),
    )


def _sums_by_cell(usage: UsageRelations, meters: Sequence[str], span: Span) -> exp.Query:
    """Each record in the cell of its day, time and size; what falls into one is summed.

    A record of several requests tells their sum: it goes by their average, and is marked
    unless even the sum lies below the first bound.
    """
    size: exp.Expr = exp.func("coalesce", column(INPUT_TOKENS[0], "e"), exp.Literal.number(0))
    for name in INPUT_TOKENS[1:]:
        size = exp.Add(this=size, expression=exp.func("coalesce", column(name, "e"), exp.Literal.number(0)))
    return sql(
        """
        SELECT s.KeyNumber, s.UsageDate, s.CellId, s.Assumed, _sums
        FROM (
            SELECT r.*, c.CellId, coalesce(r.Requests <> 1, TRUE) AND coalesce(r.Size >= c.Certain, FALSE) AS Assumed
            FROM (
                SELECT k.KeyNumber, k.ClassId, CAST(e.UsageStart AS DATE) AS UsageDate,
                       epoch_us(e.UsageStart) % 86400000000 AS Moment, _size AS Size,
                       e.requests AS Requests, greatest(coalesce(e.requests, 1), 1) AS Times, _meters
                FROM _e AS e JOIN _k AS k ON k.KeyId = e.KeyId
                WHERE e.UsageStart >= CAST(_start AS TIMESTAMP) AND e.UsageStart < CAST(_until AS TIMESTAMP)
            ) AS r
            JOIN _c AS c
              ON c.ClassId = r.ClassId AND r.UsageDate >= c.StartsOn AND r.UsageDate < c.EndsBefore
             AND r.Moment >= c.Since AND r.Moment < c.Before AND r.Size >= c.Least * r.Times
             AND (c.Below IS NULL OR r.Size < c.Below * r.Times)
        ) AS s
        GROUP BY s.KeyNumber, s.UsageDate, s.CellId, s.Assumed
        """,
        _sums=[exp.alias_(exp.func("sum", column(one, "s")), one, quoted=True) for one in meters],
        _size=size, _meters=columns(meters, "e"), _e=table(usage.events), _k=table(KEY_CLASSES),
        _c=table(CELLS), _start=day(span.start), _until=day(span.until),
    )


def _by_cell(meter: str) -> exp.Query:
    """The sums of one meter at the price of their cell, on days on which it varies."""
    return sql(
        f"""
        SELECT k.KeyId, s.UsageDate, _meter AS Meter, CAST(_quantity AS DECIMAL(38, 12)) AS Quantity,
               CAST(1 AS BIGINT) AS Per, p.PriceId, {_AMOUNT} AS Amount,
               coalesce(p.Divisor, 1) AS Divisor,
               p.Currency, k.ClassId, s.Assumed
        FROM _s AS s JOIN _k AS k ON k.KeyNumber = s.KeyNumber
        JOIN _v AS v ON v.ClassId = k.ClassId AND v.Meter = _meter
         AND s.UsageDate >= v.StartsOn AND s.UsageDate < v.EndsBefore
        LEFT JOIN _p AS p ON p.CellId = s.CellId AND p.Meter = _meter
        WHERE _quantity IS NOT NULL
        """,
        _meter=text(meter), _quantity=column(meter, "s"), _s=table(SUMS), _k=table(KEY_CLASSES),
        _v=table(VARYING), _p=table(PRICES),
    )
