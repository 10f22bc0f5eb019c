"""What statement lines are made of: jobs, keys, machines, drivers, each with its quantity.

Both months of a comparison are laid out like this; what changed is then a difference of items.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from sqlglot import exp

from apportion.allocate.usage_cost import AT_PRICES, DRIVER
from apportion.domain.owner import OwnerKind
from apportion.domain.result import Line, Run
from apportion.insight.call_costs import class_name
from apportion.insight.carried import Carried, carried
from apportion.insight.trace_lines import Piece, shares_of
from apportion.model.project import Model
from apportion.run.charges import attributed_anew
from apportion.run.usage_records import attribute_of_runs
from apportion.run.workspace import Workspace
from apportion.store.relation import column, sql, table, text

ZERO = Fraction(0)

NAMES = ("job_name", "run_name", "mlflow.runName")
"""Attributes that name a job: runs of one name are the same work, whatever their ids."""

_IDENTITIES = ("ApiKeyId", "ServiceAccountId", "UserId", "Namespace", "ServiceName", "ProjectId",
               "WorkspaceId", "AccountId", "TeamLabel")  # fmt: skip


_BY_DAYS = {"days": "receivers", "people-days": "people"}
"""What splits count day by day, and what it is over a month."""


class Item(NamedTuple):
    """A part of a line. `unit` is what is counted, `kind` what has one price of that unit.

    `name` is what it is of and bears again next month: a machine, a job's name, a key. `id` is
    that of the single one, `who` the user behind it. `origin` is the source that tells its name;
    `once` marks a one-time charge.
    """

    line: Line
    amount: Fraction
    quantity: Fraction
    unit: str
    kind: str
    name: str
    id: str = ""
    who: str = ""
    origin: str = ""
    metered: bool = False
    once: bool = False


class PoolCharge(NamedTuple):
    """Charges that fell into a pool: what its cost is made of, before it is shared."""

    pool: str
    currency: str
    name: str
    unit: str
    quantity: Fraction
    amount: Fraction


@dataclass(frozen=True)
class Items:
    """All items of a run. Invariant: those of a line sum to it, exactly.

    `charges` are those of pools, in the currency of the bill.
    """

    run: Run
    items: tuple[Item, ...]
    charges: tuple[PoolCharge, ...] = ()

    def by_line(self) -> dict[str, list[Item]]:
        made: dict[str, list[Item]] = defaultdict(list)
        for one in self.items:
            made[one.line.id].append(one)
        return made


def moved_items(workspace: Workspace, model: Model, run: Run) -> Items:
    """The items of a run's lines, in the reporting currency, on the run's basis.

    Raises UsageError where the model has changed since the run.
    """
    found = carried(workspace, model, run)
    direct = _direct(workspace, model, run)
    names = _job_names(workspace, model, run)
    shares = shares_of(run)
    billed = {line.id: line for line in run.lines}
    made: list[Item] = []
    for piece in found.pieces:
        if not piece.line.pool:
            made += _of_charges(piece, billed[piece.line.id], direct, run.basis)
            continue
        share = shares.get(piece.line.id)
        made.append(_of_piece(found, piece, names, share.fraction if share else Fraction(1)))
    return Items(run, tuple(made), tuple(_of_pools(direct)))


def _of_pools(charges: Direct) -> Iterator[PoolCharge]:
    for (currency, kind, pool, _), rows in charges.items():
        for row in rows if kind == OwnerKind.POOL else ():
            quantity = Fraction(1) if row["quantity"] is None else row["quantity"]
            name = row["resource"] or row["description"] or row["sku"]
            yield PoolCharge(
                pool, currency, name, row["unit"] or "charges", quantity, row["amount"]
            )


def _of_piece(found: Carried, piece: Piece, names: Mapping[str, str], fraction: Fraction) -> Item:
    """A piece of a pool's share: of usage, of a driver, or of the share itself."""
    if not piece.key:
        quantity = fraction if piece.quantity is None else piece.quantity
        unit, kind = piece.unit or "share", piece.driver or "share"
        if unit in _BY_DAYS:  # a longer month is no more of it
            unit, quantity = _BY_DAYS[unit], quantity / found.run.span.days
        return Item(piece.line, piece.amount, quantity, unit, kind, kind)
    run_id = found.about(piece.key, "RunId")
    model = found.about(piece.key, "ModelId")
    priced = piece.driver in {DRIVER, AT_PRICES}
    kind = f"{model} {class_name(piece.meter)}".strip() if priced else piece.driver
    unit = found.units.get(piece.meter, piece.unit) if priced else piece.unit
    job = names.get(piece.key, "")
    name = job or run_id or name_of_use(found.keys.get(piece.key, {}))
    return Item(
        piece.line,
        piece.amount,
        piece.quantity or ZERO,
        unit,
        kind,
        name,
        run_id if run_id != name else "",
        found.about(piece.key, "UserId") if run_id else "",
        found.about(piece.key, "Source"),
        metered=True,
    )


