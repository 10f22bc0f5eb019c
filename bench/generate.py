"""Write benchmark bills: FOCUS rows of one month, as many as asked for, by DuckDB.

Two widths. ``full`` has the 44 columns of a common FOCUS 1.0 export (1 M rows
are about 750 MB). ``seven`` has only what cloud-cost-allocation reads; its
charges last exactly one day, as that package demands.

`share` is the share of distinct charge keys among the rows, from 0.001 (a few
resources, many hours) to 1 (a tag for each pod or job). The same question
always gives the same rows; nothing is read and nothing is random.

    python bench/generate.py --rows 1000000 --width full --share 0.005
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

import duckdb

WORK = Path(os.environ.get("BENCH_WORK") or Path(__file__).parent / ".work")
"""Where everything is written. Set BENCH_WORK for a larger or faster disk."""

TEAMS = 50
POOLS = 10
PERIOD = "2026-10"
DAYS = 31
SHARE = 0.005

SEVEN = (
    "ChargePeriodStart ChargePeriodEnd EffectiveCost ContractedCost BillingCurrency Tags "
    "CommitmentDiscountStatus"
).split()

FULL = """
    AvailabilityZone BilledCost BillingAccountId BillingAccountName BillingCurrency
    BillingPeriodEnd BillingPeriodStart ChargeCategory ChargeClass ChargeDescription
    ChargeFrequency ChargePeriodEnd ChargePeriodStart CommitmentDiscountCategory
    CommitmentDiscountId CommitmentDiscountName CommitmentDiscountStatus CommitmentDiscountType
    ConsumedQuantity ConsumedUnit ContractedCost ContractedUnitPrice EffectiveCost
    InvoiceIssuerName ListCost ListUnitPrice PricingCategory PricingQuantity PricingUnit
    ProviderName PublisherName RegionId RegionName ResourceId ResourceName ResourceType
    ServiceCategory Id ServiceName SkuId SkuPriceId SubAccountId SubAccountName Tags
