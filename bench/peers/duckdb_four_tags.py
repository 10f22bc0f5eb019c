"""One raw GROUP BY by four tags over the rows of a typed Parquet copy: the yardstick for a run.

python bench/peers/duckdb_four_tags.py COPY.parquet
"""

from __future__ import annotations

import sys

import duckdb
from report import lap, report

QUERY = """
    SELECT json_extract_string(Tags, '$.team') AS team,
           json_extract_string(Tags, '$.env') AS env,
           json_extract_string(Tags, '$.app') AS app,
           json_extract_string(Tags, '$.workload') AS workload,
           sum(EffectiveCost) AS cost
    FROM read_parquet($rows)
    GROUP BY 1, 2, 3, 4
"""


def main(rows: str) -> None:
    connection = duckdb.connect()
    groups = connection.execute(f"CREATE TABLE grouped AS {QUERY}", {"rows": rows}).fetchall()
    lap("group by")
    report("duckdb four tags", groups=groups[0][0])


if __name__ == "__main__":
    main(*sys.argv[1:])
