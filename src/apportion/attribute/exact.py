"""Decimals of an Arrow column as exact rationals."""

from __future__ import annotations

from fractions import Fraction

import pyarrow as pa

WIDTH = 16
"""Bytes of a decimal128: a whole number, lowest byte first, counted in its last decimal place."""


def fractions(
    column: pa.ChunkedArray, known: dict[bytes, Fraction] | None = None
) -> list[Fraction]:
    """Each decimal as the rational that it is; the column has no NULL.

    Read from the bytes: through `Decimal` it takes thrice as long, and a summary
    has ten thousands of them. Equal amounts are one object: within a column, and
    among columns of one scale that are given the same `known`, as the four costs
    are, which are often equal.

    >>> from decimal import Decimal
    >>> fractions(pa.chunked_array([pa.array([Decimal("-0.25"), 3], pa.decimal128(38, 18))]))
    [Fraction(-1, 4), Fraction(3, 1)]
    """
    unit = 10**column.type.scale
    known = {} if known is None else known
    found: list[Fraction] = []
    for chunk in column.chunks:
        data = chunk.buffers()[1].to_pybytes()
        start = chunk.offset * WIDTH
        for at in range(start, start + len(chunk) * WIDTH, WIDTH):
            value = data[at : at + WIDTH]
            if value not in known:
                known[value] = Fraction(int.from_bytes(value, "little", signed=True), unit)
            found.append(known[value])
    return found
