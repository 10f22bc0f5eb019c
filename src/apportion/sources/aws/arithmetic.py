"""Arithmetic of amounts that can't hide one that can't be read.

What can't be read is marked by an amount beyond all others, which a sum with a
negative amount would bring back among them.
"""

from __future__ import annotations

from sqlglot import exp

from apportion.sources.amount import unreadable
from apportion.sources.expression import expression


def added(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    """One and other, either of which may be missing; NULL when both are."""
    return expression(
        """
        SELECT CASE WHEN _one IS NULL THEN _other WHEN _other IS NULL THEN _one
                    WHEN _one >= _mark OR _other >= _mark THEN _mark
                    ELSE CAST(_one + _other AS DECIMAL(38, 18)) END
        """,
        _one=one,
        _other=other,
        _mark=unreadable(),
    )


def subtracted(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    """One less other; NULL when either is missing."""
    return expression(
        """
        SELECT CASE WHEN _one >= _mark OR _other >= _mark THEN _mark
                    ELSE CAST(_one - _other AS DECIMAL(38, 18)) END
        """,
        _one=one,
        _other=other,
        _mark=unreadable(),
    )


def in_proportion(amount: exp.Expr, net: exp.Expr, gross: exp.Expr) -> exp.Expr:
    """Amount × net ÷ gross, cut after nine places; NULL where that goes beyond 38 digits."""
    scaled = expression(
        """
        SELECT CAST(TRY(_amount * _net // _gross) AS DECIMAL(38, 0))
               * CAST(0.000000001 AS DECIMAL(10, 9))
        """,
        _amount=_billionths(amount),
        _net=_billionths(net),
        _gross=_billionths(gross),
    )
    return expression(
        """
        SELECT CASE WHEN _amount >= _mark OR _net >= _mark OR _gross >= _mark THEN _mark
                    WHEN _net = _gross THEN _amount
                    ELSE _scaled END
        """,
        _amount=amount,
        _net=net,
        _gross=gross,
        _mark=unreadable(),
        _scaled=scaled,
    )


def _billionths(amount: exp.Expr) -> exp.Expr:
    return expression("SELECT CAST(_amount * 1000000000 AS HUGEINT)", _amount=amount)
