"""The facts that are watched: what was billed to each owner, and what each team used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apportion.domain.owner import OwnerKind
from apportion.domain.result import Run
from apportion.insight.anomaly.tracks import Channel, Fact
from apportion.insight.moved_items import NAMES, name_of_use
from apportion.insight.movers import family
from apportion.insight.past.read_month import Month
from apportion.model.project import Model
from apportion.run.usage_desk import Usage
from apportion.run.usage_records import attribute_of_runs
from apportion.run.workspace import Workspace
from apportion.store.relation import sql, table, text

Facts = dict[str, list[Fact]]
"""By currency."""


def gather(workspace: Workspace, model: Model, months: Sequence[Month]) -> Facts:
    """The facts of some months in their order, spend and usage."""
    made: Facts = defaultdict(list)
    worth: dict[str, float] = {}
    for month in months:
        for currency, fact in _spend(month):
            made[currency].append(fact)
        worth = _worth(model, month.run) or worth
        used = workspace.usage.priced(model, month.run.period)
        if used is not None:
            currency = month.run.currency or _currency(month.run)
            made[currency] += _usage(workspace, model, used, worth)
    return dict(made)


def owner_name(kind: str, name: str) -> str:
    """What an owner is called: a team by its name, a pool as such."""
    return f"pool {name}" if kind == OwnerKind.POOL else name


def _spend(month: Month) -> Iterator[tuple[str, Fact]]:
    for cost in month.costs:
        yield (
            cost.currency,
            Fact(
                cost.day,
                Channel.SPEND,
                owner_name(cost.kind, cost.owner),
                cost.service,
                family(cost.sku),
                family(cost.item),
                cost.item,
                cost.unit,
                cost.amount,
                cost.quantity or 0.0,
                cost.once,
                "",
                cost.source,
            ),
        )


def _currency(run: Run) -> str:
    """The currency of most lines, where nothing is converted."""
    codes = [line.currency for line in run.lines]
    return max(sorted(set(codes)), key=codes.count, default="")


def _worth(model: Model, run: Run) -> dict[str, float]:
    """What a unit of each meter cost in a month, by the pools that are split by it.

    Use of what has no price is worth what its pool cost: a GPU hour of a rented cluster.
    """
    totals: dict[str, float] = defaultdict(float)
    for line in run.lines:
        if line.pool:
            totals[line.pool] += float(line.amounts.of(run.basis))
    parts: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    for share in run.shares:
        for use in share.uses:
            driver = model.drivers.get(use.driver)
            if driver is not None and driver.metered is not None and use.total:
                part = float(use.weight) * totals[share.pool], float(use.total)
                parts[driver.metered.meter][share.pool] = part
    return {
        meter: sum(cost / total for cost, total in pools.values()) for meter, pools in parts.items()
    }


def _usage(
    workspace: Workspace, model: Model, used: Usage, worth: Mapping[str, float]
) -> Iterator[Fact]:
    """Use by day, owner and key: at its price, or at what a unit of it cost its pool."""
    keys = {
        row["KeyId"]: {name: str(value) for name, value in row.items() if value is not None}
        for row in workspace.engine.fetch(
            sql("SELECT * FROM _k AS k", _k=table(used.keys))
        ).to_pylist()
    }
    jobs = attribute_of_runs(workspace, used, NAMES)
    for row in _rows(workspace, used, worth):
        said = keys[row["key"]]
        amount = row["amount"]
        if amount is None:
            amount = float(row["quantity"]) * worth[row["meter"]]
        job = jobs.get(row["key"], "")
        run = said.get("RunId", "")
        name = family(job or run) if job or run else name_of_use(said)
        yield Fact(
            row["day"],
            Channel.USAGE,
            row["owner"] or "unallocated",
            said.get("Source", ""),
            f"{said.get('ModelId', '')} {row['meter']}".strip(),
            name,
            run or name,
            row["meter"],
            float(amount),
            float(row["quantity"]),
            False,
            said.get("UserId", "") if run else "",
            f"usage {said.get('Source', '')}",
        )


def _rows(
    workspace: Workspace, used: Usage, worth: Mapping[str, float]
) -> Iterator[dict[str, Any]]:
    """What has a price, at it; and of what has none, the meters whose worth is known."""
    owned = table(used.owned)
    priced = sql(
        """
        SELECT p.UsageDate AS day, coalesce(o.Owner, '') AS owner, p.KeyId AS key,
               p.Meter AS meter, p.Quantity / p.Per AS quantity, p.Amount / p.Divisor AS amount
        FROM _p AS p
        JOIN _o AS o ON o.KeyId = p.KeyId AND o.UsageDate = p.UsageDate
        WHERE p.IsPriced
        """,
        _p=table(used.priced),
        _o=owned,
    )
    yield from workspace.engine.fetch(priced).to_pylist()
    if not worth:
        return
    plain = sql(
        """
        SELECT d.UsageDate AS day, coalesce(o.Owner, '') AS owner, d.KeyId AS key,
               d.Meter AS meter, d.Quantity / d.Per AS quantity, NULL AS amount
        FROM _d AS d
        JOIN _o AS o ON o.KeyId = d.KeyId AND o.UsageDate = d.UsageDate
        WHERE d.Meter IN (_meters)
          AND NOT EXISTS (
              SELECT 1 FROM _p AS p
              WHERE p.KeyId = d.KeyId AND p.UsageDate = d.UsageDate AND p.Meter = d.Meter
                AND p.IsPriced
          )
        """,
        _d=table(used.daily),
        _o=owned.copy(),
        _p=table(used.priced),
        _meters=[text(meter) for meter in sorted(worth)],
    )
    yield from workspace.engine.fetch(plain).to_pylist()
