"""What the keys of a proposed schema cost: each charge once, however many spellings it bears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa

from apportion.insight.lay_out_charges import LaidOut
from apportion.insight.tag_schema import ProposedKey
from apportion.store.engine import Engine
from apportion.store.relation import sql, table, text


def weigh_keys(
    engine: Engine, laid: LaidOut, keys: Sequence[ProposedKey], currency: str
) -> tuple[ProposedKey, ...]:
    """The keys with the cost of one currency's charges that bear any of their spellings.

    Invariant: no key costs more than all charges do, where none costs less than nothing.
    """
    pairs = [(str(number), key) for number, one in enumerate(keys) for key in one.spellings]
    asked = "untagged.proposed"
    engine.rows(
        asked,
        pa.table(
            {
                "Number": pa.array([number for number, _ in pairs], pa.string()),
                "TagKey": pa.array([key for _, key in pairs], pa.string()),
            }
        ),
    )
    found = engine.fetch(
        sql(
            """
            SELECT b.Number AS Number, CAST(sum(c.Cost) AS DECIMAL(38, 18)) AS Cost
            FROM _charges AS c
            JOIN (SELECT DISTINCT p.Number AS Number, t.TagSetId AS TagSetId
                  FROM _tags AS t JOIN _asked AS p ON p.TagKey = t.TagKey) AS b
              ON b.TagSetId = c.TagSetId
            WHERE c.Currency = _currency
            GROUP BY b.Number
            """,
            _charges=table(laid.charges),
            _tags=table(laid.tags),
            _asked=table(asked),
            _currency=text(currency),
        )
    )
    engine.drop(asked)
    costs = {row["Number"]: row["Cost"] for row in found.to_pylist()}
    return tuple(
        replace(one, cost=costs.get(str(number), Decimal(0))) for number, one in enumerate(keys)
    )
