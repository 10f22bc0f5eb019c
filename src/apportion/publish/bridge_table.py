"""Bridges and what is prepaid as Arrow tables; amounts are decimals, exact."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa

from apportion.domain.bridge import MEANINGS, Bridge
from apportion.domain.money import SCALE, from_units, to_units
from apportion.domain.prepaid import PrepaidMonth

AMOUNT = pa.decimal128(38, SCALE)


def bridge_table(bridges: Iterable[Bridge]) -> pa.Table:
    """One row for each step of each bridge, and one for each of the two sums that it leads to.

    These are the steps *= effective_cost* and *= statements*.
    """
    rows: list[tuple[str, str, str, str, str, int, Fraction]] = []
    for one in bridges:
        place = (one.source, str(one.period), one.currency)
        for step, amount in one.steps.items():
            rows.append((*place, str(step), MEANINGS[step], one.rows.get(step, 0), amount))
        rows.append((*place, "= effective_cost", "effective cost", 0, one.effective_cost))
        if one.statements is not None:
            rows.append((*place, "= statements", "sum of the statements", 0, one.statements))
    names = ("source", "period", "currency", "step", "meaning")
    texts = {
        name: pa.array([row[place] for row in rows], pa.string())
        for place, name in enumerate(names)
    }
    counts = pa.array([row[5] for row in rows], pa.int64())
    return pa.table(texts | {"charges": counts, "amount": _amounts(row[6] for row in rows)})


def prepaid_table(months: Iterable[PrepaidMonth]) -> pa.Table:
    """One row for each commitment and month."""
    held = tuple(months)
    texts = {
        name: pa.array([str(getattr(one, name)) for one in held], pa.string())
        for name in ("source", "commitment", "title", "period", "currency")
    }
    figures = {
        name: _amounts(getattr(one, name) for one in held)
        for name in ("opening", "bought", "amortised", "unused", "closing")
    }
    return pa.table(texts | figures)


def _amounts(values: Iterable[Fraction]) -> pa.Array:
    made: list[Decimal] = [from_units(to_units(one, SCALE), SCALE) for one in values]
    return pa.array(made, AMOUNT)
