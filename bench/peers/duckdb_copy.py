"""DuckDB's own typed copy of a bill to Parquet: the yardstick for loading.

Costs and quantities as DECIMAL(38, 18), times as TIMESTAMP, the rest as text;
what can't be read stops it. No findings, no quarantine, no keys, no facts.

    python bench/peers/duckdb_copy.py BILL.csv OUT.parquet
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
from report import lap, report

DECIMALS = (
    "BilledCost EffectiveCost ListCost ContractedCost ConsumedQuantity ContractedUnitPrice "
    "ListUnitPrice PricingQuantity"
).split()
TIMES = "BillingPeriodStart BillingPeriodEnd ChargePeriodStart ChargePeriodEnd".split()


def main(bill: str, out: str) -> None:
    with Path(bill).open(encoding="utf-8") as file:
        names = file.readline().strip().split(",")
    types = dict.fromkeys(names, "VARCHAR")
    types |= {name: "DECIMAL(38, 18)" for name in DECIMALS if name in types}
    types |= {name: "TIMESTAMP" for name in TIMES if name in types}
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    connection.execute(
        f"COPY (SELECT * FROM read_csv('{bill}', header = true, columns = {{{columns}}})) "
        f"TO '{out}' (FORMAT parquet, COMPRESSION zstd)"
    )
    lap("copy")
    report("duckdb copy")


if __name__ == "__main__":
    main(*sys.argv[1:])