""".split()

DECIMALS = (
    "BilledCost EffectiveCost ListCost ContractedCost ConsumedQuantity ContractedUnitPrice "
    "ListUnitPrice PricingQuantity"
).split()
TIMES = "BillingPeriodStart BillingPeriodEnd ChargePeriodStart ChargePeriodEnd".split()


@dataclass(frozen=True)
class Bill:
    """Which bill: its number of rows, the share of distinct keys, and its width."""

    rows: int
    width: str = "full"
    share: float = SHARE
    kind: str = "csv"
    period: str = PERIOD

    @property
    def keys(self) -> int:
        return max(1, round(self.rows * self.share))

    @property
    def path(self) -> Path:
        name = f"{self.width}-{self.rows}-{self.share:g}-{self.period}.{self.kind}"
        return WORK / "bills" / name

    @property
    def columns(self) -> list[str]:
        return SEVEN if self.width == "seven" else FULL


def generate(bill: Bill) -> Path:
    """Write a bill unless it is there already."""
    if not bill.path.exists():
        bill.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = bill.path.with_suffix(".part")
        options = "HEADER" if bill.kind == "csv" else "COMPRESSION zstd"
        with duckdb.connect() as connection:
            connection.execute("SET preserve_insertion_order = true")
            connection.execute(
                f"COPY ({query(bill)}) TO '{unfinished}' (FORMAT {bill.kind}, {options})"
            )
        unfinished.rename(bill.path)
    return bill.path


def query(bill: Bill) -> str:
    """The rows as SQL. `k` numbers the key, `n` its occurrence; all texts hang on `k` alone."""
    return f"""
        WITH numbered AS (
            SELECT range AS i, range % {bill.keys} AS k, range // {bill.keys} AS n
            FROM range({bill.rows})
        ), facts AS (
            SELECT i, k,
                   CAST('{bill.period}-01' AS DATE) + CAST((n + k) % {DAYS} AS INTEGER) AS day,
                   CAST((i * 48271 + 11) % 2147483647 % 90000000 + 1000 AS DECIMAL(18, 0))
                       * CAST('0.0000000100' AS DECIMAL(11, 10)) AS cost
            FROM numbered
        )
        SELECT {", ".join(f"{expression(name)} AS {name}" for name in bill.columns)}
        FROM facts
    """


TAGS = f"""
    '{{' || CASE WHEN k % 10 < 4 THEN printf('"team": "platform-%02d", ', k // 10 % {POOLS})
                 WHEN k % 10 < 9 THEN printf('"team": "team-%02d", ', (k * 7 + k // 10) % {TEAMS})
                 ELSE '' END
        || CASE WHEN k % 3 = 0 THEN '"env": "prod", ' ELSE '"env": "dev", ' END
        || printf('"app": "app-%03d", "workload": "w-%08d"}}', k % 400, k)
"""
"""Four tags: 40 % of the keys are a platform's, 50 % a team's, 10 % have no team."""

_MONTH = "date_trunc('month', day)"

_EXPRESSIONS = {
    "AvailabilityZone": "'us-east-1' || chr(CAST(97 + k % 3 AS INTEGER))",
    "BilledCost": "cost",
    "BillingAccountId": "'1234567890123'",
    "BillingAccountName": "'Benchmark'",
    "BillingCurrency": "'USD'",
    "BillingPeriodEnd": f"strftime({_MONTH} + INTERVAL 1 MONTH, '%Y-%m-%d %H:%M:%S')",
    "BillingPeriodStart": f"strftime({_MONTH}, '%Y-%m-%d %H:%M:%S')",
    "ChargeCategory": "'Usage'",
    "ChargeClass": "NULL",
    "ChargeDescription": "printf('$%d.%02d per instance hour of size %d, Linux, US East (N. "
    "Virginia), reserved or on demand', k % 9, k % 97, k % 40)",
    "ChargeFrequency": "'Usage-Based'",
    "ChargePeriodEnd": "strftime(day + INTERVAL 1 DAY, '%Y-%m-%d %H:%M:%S')",
    "ChargePeriodStart": "strftime(CAST(day AS TIMESTAMP), '%Y-%m-%d %H:%M:%S')",
    "CommitmentDiscountCategory": "CASE WHEN k % 7 = 0 THEN 'Spend' END",
    "CommitmentDiscountId": "CASE WHEN k % 7 = 0 THEN "
    "printf('arn:aws:savingsplans::1234567890123:savingsplan/%04d', k % 50) END",
    "CommitmentDiscountName": "NULL",
    "CommitmentDiscountStatus": "CASE WHEN k % 7 = 0 THEN 'Used' END",
    "CommitmentDiscountType": "CASE WHEN k % 7 = 0 THEN 'Savings Plan' END",
    "ConsumedQuantity": "CAST(1 + i % 24 AS DECIMAL(20, 15))",
    "ConsumedUnit": "'Hours'",
    "ContractedCost": "cost",
    "ContractedUnitPrice": "CAST(k % 1000 AS DECIMAL(20, 11))",
    "EffectiveCost": "cost",
    "InvoiceIssuerName": "'Amazon Web Services, Inc.'",
    "ListCost": "CAST(cost * 2 AS DECIMAL(20, 10))",
    "ListUnitPrice": "CAST(k % 1000 AS DECIMAL(20, 7))",
    "PricingCategory": "CASE WHEN k % 7 = 0 THEN 'Committed' ELSE 'Standard' END",
    "PricingQuantity": "CAST(1 + i % 24 AS DECIMAL(20, 11))",
    "PricingUnit": "'Hours'",
    "ProviderName": "'AWS'",
    "PublisherName": "'Amazon Web Services, Inc.'",
    "RegionId": "'us-east-1'",
    "RegionName": "'US East (N. Virginia)'",
    "ResourceId": "printf('arn:aws:ec2:us-east-1:%012d:instance/i-%017d', k % 40, k)",
    "ResourceName": "printf('machine-%08d', k)",
    "ResourceType": "'Instance'",
    "ServiceCategory": "'Compute'",
    "ServiceName": "printf('Amazon Elastic Compute Cloud %02d', k % 25)",
    "SkuId": "printf('G95FST5FTYV3%04d', k % 500)",
    "SkuPriceId": "printf('G95FST5FTYV3%04d.JRTCKXETXF.VXGXCWQKTY', k % 500)",
    "SubAccountId": "printf('%012d', k % 40)",
    "SubAccountName": "printf('account-%03d', k % 40)",
    "Tags": TAGS,
    "Id": "i",
}


def expression(name: str) -> str:
    return _EXPRESSIONS[name]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--width", choices=("full", "seven"), default="full")
    parser.add_argument("--share", type=float, default=SHARE)
    parser.add_argument("--kind", choices=("csv", "parquet"), default="csv")
    asked = parser.parse_args()
    bill = Bill(asked.rows, asked.width, asked.share, asked.kind)
    path = generate(bill)
    print(f"{path}: {path.stat().st_size / 1e6:.0f} MB, {bill.keys} keys")


if __name__ == "__main__":
    main()
