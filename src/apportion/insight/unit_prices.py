"""Unit prices: what an hour of a GPU, a month of a gigabyte, a seat or a million tokens cost.

They are drawn from the loaded bills: money of a kind of use ÷ its quantity,
discounts of usage included. Where a bill has a commitment's fee apart from the
usage that it covers, and the fee names the accelerator, its effective cost is part
of that accelerator's price. Sums are exact; the one division comes at the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from apportion.attribute.exact import fractions
from apportion.attribute.totals import sums
from apportion.domain.amounts import Amounts
from apportion.domain.charge import COSTS
from apportion.domain.cost_class import CLASS_COLUMNS, COST_CLASS, CostClass
from apportion.domain.period import Period
from apportion.errors import NotLoaded
from apportion.run.uncarried import uncarried
from apportion.run.workspace import Charges, Workspace
from apportion.store.relation import columns, sql, table

Fees = dict[tuple[str, str, str], Fraction]


class Use(NamedTuple):
    """A kind of use that has a price: its class, what it is of, and for tokens their type."""

    cost_class: str
    item: str
    token_type: str = ""


@dataclass(frozen=True)
class UnitPrice:
    """What a source charged for a kind of use, and how much of it there was.

    `unit` is what `quantity` counts, and a price is that of `per` of them: 1
    but for tokens, of which it is a million. `bases` are the cost bases that the
    source carries. `fees` is the part of the effective cost that fees of commitments
    are which name the accelerator, what of them nobody used included.
    """

    source: str
    currency: str
    use: Use
    unit: str
    per: int
    quantity: Fraction
    amounts: Amounts
    bases: frozenset[str]
    fees: Fraction = Fraction(0)

    def price(self, basis: str) -> Fraction | None:
        """The price on a cost basis; None where the source has no such cost, or nothing was used.

        >>> costs = Amounts(Fraction(3), Fraction(2))
        >>> UnitPrice("aws", "USD", Use("gpu_compute", "H100"), "gpu_hours", 1, Fraction(4), costs,
        ...     frozenset({"EffectiveCost"})).price("EffectiveCost")
        Fraction(1, 2)
        """
        if basis not in self.bases or not self.quantity:
            return None
        return self.amounts.of(basis) * self.per / self.quantity


@dataclass(frozen=True)
class ClassCost:
    """What charges of one class came to, in one source and currency."""

    source: str
    currency: str
    cost_class: str
    charges: int
    amounts: Amounts


@dataclass(frozen=True)
class UnitPrices:
    """The unit prices of a billing period, and all cost by class.

    `classes` sum to the bill. `unmeasured` is the part of priced classes whose
    rows don't say how much was used, or in which unit.
    """

    period: Period
    prices: tuple[UnitPrice, ...]
    unmeasured: tuple[ClassCost, ...]
    classes: tuple[ClassCost, ...]

    @property
    def not_recognised(self) -> tuple[ClassCost, ...]:
        """AI cost that no pattern knows, which therefore has no price."""
        unknown = CostClass.AI_NOT_RECOGNISED
        return tuple(one for one in self.classes if one.cost_class == unknown)


_ITEMS = {
    "gpu_hours": "x_GpuModel",
    "tpu_hours": "x_GpuModel",
    "accelerator_hours": "x_GpuModel",
    "tokens": "x_AiModel",
    "images": "x_AiModel",
    "seats": "ServiceName",
    "gb_months": COST_CLASS,
    "gb": COST_CLASS,
}
"""What a price is of, by the unit of use. Hours of other machines have no price of interest."""

_TOLD = (COST_CLASS, "x_GpuModel", "x_AiModel", "x_AiService", "x_TokenType", "x_UnitOfUse",
         "x_UnitScale")  # fmt: skip
_MEASURED = ("Usage", "Purchase")
"""Categories whose quantity counts; credits and adjustments repeat what they are for."""


def find_unit_prices(workspace: Workspace, period: Period) -> UnitPrices:
    """Draw the unit prices of a billing period from its current snapshots.

    Raises NotLoaded where nothing is loaded for it, or an older version did.
    """
    charges = workspace.charges([period])
    rows = list(_rows(workspace, charges))
    bases = _bases(charges)
    priced = list(_with_a_price(rows))
    told = {id(row) for row in priced}
    return UnitPrices(
        period,
        tuple(_prices(priced, bases, _fees(rows))),
        tuple(_by_class(row for row in rows if row.unmeasured and id(row) not in told)),
        tuple(_by_class(rows)),
    )


def _with_a_price(rows: Sequence[_Row]) -> Iterator[_Row]:
    """What was measured, its discounts, and what other rows say of the same use."""
    measured = {(row.source, row.currency, row.use) for row in rows if row.measured}
    for row in rows:
        if (
            row.measured
            or row.discount
            or (row.beside and (row.source, row.currency, row.use) in measured)
        ):
            yield row


class _Row(NamedTuple):
    """Charges that are alike in all that a price asks for."""

    source: str
    currency: str
    category: str
    told: Mapping[str, str]
    charges: int
    amounts: Amounts
    quantity: Fraction | None

    @property
    def unit(self) -> str:
        return self.told["x_UnitOfUse"]

    @property
    def measured(self) -> bool:
        counts = self.category in _MEASURED and self.quantity is not None
        return counts and self.unit in _ITEMS and bool(self.told["x_UnitScale"])

    @property
    def discount(self) -> bool:
        return self.category not in _MEASURED and self.told[COST_CLASS] in _PRICED

    @property
    def beside(self) -> bool:
        """Money of a use whose quantity another row tells: a discount, or another export's cost."""
        priced = self.told[COST_CLASS] in _PRICED and self.category in _MEASURED
        return priced and self.quantity is None

    @property
    def fee(self) -> bool:
        """The fee of a commitment to an accelerator: usage has it in effective cost elsewhere."""
        return self.told[COST_CLASS] == CostClass.COMMITMENT and bool(self.told["x_GpuModel"])

    @property
    def unmeasured(self) -> bool:
        priced = self.told[COST_CLASS] in _PRICED and self.category in _MEASURED
        return priced and not self.measured

    @property
    def use(self) -> Use:
        named = _ITEMS.get(self.unit) or _PRICED[self.told[COST_CLASS]]
        item = self.told.get(named) or self.told["x_AiService"]
        return Use(self.told[COST_CLASS], item, self.told["x_TokenType"])


