"""What a bill says, gathered for the bridge: charges by the facts that decide their step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from apportion.ledger.bridge_step import FACTS, BilledGroup
from apportion.store.relation import column, sql, table, text

if TYPE_CHECKING:
    from apportion.domain.snapshot import Snapshot
    from apportion.run.workspace import Workspace


@dataclass(frozen=True)
class BilledKey:
    """The charges of one charge key in a month, and the group that they are part of."""

    key: str
    group: BilledGroup
    resource: str
    tags: str


def billed_groups(workspace: Workspace, snapshots: Iterable[Snapshot]) -> tuple[BilledGroup, ...]:
    """All charges of some snapshots, in groups; exact sums of the loaded monthly facts."""
    charges, facts = _facts(workspace, snapshots)
    found = workspace.engine.fetch(
        sql(
            """
            SELECT s.Source, s.Period, s.Currency, _facts, s.Free, s.Same,
                   CAST(sum(s.Charges) AS BIGINT) AS Charges,
                   CAST(sum(s.Billed) AS DECIMAL(38, 18)) AS Billed,
                   CAST(sum(s.Effective) AS DECIMAL(38, 18)) AS Effective
            FROM _keyed AS s
            GROUP BY s.Source, s.Period, s.Currency, _facts, s.Free, s.Same
            """,
            _facts=[column(name, "s") for name in FACTS],
            _keyed=_keyed(charges, facts, ()),
        )
    )
    return tuple(sorted((_group(row) for row in found.to_pylist()), key=_order))


def billed_keys(workspace: Workspace, snapshots: Iterable[Snapshot]) -> tuple[BilledKey, ...]:
    """The same charges key by key, for who looks behind a step."""
    charges, facts = _facts(workspace, snapshots)
    about = ("ResourceId", "ResourceName", "Tags")
    found = workspace.engine.fetch(
        sql("SELECT * FROM _keyed AS s", _keyed=_keyed(charges, facts, about))
    )
    return tuple(
        BilledKey(
            row["KeyId"],
            _group(row),
            row["ResourceName"] or row["ResourceId"] or "",
            row["Tags"] or "",
        )
        for row in found.to_pylist()
    )


def _facts(workspace: Workspace, snapshots: Iterable[Snapshot]) -> tuple[Any, frozenset[str]]:
    charges = workspace.register(snapshots)
    known = workspace.engine.fetch(sql("SELECT * FROM _k AS k LIMIT 0", _k=table(charges.keys)))
    return charges, frozenset(known.column_names)


def _keyed(charges: Any, known: frozenset[str], about: Iterable[str]) -> exp.Query:
    """One row for each key, source and month, with its facts and both costs."""
    names = [*FACTS, *about]
    values = [
        exp.func("coalesce", column(name, "k"), text("")) if name in known else text("")
        for name in names
    ]
    return sql(
        """
        SELECT t.*, t.Billed = 0 AS Free, t.Billed = t.Effective AS Same FROM (
            SELECT f.Source AS Source, f.Period AS Period, k.KeyId AS KeyId,
                   k.BillingCurrency AS Currency, _named,
                   CAST(f.Charges AS BIGINT) AS Charges, f.Billed AS Billed,
                   f.Effective AS Effective
            FROM (
                SELECT m.Source, m.Period, m.KeyId, sum(m.Charges) AS Charges,
                       CAST(sum(coalesce(m.BilledCost, 0)) AS DECIMAL(38, 18)) AS Billed,
                       CAST(sum(coalesce(m.EffectiveCost, 0)) AS DECIMAL(38, 18)) AS Effective
                FROM _monthly AS m GROUP BY m.Source, m.Period, m.KeyId
            ) AS f JOIN _keys AS k ON k.KeyId = f.KeyId
        ) AS t
        """,
        _named=[
            exp.alias_(value, name, quoted=True) for name, value in zip(names, values, strict=True)
        ],
        _monthly=table(charges.monthly),
        _keys=table(charges.keys),
    )


def _group(row: dict[str, Any]) -> BilledGroup:
    return BilledGroup(
        source=row["Source"],
        period=row["Period"],
        currency=row["Currency"],
        facts={name: row[name] or "" for name in FACTS},
        free=row["Free"],
        same=row["Same"],
        charges=row["Charges"],
        billed=row["Billed"] or Decimal(0),
        effective=row["Effective"] or Decimal(0),
    )


def _order(group: BilledGroup) -> tuple[str, ...]:
    return (group.source, group.period, group.currency, *group.facts.values(), str(group.same))
