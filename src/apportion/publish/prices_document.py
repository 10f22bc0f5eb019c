"""Unit prices as a JSON document. Amounts and quantities are decimal strings."""

from __future__ import annotations

from apportion.domain.amounts import Amounts
from apportion.domain.charge import COSTS
from apportion.insight.unit_prices import ClassCost, UnitPrice, UnitPrices
from apportion.publish.documents import Document, exact
from apportion.run.explain import rounded

PLACES = 10
"""Places of a price; a quotient has no end, and a token costs little."""

SHORT = {basis: basis.removesuffix("Cost").lower() for basis in COSTS}


def prices_document(found: UnitPrices) -> Document:
    """The unit prices of a period; keys may be added, never renamed."""
    return {
        "period": str(found.period),
        "prices": [_price(one) for one in found.prices],
        "unmeasured": [_class_cost(one) for one in found.unmeasured],
        "not_recognised": [_class_cost(one) for one in found.not_recognised],
        "classes": [_class_cost(one) for one in found.classes],
    }


def _price(one: UnitPrice) -> Document:
    return {
        "source": one.source,
        "currency": one.currency,
        "class": one.use.cost_class,
        "item": one.use.item or None,
        "token_type": one.use.token_type or None,
        "unit": one.unit,
        "per": one.per,
        "quantity": exact(one.quantity),
        **_amounts(one.amounts),
        "commitment_fees": exact(one.fees),
        **{f"{SHORT[basis]}_price": price_text(one, basis) for basis in COSTS},
    }


def price_text(one: UnitPrice, basis: str) -> str | None:
    """A price to ten places, half away from zero, without zeros that say nothing."""
    price = one.price(basis)
    if price is None:
        return None
    text = format(rounded(price, PLACES), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _class_cost(one: ClassCost) -> Document:
    return {
        "source": one.source,
        "currency": one.currency,
        "class": one.cost_class,
        "charges": one.charges,
        **_amounts(one.amounts),
    }


def _amounts(amounts: Amounts) -> Document:
    return {SHORT[basis]: exact(amounts.of(basis)) for basis in COSTS}
