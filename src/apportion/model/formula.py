"""Formulas of a table: how a column of the charges comes from the columns of a file.

A formula is SQL in DuckDB's dialect over the file's columns, allow-listed by
name. Columns are texts; where a number or a time is needed they are read as
such, and a text that is none sets its row aside. Sums and products are exact or
set the row aside; nothing is rounded unless the formula says `round`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apportion.errors import Place

if TYPE_CHECKING:
    from sqlglot import exp

TEXT, NUMBER, TIME, NOTHING = "a text", "a number", "a time", "nothing"
TRUTH = "true or false"

AS_AMOUNT, AS_TIME, AS_TEXT = "as_amount", "as_time", "as_text"
"""Calls in a formula's tree: a text read as a number or time, and a number written as a text."""

SUM, DIFFERENCE, PRODUCT = "exact_sum", "exact_difference", "exact_product"
ROUNDED, QUOTIENT = "exact_round", "exact_quotient"
"""Calls in a formula's tree: exact arithmetic of numbers. The last two round, to given places."""


@dataclass(frozen=True)
class Formula:
    """A formula: its text, its tree, the kind of its value, and the columns that it looks at.

    In the tree all columns are quoted and spelt as in the text. `columns` says
    where each stands first; `numbers` are those that are read as numbers.
    """

    text: str
    tree: exp.Expr
    kind: str
    columns: Mapping[str, Place] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()
