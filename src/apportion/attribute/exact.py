"""Decimals of an Arrow column as exact rationals."""

from __future__ import annotations

from fractions import Fraction

import pyarrow as pa


def fractions(column: pa.ChunkedArray) -> list[Fraction]:
    """Each decimal as the rational that it is; NULL counts as zero.

    >>> from decimal import Decimal
    >>> fractions(pa.chunked_array([[Decimal("0.25"), None]]))
    [Fraction(1, 4), Fraction(0, 1)]
    """
    return [Fraction(value) if value else Fraction(0) for value in column.to_pylist()]