_PRICED: Mapping[str, str] = {
    CostClass.GPU_COMPUTE: "x_GpuModel",
    CostClass.TPU_COMPUTE: "x_GpuModel",
    CostClass.ACCELERATOR_COMPUTE: "x_GpuModel",
    CostClass.AI_TOKENS: "x_AiModel",
    CostClass.AI_IMAGES: "x_AiModel",
    **{one: COST_CLASS for one in CostClass if one.startswith(("storage_", "egress_"))},
}
"""Classes that have a price; a discount of one is part of it, whatever its own row counts."""


def _rows(workspace: Workspace, charges: Charges) -> Iterable[_Row]:
    engine = workspace.engine
    known = set(engine.fetch(sql("SELECT * FROM _k LIMIT 0", _k=table(charges.keys))).column_names)
    if not {*CLASS_COLUMNS} <= known:
        raise NotLoaded(
            "the loaded charges don't say what kind of cost they are",
            why="an older version of apportion loaded them",
            hint="load them again: `apportion load`",
        )
    told = ("ServiceName", "ChargeCategory", *_TOLD)
    found = engine.fetch(
        sql(
            """
            SELECT m.Source AS Source, k.BillingCurrency AS BillingCurrency, _told,
                   k.PricingUnit IS NULL AS Consumed,
                   _costs,
                   CAST(sum(m.PricingQuantity) AS DECIMAL(38, 18)) AS PricingQuantity,
                   CAST(sum(m.ConsumedQuantity) AS DECIMAL(38, 18)) AS ConsumedQuantity
            FROM _monthly AS m JOIN _keys AS k ON k.KeyId = m.KeyId
            GROUP BY m.Source, k.BillingCurrency, _told, k.PricingUnit IS NULL,
                     m.PricingQuantity IS NULL
            """,
            _told=columns(told, "k"),
            _costs=sums("m"),
            _monthly=table(workspace.quantities(charges)),
            _keys=table(charges.keys),
        )
    )
    costs = [fractions(found.column(cost)) for cost in COSTS]
    for row, *amounts in zip(found.to_pylist(), *costs, strict=True):
        yield _Row(
            row["Source"],
            row["BillingCurrency"] or "",
            row["ChargeCategory"] or "",
            {name: row[name] or "" for name in told},
            row["Charges"],
            Amounts(*amounts),
            _quantity(row),
        )


def _quantity(row: Mapping[str, Any]) -> Fraction | None:
    """The quantity in the unit that its price is for; consumed, where the bill has no other."""
    value = row["ConsumedQuantity"] if row["Consumed"] else row["PricingQuantity"]
    return None if value is None else Fraction(value)


def _bases(charges: Charges) -> dict[str, frozenset[str]]:
    """The cost bases of each source that none of its charges is without.

    Of two exports of the same charges one may carry what the other doesn't.
    """
    found: dict[str, frozenset[str]] = {}
    for snapshot in charges.snapshots:
        lacking = {one.basis for basis in COSTS for one in uncarried([snapshot], basis)}
        carried = frozenset(basis for unit in snapshot.units for basis in unit.bases) - lacking
        found[snapshot.source] = found.get(snapshot.source, carried) & carried
    return found


def _fees(rows: Iterable[_Row]) -> Fees:
    """The effective cost of commitments, by source, currency and the accelerator they name."""
    found: Fees = defaultdict(Fraction)
    for row in rows:
        if row.fee:
            found[row.source, row.currency, row.told["x_GpuModel"]] += row.amounts.EffectiveCost
    return found


def _prices(
    rows: Iterable[_Row], bases: Mapping[str, frozenset[str]], fees: Fees
) -> Iterable[UnitPrice]:
    grouped: dict[tuple[str, str, Use], list[_Row]] = defaultdict(list)
    for row in rows:
        grouped[row.source, row.currency, row.use].append(row)
    for (source, currency, use), own in sorted(grouped.items()):
        counted = [row for row in own if row.measured]
        if not counted:
            continue
        unit = counted[0].unit
        covered = _PRICED.get(use.cost_class) == "x_GpuModel"
        fee = fees.get((source, currency, use.item), Fraction(0)) if covered else Fraction(0)
        scaled = ((row.quantity or 0) * Fraction(row.told["x_UnitScale"]) for row in counted)
        yield UnitPrice(
            source,
            currency,
            use,
            unit,
            10**6 if unit == "tokens" else 1,
            sum(scaled, Fraction(0)),
            Amounts.total([*(row.amounts for row in own), Amounts(EffectiveCost=fee)]),
            bases[source],
            fee,
        )


def _by_class(rows: Iterable[_Row]) -> Iterable[ClassCost]:
    grouped: dict[tuple[str, str, str], list[_Row]] = defaultdict(list)
    for row in rows:
        grouped[row.source, row.currency, row.told[COST_CLASS]].append(row)
    for (source, currency, cost_class), own in sorted(grouped.items()):
        amounts = Amounts.total(row.amounts for row in own)
        yield ClassCost(source, currency, cost_class, sum(row.charges for row in own), amounts)
