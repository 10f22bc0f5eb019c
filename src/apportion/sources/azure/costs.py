"""What an Azure row costs, on each of the four bases that its export carries.

An actual-cost export is what is invoiced: commitments where they are bought,
and the use that they cover at zero. An amortised one spreads what was bought
over that use and what was left unused. So the first carries the billed cost and
the second the effective one; an export without any commitment carries both.

Source: Microsoft, "Understand cost details fields" (Cost Management).
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from apportion.domain.charge import COSTS, Kind
from apportion.sources.amount import amount, unreadable
from apportion.sources.azure.texts import Texts
from apportion.sources.azure.units import AZURE_BLOCK, AZURE_PART, AZURE_UNIT
from apportion.sources.expression import expression
from apportion.sources.product import product
from apportion.sources.reading import ReadColumn, is_float

ACTUAL, AMORTIZED = "actual", "amortized"

_OF_EXPORT: Mapping[str, tuple[str, ...]] = {
    ACTUAL: ("BilledCost",),
    AMORTIZED: ("EffectiveCost",),
    "": ("BilledCost", "EffectiveCost"),
}


def carried_bases(texts: Texts, cost: str, *, beside_amortized: bool) -> tuple[str, ...]:
    """The bases that an export carries.

    List and contracted cost are told once: where an actual export has an
    amortised one beside it, by that one.
    """
    found = set(_OF_EXPORT[cost])
    if not (cost == ACTUAL and beside_amortized):
        if texts.has("PaygCostInBillingCurrency") or texts.has("Quantity", "PayGPrice"):
            found.add("ListCost")
        if texts.has("Quantity", "UnitPrice"):
            found.add("ContractedCost")
    return tuple(basis for basis in COSTS if basis in found)


def cost_columns(texts: Texts, bases: tuple[str, ...]) -> list[ReadColumn]:
    """The four costs in the billing currency; those that aren't carried are empty."""
    cost = _amount(texts, "Cost")
    values = {
        "BilledCost": (cost, "Cost"),
        "EffectiveCost": (cost, "Cost"),
        "ListCost": (_list_cost(texts), "PayGPrice"),
        "ContractedCost": (_times_quantity(texts, "UnitPrice"), "UnitPrice"),
    }
    nothing = expression("SELECT CAST(NULL AS DECIMAL(38, 18))")
    return [
        ReadColumn(basis, Kind.DECIMAL, values[basis][0], texts.written(values[basis][1]))
        if basis in bases
        else ReadColumn(basis, Kind.DECIMAL, nothing)
        for basis in COSTS
    ]


def quantity_columns(texts: Texts, *, only_bought: bool) -> list[ReadColumn]:
    """Quantities and unit prices, for one of what is counted: a price for 10K is split by ten
    thousand, and the quantity is multiplied.

    `only_bought` leaves them to the amortised export beside this one, save
    for what was bought, which that one doesn't have.
    """
    counted = expression("SELECT TRUE")
    if only_bought:
        counted = expression("SELECT lower(_type) IN ('purchase', 'refund')", _type=_type(texts))
    used = expression("SELECT coalesce(lower(_type) = 'usage', TRUE)", _type=_type(texts))
    quantity, unit = _quantity(texts), _of_unit(AZURE_UNIT, texts)
    values = {
        "PricingQuantity": (Kind.DECIMAL, quantity, "Quantity"),
        "PricingUnit": (Kind.TEXT, unit, "UnitOfMeasure"),
        "ConsumedQuantity": (Kind.DECIMAL, _where(used, quantity), "Quantity"),
        "ConsumedUnit": (Kind.TEXT, _where(used, unit), "UnitOfMeasure"),
        "ListUnitPrice": (Kind.DECIMAL, _unit_price(texts, "PayGPrice"), "PayGPrice"),
        "ContractedUnitPrice": (Kind.DECIMAL, _unit_price(texts, "UnitPrice"), "UnitPrice"),
    }
    return [
        ReadColumn(
            name,
            kind,
            _where(counted, value) if kind is Kind.DECIMAL else value,
            texts.written(written),
        )
        for name, (kind, value, written) in values.items()
        if texts.has(written)
    ]


def _amount(texts: Texts, name: str) -> exp.Expr:
    return amount(texts[name], exact=not is_float(texts.type(name)))


def _list_cost(texts: Texts) -> exp.Expr:
    """What the use would have cost at list price: as Azure says it, or price times quantity."""
    computed = _times_quantity(texts, "PayGPrice")
    if not texts.has("PaygCostInBillingCurrency"):
        return computed
    said = _amount(texts, "PaygCostInBillingCurrency")
    return expression("SELECT coalesce(_said, _computed)", _said=said, _computed=computed)


def _times_quantity(texts: Texts, price: str) -> exp.Expr:
    """Quantity times price; prices in another currency at the rate that the row states."""
    plain = product(texts["Quantity"], texts[price])
    if not texts.has("PricingCurrency"):
        return plain
    return expression(
        """
        SELECT CASE WHEN coalesce(_pricing, _billing) = _billing THEN _plain ELSE _converted END
        """,
        _pricing=texts["PricingCurrency"],
        _billing=texts["BillingCurrency"],
        _plain=plain,
        _converted=product(texts["Quantity"], texts[price], texts["ExchangeRatePricingToBilling"]),
    )


def _unit_price(texts: Texts, price: str) -> exp.Expr:
    """A price for one of the unit, in the billing currency, where its decimals have an end."""
    part = expression(
        "SELECT CASE WHEN _unit IS NULL THEN '1' ELSE _part END",
        _unit=texts["UnitOfMeasure"],
        _part=_of_unit(AZURE_PART, texts),
    )
    value = product(texts[price], texts.once("part of unit", part))
    if not texts.has("PricingCurrency"):
        return value
    return _where(
        expression(
            "SELECT coalesce(_pricing, _billing) = _billing",
            _pricing=texts["PricingCurrency"],
            _billing=texts["BillingCurrency"],
        ),
        value,
    )


def _quantity(texts: Texts) -> exp.Expr:
    """The quantity in units, not blocks; NULL where the unit can't be read."""
    quantity = expression(
        """
        SELECT CASE WHEN _unit IS NULL OR _block = '1' THEN _plain
                    WHEN _block IS NULL OR _text IS NULL THEN NULL
                    ELSE coalesce(_counted, _unreadable) END
        """,
        _unit=texts["UnitOfMeasure"],
        _block=_of_unit(AZURE_BLOCK, texts),
        _text=texts["Quantity"],
        _plain=_amount(texts, "Quantity") if texts.has("Quantity") else texts["Quantity"],
        _counted=product(texts["Quantity"], _of_unit(AZURE_BLOCK, texts)),
        _unreadable=unreadable(),
    )
    return texts.once("quantity in units", quantity)


def _of_unit(function: str, texts: Texts) -> exp.Expr:
    called = exp.Anonymous(this=function, expressions=[texts["UnitOfMeasure"]])
    return texts.once(function, called)


def _type(texts: Texts) -> exp.Expr:
    return texts["ChargeType"]


def _where(condition: exp.Expr, value: exp.Expr) -> exp.Expr:
    return expression("SELECT CASE WHEN _c THEN _v END", _c=condition, _v=value)
