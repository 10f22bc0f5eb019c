"""Exact products in SQL: a quantity times a price, rounded once, at the eighteenth place.

The engine's own product of two DECIMAL(38,18) overflows. So factors that are
short enough are multiplied in narrower types, exactly, and all others by
:func:`multiply`. A test holds the two against each other.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import pyarrow as pa
from sqlglot import exp

from apportion.domain.money import INTEGER_DIGITS, PRECISION, SCALE, AmountFault, parse_amount
from apportion.sources.distinct import reads_distinct
from apportion.sources.expression import expression
from apportion.store.relation import text as literal

ODD_PRODUCT = "odd_product"
"""Name under which loading lends :func:`multiply` to the engine."""

_MANY_PLACES = r"-?[0-9]{1,8}(\.[0-9]{1,12})?"
_FEWER_PLACES = r"-?[0-9]{1,8}(\.[0-9]{1,8})?"
_FEW_PLACES = r"-?[0-9]{1,8}(\.[0-9]{1,10})?"

_PLACES = Decimal(1).scaleb(-SCALE)
_WIDE = Context(prec=400, rounding=ROUND_HALF_UP)
_BOUND = Decimal(10) ** INTEGER_DIGITS


def product(quantity: exp.Expr, price: exp.Expr, *others: exp.Expr) -> exp.Expr:
    """DECIMAL(38,18) from texts of factors: NULL where one is missing or can't be read.

    Beyond eighteen places it is rounded half away from zero. A product beyond
    the bound of amounts is NULL too.
    """
    factors = expression("SELECT _a || '*' || _b", _a=quantity, _b=price)
    for other in others:
        factors = expression("SELECT _a || '*' || _b", _a=factors, _b=other)
    slow = exp.Anonymous(this=ODD_PRODUCT, expressions=[factors])
    if others:
        return slow
    return expression(
        """
        SELECT CASE WHEN regexp_full_match(_quantity, _fewer) AND regexp_full_match(_price, _few)
                    THEN CAST(CAST(_quantity AS DECIMAL(16, 8)) * CAST(_price AS DECIMAL(18, 10))
                              AS DECIMAL(38, 18))
                    WHEN regexp_full_match(_quantity, _many) AND regexp_full_match(_price, _few)
                    THEN CAST(CAST(_quantity AS DECIMAL(20, 12)) * CAST(_price AS DECIMAL(18, 10))
                              AS DECIMAL(38, 18))
                    ELSE _slow END
        """,
        _quantity=quantity,
        _price=price,
        _fewer=literal(_FEWER_PLACES),
        _many=literal(_MANY_PLACES),
        _few=literal(_FEW_PLACES),
        _slow=slow,
    )


def _product(text: str) -> Decimal | None:
    found = Decimal(1)
    try:
        for factor in text.split("*"):
            found = _WIDE.multiply(found, parse_amount(factor))
    except AmountFault:
        return None
    rounded = found.quantize(_PLACES, context=_WIDE)
    return rounded if abs(rounded) < _BOUND else None


multiply = reads_distinct(_product, pa.decimal128(PRECISION, SCALE))
"""Products for texts such as ``2.5*0.1``; NULL for those that aren't products of amounts."""
