"""Something to tell of rows that load all the same, as a condition over the charges."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from apportion.domain.finding import Level


@dataclass(frozen=True)
class Departure:
    """Something to tell of the rows that meet a condition.

    In `message`, `{rows}` and `{value}` stand for how many they are and for one
    value of theirs in the column `name`; `{amount}` for the sum of these values
    by currency, where they are amounts. `given` is asked of all rows of the month
    together, an aggregate: it is told only where that holds.
    """

    code: str
    level: Level
    message: str
    hint: str
    name: str
    condition: exp.Expr
    given: exp.Expr | None = None
