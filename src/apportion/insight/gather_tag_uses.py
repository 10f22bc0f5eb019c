"""From laid-out charges to tag keys and values as the bills spell them, with their cost."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa

from apportion.insight.lay_out_charges import LaidOut
from apportion.insight.tag_uses import MOST_VALUES, KeyUse, TagUse, known_key
from apportion.model.taxonomy import Taxonomy
from apportion.store.engine import Engine
from apportion.store.relation import sql, table, text

MOST_KEYS = 500
"""Tag keys beyond those of the model whose values are looked at, costliest first."""


def gather_tag_uses(
    engine: Engine, laid: LaidOut, taxonomy: Taxonomy, currency: str
) -> tuple[KeyUse, ...]:
    """Every tag key of one currency's charges, the costliest first, with its values.

    Values are left out of keys with more than 2,000 of them, and of all but the
    costliest 500 keys that the model doesn't know.
    """
    keys = _keys(engine, laid, currency)
    unknown = [use.key for use in keys if known_key(taxonomy, use.key) is None]
    aside = set(unknown[MOST_KEYS:])
    wanted = [use.key for use in keys if use.distinct <= MOST_VALUES and use.key not in aside]
    values = _values(engine, laid, wanted, currency)
    return tuple(
        KeyUse(use.key, use.distinct, use.cost, tuple(values.get(use.key, ()))) for use in keys
    )


def _keys(engine: Engine, laid: LaidOut, currency: str) -> list[KeyUse]:
    found = engine.fetch(
        sql(
            """
            SELECT t.TagKey AS TagKey, CAST(count(DISTINCT t.TagValue) AS BIGINT) AS Distinct_,
                   CAST(sum(c.Cost) AS DECIMAL(38, 18)) AS Cost
            FROM _charges AS c JOIN _tags AS t ON t.TagSetId = c.TagSetId
            WHERE c.Currency = _currency
            GROUP BY t.TagKey
            """,
            _charges=table(laid.charges),
            _tags=table(laid.tags),
            _currency=text(currency),
        )
    )
    uses = [KeyUse(row["TagKey"], row["Distinct_"], row["Cost"]) for row in found.to_pylist()]
    return sorted(uses, key=lambda use: (-use.cost, use.key))


def _values(
    engine: Engine, laid: LaidOut, wanted: list[str], currency: str
) -> dict[str, list[TagUse]]:
    asked = "untagged.wanted"
    engine.rows(asked, pa.table({"TagKey": pa.array(wanted, pa.string())}))
    found = engine.fetch(
        sql(
            """
            SELECT t.TagKey AS TagKey, t.TagValue AS TagValue,
                   CAST(sum(c.Charges) AS BIGINT) AS Charges,
                   CAST(sum(c.Cost) AS DECIMAL(38, 18)) AS Cost
            FROM _charges AS c
            JOIN _tags AS t ON t.TagSetId = c.TagSetId
            JOIN _asked AS w ON w.TagKey = t.TagKey
            WHERE c.Currency = _currency
            GROUP BY t.TagKey, t.TagValue
            """,
            _charges=table(laid.charges),
            _tags=table(laid.tags),
            _asked=table(asked),
            _currency=text(currency),
        )
    )
    engine.drop(asked)
    uses: dict[str, list[TagUse]] = defaultdict(list)
    for row in found.to_pylist():
        value = row["TagValue"] or ""
        uses[row["TagKey"]].append(TagUse(row["TagKey"], value, row["Cost"], row["Charges"]))
    for own in uses.values():
        own.sort(key=lambda use: (-use.cost, use.value))
    return uses
