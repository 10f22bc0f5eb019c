"""From laid-out charges to resources: what each cost, and who carries it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pyarrow as pa

from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.insight.lay_out_charges import MISSING, LaidOut
from apportion.insight.resource import Resource, Thing
from apportion.insight.team_names import TeamNames
from apportion.model.taxonomy import Taxonomy
from apportion.store.engine import Engine
from apportion.store.relation import sql, table, text

Row = dict[str, Any]


def gather_resources(
    engine: Engine, laid: LaidOut, taxonomy: Taxonomy, names: TeamNames, currency: str
) -> tuple[Resource, ...]:
    """The resources of one currency, once for each owner; what has neither id nor name by service.

    The place of a resource (service, account, region) is where most of its cost is.
    """
    found = engine.fetch(
        sql(
            """
            SELECT c.Thing AS Thing, c.ResourceId AS ResourceId,
                   max(c.ResourceName) AS ResourceName, c.Service AS Service,
                   c.Account AS Account, c.AccountName AS AccountName,
                   c.Region AS Region, c.States AS States, c.OwnerKind AS OwnerKind,
                   c.Owner AS Owner, c.Evidence AS Evidence,
                   CAST(sum(c.Charges) AS BIGINT) AS Charges,
                   CAST(sum(c.Cost) AS DECIMAL(38, 18)) AS Cost
            FROM _charges AS c
            WHERE c.Currency = _currency
            GROUP BY c.Thing, c.ResourceId, c.Service, c.Account, c.AccountName, c.Region,
                     c.States, c.OwnerKind, c.Owner, c.Evidence
            """,
            _charges=table(laid.charges),
            _currency=text(currency),
        )
    )
    required = tuple(key.name for key in taxonomy.required)
    merged: dict[tuple[str, Owner | None, Owner | None], list[Row]] = {}
    for row in found.to_pylist():
        missing = {
            name
            for name, state in zip(required, row["States"], strict=True)
            if int(state) == MISSING
        }
        row["Missing"] = missing
        merged.setdefault((row["Thing"], *_carried(row, names)), []).append(row)
    return tuple(
        _resource(rows, owner, pattern, required) for (_, owner, pattern), rows in merged.items()
    )


def _carried(row: Row, names: TeamNames) -> tuple[Owner | None, Owner | None]:
    """Who carries a row for sure, or else who carries it by the look of a name and without tags."""
    if row["OwnerKind"] == OwnerKind.UNALLOCATED:
        return None, None
    owner = names.owner(Owner(OwnerKind(row["OwnerKind"]), row["Owner"]))
    if row["Evidence"] == Evidence.PATTERN and row["Missing"]:
        return None, owner
    return owner, None


def _resource(
    rows: list[Row], owner: Owner | None, pattern: Owner | None, required: Iterable[str]
) -> Resource:
    main = max(rows, key=lambda row: (row["Cost"], row["Service"], row["Region"]))
    missing = set().union(*(row["Missing"] for row in rows))
    return Resource(
        thing=_thing(main),
        name=max(row["ResourceName"] for row in rows),
        service=main["Service"],
        account=main["Account"],
        account_name=main["AccountName"],
        region=main["Region"],
        cost=sum((row["Cost"] for row in rows), Decimal(0)),
        charges=sum(row["Charges"] for row in rows),
        owner=owner,
        pattern=pattern,
        missing=tuple(name for name in required if name in missing),
    )


def _thing(row: Row) -> Thing:
    if row["ResourceId"]:
        return Thing(id=row["ResourceId"])
    if row["ResourceName"]:
        return Thing(name=row["ResourceName"])
    return Thing(service=row["Service"], account=row["Account"])


def count_days(engine: Engine, laid: LaidOut, found: Iterable[Resource]) -> dict[str, int]:
    """On how many days of usage each thing was billed."""
    shown = "untagged.shown"
    things = sorted({resource.thing.key for resource in found})
    engine.rows(shown, pa.table({"Thing": pa.array(things, pa.string())}))
    rows = engine.fetch(
        sql(
            """
            SELECT c.Thing AS Thing, CAST(count(DISTINCT d.ChargeDate) AS BIGINT) AS Days
            FROM _charges AS c
            JOIN _shown AS s ON s.Thing = c.Thing
            JOIN _daily AS d ON d.KeyId = c.KeyId AND d.Source = c.Source
            GROUP BY c.Thing
            """,
            _charges=table(laid.charges),
            _shown=table(shown),
            _daily=table(laid.daily),
        )
    )
    engine.drop(shown)
    return {row["Thing"]: row["Days"] for row in rows.to_pylist()}
