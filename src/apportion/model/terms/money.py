"""Terms in money: rates for a unit and amounts, in a currency."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.domain.money import is_currency
from apportion.model import marked_yaml as y
from apportion.model.dated import Dated
from apportion.model.forms import AMOUNT, NAME, dated
from apportion.model.read_organisation import read_dated
from apportion.model.shape import Key
from apportion.model.values import as_quantity, text_of

if TYPE_CHECKING:
    from apportion.model.read_pools import PoolReading

Rates = tuple[Dated[Fraction], ...]

RATE = dated(AMOUNT, "rate")
CURRENCY_KEY = {"currency": Key(NAME, "The currency of rates and amounts, if not the project's.")}


def read_rates(node: y.Mapping, key: str, reading: PoolReading) -> Rates:
    """A rate for good, or dated ones; empty where the key is absent."""
    return read_dated(node.entries.get(key), as_exact, reading.faults)


def as_exact(text: str) -> Fraction:
    """An amount of 0 or more, exactly as written; raises ValueError."""
    return Fraction(as_quantity(text))


def read_currency(node: y.Mapping, reading: PoolReading) -> str:
    """The currency that a split's rates and amounts are in."""
    stated = node.entries.get("currency")
    if isinstance(stated, y.Scalar) and not is_currency(stated.text):
        reading.faults.add(stated, f"{stated.text!r} is no currency", hint="say USD or EUR")
    return text_of(node, "currency") or reading.currency