def name_of_use(said: Mapping[str, str]) -> str:
    """The name of usage that is no run's: who used it, and the model that was used."""
    identity = next((found for name in _IDENTITIES if (found := said.get(name))), "")
    return " ".join(filter(None, (identity, said.get("ModelId"))))


def _job_names(workspace: Workspace, model: Model, run: Run) -> dict[str, str]:
    """The names of jobs by usage key."""
    used = workspace.usage.usage(model, run.period)
    return attribute_of_runs(workspace, used, NAMES) if used else {}


Direct = Mapping[tuple[str, str, str, str], Sequence[Mapping[str, Any]]]
"""Charges by currency, kind of owner, owner and service."""


def _of_charges(piece: Piece, billed: Line, direct: Direct, basis: str) -> Iterator[Item]:
    """The charges of a direct line; converted in proportion where the line is."""
    line = piece.line
    at = billed.currency, str(billed.owner.kind), billed.owner.name, billed.service
    rows = direct.get(at, ())
    whole, left = billed.amounts.of(basis), piece.amount
    factor = piece.amount / whole if whole else None
    for row in rows if factor is not None else ():
        amount = row["amount"] * factor
        left -= amount
        quantity = Fraction(1) if row["quantity"] is None else row["quantity"]
        yield Item(
            line,
            amount,
            quantity,
            row["unit"] or "charges",
            row["sku"],
            row["resource"] or row["sku"],
            origin=row["source"] if row["resource"] else "",
            once=row["once"],
        )
    if left or not rows:
        yield Item(line, left, Fraction(1), "charges", "other", line.service or "other")


def _direct(workspace: Workspace, model: Model, run: Run) -> Direct:
    charges, attribution = attributed_anew(workspace, model, run)
    engine = workspace.engine
    sku = exp.func(
        "coalesce",
        *(column(name, "k") for name in ("SkuId", "SkuMeter", "ChargeDescription")),
        text(""),
    )
    found = engine.fetch(
        sql(
            """
            SELECT a.Source AS source, k.BillingCurrency AS currency, a.OwnerKind AS kind,
                   a.Owner AS owner, coalesce(k.ServiceName, '') AS service,
                   coalesce(k.ResourceName, k.ResourceId, '') AS resource, _sku AS sku,
                   coalesce(k.ChargeDescription, '') AS description,
                   coalesce(k.ChargeCategory, '') AS category,
                   coalesce(k.PricingUnit, k.ConsumedUnit, '') AS unit,
                   coalesce(k.ChargeFrequency = 'One-Time', FALSE) AS once,
                   k.PricingUnit IS NULL AS consumed, a.KeyId AS key,
                   CAST(sum(a.Charges) AS BIGINT) AS charges,
                   CAST(sum(_cost) AS DECIMAL(38, 18)) AS amount
            FROM _attributed AS a JOIN _keys AS k ON k.KeyId = a.KeyId
            GROUP BY ALL
            """,
            _sku=sku,
            _cost=column(run.basis, "a"),
            _attributed=table(attribution.relation),
            _keys=table(charges.keys),
        )
    ).to_pylist()
    quantities = _quantities(workspace, charges)
    whole: dict[tuple[str, str], int] = defaultdict(int)
    for row in found:
        whole[row["source"], row["key"]] += row["charges"]
    made: dict[tuple[str, str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in found:
        at = row["source"], row["key"]
        priced, consumed = quantities.get(at, (None, None))
        quantity = consumed if row["consumed"] else priced
        part = Fraction(row["charges"], whole[at]) if whole[at] else Fraction(1)
        counts = row["category"] in {"Usage", "Purchase"} and quantity and row["unit"]
        row["quantity"] = quantity * part if counts and quantity is not None else None
        if row["quantity"] is None:
            row["unit"] = ""
        row["sku"] = " ".join(filter(None, (row["sku"], row["category"] * (not counts))))
        row["amount"] = Fraction(row["amount"])
        made[row["currency"] or "", row["kind"], row["owner"], row["service"]].append(row)
    return made


def _quantities(
    workspace: Workspace, charges: Any
) -> dict[tuple[str, str], tuple[Fraction | None, Fraction | None]]:
    """By source and key: the quantity that is priced, and the one consumed."""
    found = workspace.engine.fetch(
        sql(
            """
            SELECT m.Source, m.KeyId,
                   CAST(sum(m.PricingQuantity) AS DECIMAL(38, 18)) AS Priced,
                   CAST(sum(m.ConsumedQuantity) AS DECIMAL(38, 18)) AS Consumed
            FROM _monthly AS m GROUP BY m.Source, m.KeyId
            """,
            _monthly=table(workspace.quantities(charges)),
        )
    )
    return {
        (row["Source"], row["KeyId"]): (
            None if row["Priced"] is None else Fraction(row["Priced"]),
            None if row["Consumed"] is None else Fraction(row["Consumed"]),
        )
        for row in found.to_pylist()
    }
