"""The charge keys behind statement lines: charges that no rule can tell apart, summed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any

from sqlglot import exp

from apportion.domain.money import WIDE
from apportion.domain.owner import OwnerKind
from apportion.domain.result import Run
from apportion.errors import ProofError
from apportion.model.project import Model
from apportion.run.charges import attributed_anew
from apportion.run.explain import Explanation
from apportion.run.workspace import Workspace
from apportion.store.relation import column, number, sql, table, text


@dataclass(frozen=True)
class ChargeKey:
    """Charges of one key. `weight` is the exact fraction of their amount that is in the line.

    `pool` is the pool that they fell into, behind a line of a pool.
    """

    source: str
    service: str
    resource: str
    tags: str
    rule: str
    key: str
    charges: int
    amount: Decimal
    pool: str
    weight: Fraction

    @property
    def carried(self) -> Fraction:
        """What of their amount is in the line, exact."""
        return Fraction(self.amount) * self.weight


@dataclass(frozen=True)
class KeysBehind:
    """The largest keys behind a line, and what all of them are: `count` keys of `total`."""

    keys: tuple[ChargeKey, ...]
    count: int
    total: Decimal

    @property
    def shown(self) -> Decimal:
        return reduce(WIDE.add, (key.amount for key in self.keys), Decimal(0))


def keys_behind(
    workspace: Workspace, model: Model, run: Run, found: Sequence[Explanation], most: int
) -> dict[str, KeysBehind]:
    """By line, the `most` largest charge keys behind it; all of its keys sum to it.

    Raises UsageError when the model has changed since the run, ProofError if the keys
    didn't sum to the line (a fault of the program).
    """
    charges, attribution = attributed_anew(workspace, model, run)
    desk = _Desk(workspace, charges.keys, attribution.relation, run.basis, most)
    return {each.line.id: desk.keys(each) for each in found}


@dataclass(frozen=True)
class _Desk:
    workspace: Workspace
    laid: str
    attributed: str
    basis: str
    most: int

    def keys(self, found: Explanation) -> KeysBehind:
        rows = self.rows(found)
        totals = {row["Owner"]: (row["Count"], row["Total"]) for row in rows}
        carried = sum(
            (Fraction(total) * _weight(found, name) for name, (_, total) in totals.items()),
            Fraction(0),
        )
        if carried != found.exact:
            raise ProofError(
                f"the charges behind line {found.line.id} don't sum to it",
                why=f"they are {carried}, and it is {found.exact}",
                hint="this is a fault of apportion: please report it",
            )
        keys = sorted((_key(row, found) for row in rows), key=lambda key: -abs(key.carried))
        return KeysBehind(
            tuple(keys[: self.most]),
            sum(count for count, _ in totals.values()),
            reduce(WIDE.add, (total for _, total in totals.values()), Decimal(0)),
        )

    def rows(self, found: Explanation) -> list[dict[str, Any]]:
        """The largest keys of each owner behind a line, with the owner's count and total."""
        names = list(found.weights) if found.line.pool else [found.owner.name]
        kind = OwnerKind.POOL if found.line.pool else found.owner.kind
        of_line = [
            column("OwnerKind", "a").eq(text(str(kind))),
            exp.In(this=column("Owner", "a"), expressions=[text(name) for name in names]),
            column("BillingCurrency", "k").eq(text(found.currency)),
        ]
        if not found.line.pool:
            service = exp.func("coalesce", column("ServiceName", "k"), text(""))
            of_line.append(service.eq(text(found.line.service)))
        rows: list[dict[str, Any]] = self.workspace.engine.fetch(
            sql(
                """
                SELECT t.* FROM (
                    SELECT s.*,
                           count(*) OVER (PARTITION BY s.Owner) AS Count,
                           CAST(sum(s.Amount) OVER (PARTITION BY s.Owner) AS DECIMAL(38, 18))
                               AS Total,
                           row_number() OVER (
                               PARTITION BY s.Owner ORDER BY abs(s.Amount) DESC, s.Source, s.KeyId,
                                                             s.Rule
                           ) AS Turn
                    FROM (
                        SELECT a.Owner AS Owner, a.Source AS Source, a.Rule AS Rule,
                               k.KeyId AS KeyId, k.ServiceName AS Service,
                               coalesce(k.ResourceName, k.ResourceId) AS Resource, k.Tags AS Tags,
                               CAST(sum(a.Charges) AS BIGINT) AS Charges,
                               CAST(sum(_cost) AS DECIMAL(38, 18)) AS Amount
                        FROM _attributed AS a JOIN _keys AS k ON k.KeyId = a.KeyId
                        WHERE _of_line
                        GROUP BY a.Owner, a.Source, a.Rule, k.KeyId, k.ServiceName,
                                 coalesce(k.ResourceName, k.ResourceId), k.Tags
                    ) AS s
                ) AS t
                WHERE t.Turn <= _most
                """,
                _cost=column(self.basis, "a"),
                _attributed=table(self.attributed),
                _keys=table(self.laid),
                _of_line=exp.and_(*of_line),
                _most=number(max(self.most, 1)),
            )
        ).to_pylist()
        return rows


def _weight(found: Explanation, owner: str) -> Fraction:
    return found.weights[owner] if found.line.pool else Fraction(1)


def _key(row: dict[str, Any], found: Explanation) -> ChargeKey:
    return ChargeKey(
        source=row["Source"],
        service=row["Service"] or "",
        resource=row["Resource"] or "",
        tags=row["Tags"] or "",
        rule=row["Rule"] or "",
        key=row["KeyId"],
        charges=row["Charges"],
        amount=row["Amount"],
        pool=row["Owner"] if found.line.pool else "",
        weight=_weight(found, row["Owner"]),
    )
