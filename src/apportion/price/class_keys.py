"""Which usage has the same prices: keys that differ in nothing that a price looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from apportion.model.usage_prices import RESOURCE_ATTRIBUTES
from apportion.price.usage_class import CLASS_COLUMNS, UsageClass
from apportion.price.usage_relations import CLASSES, KEY_CLASSES, UsageRelations
from apportion.store.relation import column, columns, sql, table, text

if TYPE_CHECKING:
    from apportion.store.engine import Engine


def class_keys(engine: Engine, usage: UsageRelations, *, with_resources: bool) -> list[UsageClass]:
    """The classes of all keys, by number; KEY_CLASSES says which key is of which.

    Invariant: each key is of one class. KEY_CLASSES: KeyId, ClassId, KeyNumber.
    """
    names = list(CLASS_COLUMNS)
    if with_resources:
        names += [f"attribute.{one}" for one in RESOURCE_ATTRIBUTES if one in usage.attributes]
        names.append("ResourceId")
    said = [exp.alias_(_said(name), name, quoted=True) for name in names]
    distinct = sql("SELECT DISTINCT _said FROM _k AS k", _said=said, _k=table(usage.keys))
    numbered = sql(
        "SELECT d.*, row_number() OVER (ORDER BY _names) - 1 AS ClassId FROM _d AS d",
        _names=columns(names, "d"),
        _d=distinct,
    )
    engine.create(CLASSES, numbered)
    same = [exp.EQ(this=_said(name), expression=column(name, "c")) for name in names]
    of_keys = sql(
        """
        SELECT k.KeyId, c.ClassId, row_number() OVER (ORDER BY k.KeyId) AS KeyNumber
        FROM _k AS k JOIN _c AS c ON _same
        """,
        _k=table(usage.keys),
        _c=table(CLASSES),
        _same=exp.and_(*same),
    )
    engine.create(KEY_CLASSES, of_keys)
    query = sql(
        "SELECT _names FROM _c AS c ORDER BY c.ClassId",
        _names=columns(names, "c"),
        _c=table(CLASSES),
    )
    return [_class(list(row.values())) for row in engine.fetch(query).to_pylist()]


def _said(name: str) -> exp.Expr:
    return exp.func("coalesce", column(name, "k"), text(""))


def _class(values: list[str]) -> UsageClass:
    provider, model, tier, window, region, *resources = values
    return UsageClass(provider, model, tier, window, region, tuple(filter(None, resources)))
