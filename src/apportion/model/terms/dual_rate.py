"""The terms of a dual rate: fixed cost by what was committed, variable cost by what was used."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.model import marked_yaml as y
from apportion.model.forms import NAME, VALUES
from apportion.model.pools import Terms
from apportion.model.shape import Either, Form, Key, Pattern
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
from apportion.model.values import text_of, texts_of

if TYPE_CHECKING:
    from apportion.model.read_pools import PoolReading


@dataclass(frozen=True)
class FixedPart:
    """What of a pool is fixed cost: services by name, a part of it, or an amount of a month."""

    services: tuple[str, ...] = ()
    part: Fraction | None = None
    amount: PerPeriod | None = None


@dataclass(frozen=True)
class DualRate(Terms):
    """The fixed part goes by the driver `committed`, the variable part by `driver`.

    A part with budgeted rates is charged by these, in `currency`, and its variance is
    left at the centre.
    """

    driver: str
    committed: str
    fixed: FixedPart | None
    currency: str
    fixed_rate: Rates = ()
    variable_rate: Rates = ()

    @property
    def driver_names(self) -> tuple[str, ...]:
        return (self.committed, self.driver)

    @property
    def by_services(self) -> bool:
        return self.fixed is not None and bool(self.fixed.services)

    @property
    def in_money(self) -> bool:
        amount = self.fixed is not None and self.fixed.amount is not None
        return amount or bool(self.fixed_rate or self.variable_rate)


def _as_fixed(text: str) -> FixedPart:
    """A percentage, or an amount of money; raises ValueError."""
    if not text.endswith("%"):
        return FixedPart(amount=PerPeriod(as_exact(text)))
    part = as_exact(text.removesuffix("%").rstrip()) / 100
    if part > 1:
        raise ValueError("it is more than all of the cost")
    return FixedPart(part=part)


_PART = Pattern(
    "a percentage or an amount",
    _as_fixed,
    {"type": ["string", "number"], "pattern": r"^\+?[0-9.]+([eE][+-]?\d{1,3})?\s*%?$"},
    hint="write 60%, or the money of a month, say 12000.50",
)
_SERVICES = Form(
    "a fixed part",
    {"services": Key(VALUES, "Services that are fixed cost; * and ? are wildcards.", needed=True)},
)


def _read(node: y.Mapping, reading: PoolReading) -> DualRate:
    for key in ("driver", "committed"):
        named = node.entries.get(key)
        if isinstance(named, y.Scalar):
            reading.drivers.knows(named.text, named, reading.faults)
    rates = read_rates(node, "fixed_rate", reading), read_rates(node, "variable_rate", reading)
    fixed = _read_fixed(node.entries.get("fixed"))
    if fixed is None and not all(rates):
        reading.faults.add(
            node,
            "a split by dual_rate needs `fixed`",
            why="without both rates, the fixed part has to be told from the variable one",
            hint="add `fixed: 60%`, `fixed: AMOUNT` or `fixed: {services: […]}`",
        )
    names = text_of(node, "driver"), text_of(node, "committed")
    return DualRate(*names, fixed, read_currency(node, reading), *rates)


def _read_fixed(stated: y.Node | None) -> FixedPart | None:
    if isinstance(stated, y.Scalar):
        return _as_fixed(stated.text)
    if isinstance(stated, y.Mapping):
        return FixedPart(services=texts_of(stated.entries.get("services")))
    return None


DUAL_RATE = MethodTerms(
    {
        "committed": Key(NAME, "The driver of what each committed to: the fixed part goes by it."),
        "fixed": Key(
            Either(
                scalar=_PART,
                mapping=_SERVICES,
                expected="a percentage, an amount, or `services:` with patterns",
            ),
            "What of the pool is fixed cost.",
        ),
        "fixed_rate": Key(RATE, "Money for a committed unit; its variance stays with the pool."),
        "variable_rate": Key(RATE, "Money for a used unit; its variance stays with the pool."),
        **CURRENCY_KEY,
    },
    ("driver", "committed"),
    _read,
)
