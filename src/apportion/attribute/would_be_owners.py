"""Who would carry charges of commitments, and what these cover, if no pool took them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import pyarrow as pa
from sqlglot import exp

from apportion.attribute.desk import Attribution, Desk
from apportion.attribute.exact import fractions
from apportion.attribute.totals import sums
from apportion.domain.amounts import Amounts
from apportion.domain.charge import COSTS
from apportion.domain.commitments import (
    NO_COMMITMENTS,
    UNUSED,
    USED,
    CommitmentUse,
    Committed,
    named,
)
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.period import Span
from apportion.errors import Place
from apportion.model.digest import digest_of
from apportion.model.organisation import Organisation, OrgUnit, UnitKind
from apportion.model.pools import Pool, Split
from apportion.model.project import Model
from apportion.model.rules import Condition, Rule
from apportion.store.engine import Engine
from apportion.store.relation import column, sql, table, text

NEVER = Condition((("ServiceName", ()),))
"""A condition that nothing meets; its days still cut the period."""

_HERE = Place("eligible usage")


def would_be_owners(
    desk: Desk, engine: Engine, model: Model, span: Span, attribution: Attribution, *, keys: str
) -> CommitmentUse:
    """What sharing commitments needs to know; nothing is read where no pool shares any.

    The same charges are attributed once more with pools of commitments that take
    nothing, and once for each condition on eligible usage. `keys` is the relation of
    charge keys that the desk was laid out with.
    """
    pools = {pool.name: pool for pool in model.pools if any(_splits(pool))}
    taken = {part.owner.name for part in attribution.summary if part.owner.kind is OwnerKind.POOL}
    if not taken & pools.keys():
        return NO_COMMITMENTS
    without = desk.attribute(_without(model, pools), span, into="without commitments").relation
    reading = _Reading(engine, attribution.relation, without, keys)
    asked = {name: tuple(_conditions(pool)) for name, pool in pools.items()}
    eligible: dict[tuple[str, str], dict[str, Amounts]] = {}
    for condition in {digest_of(one): one for own in asked.values() for one in own}.values():
        chosen = desk.attribute(_choosing(model, condition), span, into="eligible").relation
        for currency, by_name in reading.eligible(chosen).items():
            eligible[digest_of(condition), currency] = by_name
    return CommitmentUse(
        reading.charges(tuple(pools)),
        reading.covered(),
        eligible,
        {name: tuple(map(digest_of, own)) for name, own in asked.items()},
    )


def _splits(pool: Pool) -> Iterator[Split]:
    nested = (split for dated in pool.splits for split in dated.value.nested)
    return (split for split in nested if split.terms and split.terms.by_owners)


def _conditions(pool: Pool) -> Iterator[Condition]:
    return (one for split in _splits(pool) if split.terms for one in split.terms.conditions)


def _without(model: Model, names: Collection[str]) -> Model:
    """The model with pools that nothing falls into; the period is cut on the same days."""

    def gives(rule: Rule) -> bool:
        owner = rule.owner
        return owner is not None and owner.kind is OwnerKind.POOL and owner.name in names

    return replace(
        model,
        pools=tuple(
            replace(pool, condition=NEVER) if pool.name in names and pool.condition else pool
            for pool in model.pools
        ),
        rules=tuple(
            replace(rule, condition=NEVER) if gives(rule) else rule for rule in model.rules
        ),
    )


def _choosing(model: Model, condition: Condition) -> Model:
    """A model with one team, which gets what meets a condition."""
    unit = OrgUnit("eligible", UnitKind.TEAM, "eligible", _HERE)
    owner = Owner(OwnerKind.TEAM, unit.name)
    rule = Rule("eligible", 0, _HERE, condition, Evidence.MAPPED, owner)
    return Model(Organisation({unit.name: unit}), model.taxonomy, (rule,))


class _Reading:
    """Sums over two attributions of the same charges: as it is, and without the pools."""

    def __init__(self, engine: Engine, attributed: str, without: str, keys: str) -> None:
        self.engine, self.attributed, self.without, self.keys = engine, attributed, without, keys
        there = engine.fetch(sql("SELECT * FROM _k AS k LIMIT 0", _k=table(keys))).column_names
        self.known = frozenset(there)

    def charges(self, pools: Collection[str]) -> dict[tuple[str, str], tuple[Committed, ...]]:
        """What fell into each pool, by commitment, status, and who would carry it."""
        wanted = exp.In(this=column("Owner", "a"), expressions=[text(name) for name in pools])
        pooled = exp.EQ(this=column("OwnerKind", "a"), expression=text(OwnerKind.POOL))
        found = self._joined(exp.and_(pooled, wanted))
        made: dict[tuple[str, str], list[Committed]] = defaultdict(list)
        for row, amounts in found:
            status = row["Status"] if row["Status"] in {USED, UNUSED} else ""
            one = Committed(row["Commitment"], status, _owner(row), amounts)
            made[row["Pool"], row["Currency"]].append(one)
        return {key: tuple(own) for key, own in made.items()}

    def covered(self) -> dict[tuple[str, str], dict[str, Amounts]]:
        """Usage that each commitment covers, by who would carry it."""
        made: dict[tuple[str, str], dict[str, Amounts]] = defaultdict(lambda: defaultdict(Amounts))
        if "CommitmentDiscountStatus" not in self.known:
            return made
        used = exp.EQ(this=column("CommitmentDiscountStatus", "k"), expression=text(USED))
        for row, amounts in self._joined(used):
            made[row["Commitment"], row["Currency"]][named(_owner(row))] += amounts
        return made

    def eligible(self, chosen: str) -> dict[str, dict[str, Amounts]]:
        """By currency, the usage that meets a condition, by who would carry it.

        A plan's own fee and its unused part aren't usage, nor are credits.
        """
        query = sql(
            """
            SELECT k.BillingCurrency AS Currency, w.OwnerKind AS OwnerKind, w.Owner AS Owner, _sums
            FROM _without AS w
            JOIN _chosen AS c ON c.Source = w.Source AND c.KeyId = w.KeyId
            JOIN _keys AS k ON k.KeyId = w.KeyId
            WHERE c.OwnerKind = 'team' AND _category IN ('', 'Usage') AND _status <> 'Unused'
            GROUP BY k.BillingCurrency, w.OwnerKind, w.Owner
            """,
            _without=table(self.without),
            _chosen=table(chosen),
            _category=self._key("ChargeCategory"),
            _status=self._key("CommitmentDiscountStatus"),
            _keys=table(self.keys),
            _sums=sums("w"),
        )
        made: dict[str, dict[str, Amounts]] = defaultdict(lambda: defaultdict(Amounts))
        for row, amounts in _rows(self.engine.fetch(query)):
            made[row["Currency"]][named(_owner(row))] += amounts
        return made

    def _joined(self, wanted: exp.Expr) -> Iterator[tuple[Mapping[str, str], Amounts]]:
        commitment = self._key("CommitmentDiscountId")
        status = self._key("CommitmentDiscountStatus")
        query = sql(
            """
            SELECT a.Owner AS Pool, k.BillingCurrency AS Currency, w.OwnerKind AS OwnerKind,
                   w.Owner AS Owner, _commitment AS Commitment, _status AS Status, _sums
            FROM _attributed AS a
            JOIN _without AS w
              ON w.Source = a.Source AND w.KeyId = a.KeyId AND w.SpanStart = a.SpanStart
            JOIN _keys AS k ON k.KeyId = a.KeyId
            WHERE _wanted
            GROUP BY a.Owner, k.BillingCurrency, w.OwnerKind, w.Owner, _commitment, _status
            """,
            _attributed=table(self.attributed),
            _without=table(self.without),
            _keys=table(self.keys),
            _commitment=commitment,
            _status=status,
            _wanted=wanted,
            _sums=sums("a"),
        )
        return _rows(self.engine.fetch(query))

    def _key(self, name: str) -> exp.Expr:
        """A column of the keys as a text that is never NULL; bills may lack it."""
        if name not in self.known:
            return text("")
        return exp.func("coalesce", column(name, "k"), text(""))


def _rows(found: pa.Table) -> Iterator[tuple[Mapping[str, str], Amounts]]:
    costs = [fractions(found.column(cost)) for cost in COSTS]
    for row, *amounts in zip(found.to_pylist(), *costs, strict=True):
        yield row | {"Currency": row["Currency"] or ""}, Amounts(*amounts)


def _owner(row: Mapping[str, str]) -> Owner:
    return Owner(OwnerKind(row["OwnerKind"]), row["Owner"])
