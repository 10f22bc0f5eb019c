"""Peer (a): the same figures by plain DuckDB, straight from the CSV, exact but nothing else.

No quarantine, no findings, no keys, no rules, no books, no proof: one query
that reads the columns it needs, groups by the team tag, and spreads the pools.

    python bench/peers/duckdb_group_by.py BILL.csv KEYS.csv
"""

from __future__ import annotations

import sys

import duckdb
from report import lap, report

QUERY = """
    WITH charges AS (
        SELECT coalesce(json_extract_string(Tags, '$.team'), '') AS team,
               sum(EffectiveCost) AS cost
        FROM read_csv($bill, header = true, all_varchar = false,
                      types = {'EffectiveCost': 'DECIMAL(38, 18)', 'Tags': 'VARCHAR'})
        GROUP BY ALL
    ), shares AS (
        SELECT pool, team, quantity / sum(quantity) OVER (PARTITION BY pool) AS share
        FROM read_csv($keys)
    )
    SELECT team, sum(cost) AS cost FROM (
        SELECT team, CAST(cost AS DOUBLE) AS cost FROM charges
        WHERE team NOT IN (SELECT pool FROM shares)
        UNION ALL
        SELECT s.team, c.cost * s.share FROM charges AS c JOIN shares AS s ON s.pool = c.team
    )
    GROUP BY ALL
"""


def main(bill: str, keys: str) -> None:
    connection = duckdb.connect()
    rows = connection.execute(QUERY, {"bill": bill, "keys": keys}).fetchall()
    lap("query")
    report("duckdb", dict(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
