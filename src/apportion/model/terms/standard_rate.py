"""The terms of a standard rate, and of the budget that it was made from."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.model import marked_yaml as y
from apportion.model.dated import Dated
from apportion.model.forms import AMOUNT
from apportion.model.pools import Terms
from apportion.model.shape import Form, Key
from apportion.model.terms.method_terms import MethodTerms
from apportion.model.terms.money import (
    CURRENCY_KEY,
    RATE,
    Rates,
    as_exact,
    read_currency,
    read_rates,
)
from apportion.model.terms.per_period import PerPeriod
from apportion.model.values import text_of

if TYPE_CHECKING:
    from apportion.model.read_pools import PoolReading


@dataclass(frozen=True)
class RateBudget:
    """What a rate was made from, each month: fixed cost, quantity, and variable cost of a unit."""

    fixed: PerPeriod
    quantity: Fraction
    variable_rate: Fraction = Fraction(0)

    @property
    def rate(self) -> Fraction:
        """Cost of a unit at the budgeted quantity.

        >>> RateBudget(PerPeriod(Fraction(900)), Fraction(300), Fraction(2)).rate
        Fraction(5, 1)
        """
        return self.fixed.figure / self.quantity + self.variable_rate


@dataclass(frozen=True)
class StandardRate(Terms):
    """Money for each unit of `driver`, in `currency`, whatever the pool costs."""

    driver: str
    rates: Rates
    currency: str
    budget: RateBudget | None = None

    @property
    def driver_names(self) -> tuple[str, ...]:
        return (self.driver,)

    @property
    def in_money(self) -> bool:
        return True


_BUDGET = Form(
    "a rate budget",
    {
        "fixed": Key(AMOUNT, "Budgeted fixed cost of a month.", needed=True),
        "quantity": Key(AMOUNT, "Budgeted quantity of a month.", needed=True),
        "variable_rate": Key(AMOUNT, "Budgeted variable cost of a unit; none when left out."),
    },
)


def _read(node: y.Mapping, reading: PoolReading) -> StandardRate:
    driver = node.entries.get("driver")
    if isinstance(driver, y.Scalar):
        reading.drivers.knows(driver.text, driver, reading.faults)
    rates, budget = read_rates(node, "rate", reading), _read_budget(node, reading)
    if not rates and budget:
        rates = (Dated(budget.rate),)
    elif not rates and "budget" not in node.entries:
        reading.faults.add(
            node,
            "a split by standard_rate needs `rate` or `budget`",
            hint="add `rate: …`, the money for a unit",
        )
    return StandardRate(text_of(node, "driver"), rates, read_currency(node, reading), budget)


def _read_budget(node: y.Mapping, reading: PoolReading) -> RateBudget | None:
    stated = node.entries.get("budget")
    if not isinstance(stated, y.Mapping):
        return None
    fixed, quantity = as_exact(text_of(stated, "fixed")), as_exact(text_of(stated, "quantity"))
    if not quantity:
        reading.faults.add(
            stated.entries["quantity"],
            "a budgeted quantity of 0 makes no rate",
            hint="say what the budget was made for",
        )
        return None
    return RateBudget(PerPeriod(fixed), quantity, as_exact(text_of(stated, "variable_rate") or "0"))


STANDARD_RATE = MethodTerms(
    {
        "rate": Key(RATE, "Money for a unit of the driver; a list where it changes."),
        "budget": Key(_BUDGET, "What the rate was made from; it parts the variance in two."),
        **CURRENCY_KEY,
    },
    ("driver",),
    _read,
)
