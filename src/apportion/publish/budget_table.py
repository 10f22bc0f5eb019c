"""How a month stands against its budget, as an Arrow table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apportion.domain.money import from_units, minor_digits
from apportion.insight.budget_status import BudgetStatus

if TYPE_CHECKING:
    import pyarrow as pa

AMOUNTS = ("budget", "actual", "allowance", "allowance_used", "charged")
YEAR = ("year_budget", "year_actual", "left")


def status_table(found: BudgetStatus) -> pa.Table:
    """One row for each owner; amounts in the budget's currency, shares as text of the rational."""
    import pyarrow as pa

    digits = minor_digits(found.budget.currency)
    money = pa.decimal128(38, digits)
    count = len(found.owners)
    columns: dict[str, pa.Array] = {
        "period": pa.array([str(found.period)] * count, pa.string()),
        "budget_version": pa.array([found.budget.id] * count, pa.string()),
        "currency": pa.array([found.budget.currency] * count, pa.string()),
        "owner": pa.array([str(one.owner) for one in found.owners], pa.string()),
    }
    for name in (*AMOUNTS, *YEAR):
        values = [from_units(getattr(one, name), digits) for one in found.owners]
        columns[name] = pa.array(values, money)
    for name in ("variance", "burn"):
        parts = [getattr(one, name) for one in found.owners]
        texts = [None if part is None else str(part) for part in parts]
        columns[name] = pa.array(texts, pa.string())
    return pa.table(columns)
