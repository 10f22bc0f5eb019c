"""How fast usage is priced, and that every request costs what genai-prices says of it.

Requests of ten models with caches, audio, tiers by the size of the prompt and prices by the
time of the day, by 400 keys for each over October 2026; their files lie in a folder of their own as
the load writes them. Three questions:

1. all requests priced per request (every model has tiers or hours), and the usual mix;
2. a sample compared with `genai_prices.calc_price`, request by request, to the digit;
3. how many requests a second the package itself prices, one call each.

    python bench/price_usage.py --requests 10000000 --sample 100000
"""

# ruff: noqa: E501

from __future__ import annotations

import argparse
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import duckdb

from apportion.domain.period import Span
from apportion.domain.usage import INPUT_TOKENS, OUTPUT_TOKENS
from apportion.price.price_usage import price_usage
from apportion.price.usage_relations import PRICED, UNPRICED, UsageRelations
from apportion.store.engine import open_engine
from apportion.store.relation import sql, table
from priced import Priced, key_of, listed_cost, random_requests

OCTOBER = Span(date(2026, 10, 1), date(2026, 11, 1))
TIERED = (
    ("openai", "gpt-5.4"),
    ("google", "gemini-2.5-pro"),
    ("x-ai", "grok-4.20"),
    ("deepseek", "deepseek-v4-pro"),
    ("anthropic", "claude-haiku-5-5"),
)
PLAIN = (
    ("openai", "gpt-4.1-mini"),
    ("anthropic", "claude-sonnet-4-5"),
    ("azure", "gpt-4o"),
    ("aws", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    ("mistral", "mistral-large-latest"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=10_000_000)
    parser.add_argument("--sample", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    for name, models in (("every model by request", TIERED), ("usual mix", TIERED[:2] + PLAIN)):
        _speed(name, models, given.requests, given.times)
    _compare(given.sample)


def _speed(name: str, models: Sequence[tuple[str, str]], count: int, times: int) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        _write(folder, models, count)
        best = min(_once(folder, name if turn == 0 else "") for turn in range(times))
        print(f"{name}: {count:,} requests in {best:.2f} s")
    finally:
        shutil.rmtree(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory so far {peak:.0f} MB")


def _write(folder: Path, models: Sequence[tuple[str, str]], count: int) -> None:
    """Keys, records and sums by day, as the load leaves them (ids of 64 hexadecimal digits)."""
    engine = duckdb.connect()
    engine.execute("SELECT setseed(0.5)")
    engine.execute("CREATE TABLE models(ProviderName VARCHAR, ModelId VARCHAR)")
    engine.executemany("INSERT INTO models VALUES (?, ?)", [list(one) for one in models])
    engine.execute(
        """
        CREATE TABLE keys AS
        SELECT sha256(ModelId || '/' || n) AS KeyId, ProviderName, ModelId, 'key-' || n AS ApiKeyId,
               CAST(NULL AS VARCHAR) AS ServiceTier, CAST(NULL AS VARCHAR) AS ContextWindow,
               CAST(NULL AS VARCHAR) AS RegionId, CAST(NULL AS VARCHAR) AS ResourceId,
               row_number() OVER () - 1 AS Number
        FROM models, range(400) AS r(n)
        """
    )
    meters = ", ".join(
        f"CAST(CASE WHEN random() < {0.9 if name in {'uncached_input_tokens', 'output_tokens'} else 0.1}"
        f" THEN 10 ** (random() * 5.6) END AS BIGINT) AS {name}"
        for name in (*INPUT_TOKENS, *OUTPUT_TOKENS)
    )
    engine.execute(
        f"""
        COPY (SELECT k.KeyId, e.* EXCLUDE (Number) FROM (
            SELECT CAST(floor(random() * (SELECT count(*) FROM keys)) AS BIGINT) AS Number,
                   TIMESTAMP '2026-10-01' + INTERVAL 1 SECOND * CAST(i * 2678399.0 / {count} AS BIGINT)
                       AS UsageStart,
                   CAST(1 AS BIGINT) AS requests, {meters}
            FROM range({count}) AS r(i)) AS e JOIN keys AS k USING (Number))
        TO '{folder / "events.parquet"}'
        """
    )
    engine.execute(f"COPY (SELECT * EXCLUDE (Number) FROM keys) TO '{folder / 'keys.parquet'}'")
    sums = " UNION ALL ".join(
        f"SELECT KeyId, UsageDate, '{name}' AS Meter, CAST({name} AS DECIMAL(38, 12)) AS Quantity,"
        f" CAST(1 AS BIGINT) AS Per FROM s WHERE {name} IS NOT NULL"
        for name in ("requests", *INPUT_TOKENS, *OUTPUT_TOKENS)
    )
    totals = ", ".join(
        f"sum({name}) AS {name}" for name in ("requests", *INPUT_TOKENS, *OUTPUT_TOKENS)
    )
    engine.execute(
        f"""
        COPY (WITH s AS (SELECT KeyId, CAST(UsageStart AS DATE) AS UsageDate, {totals}
                         FROM '{folder / "events.parquet"}' GROUP BY ALL) {sums})
        TO '{folder / "daily.parquet"}'
        """
    )
    engine.close()


def _once(folder: Path, told: str) -> float:
    engine = open_engine()
    for name in ("keys", "events", "daily"):
        engine.files(name, [folder / f"{name}.parquet"])
    began = time.perf_counter()
    price_usage(engine, UsageRelations("keys", "daily", "events"), (), OCTOBER)
    query = "SELECT sum(p.Amount) AS Cost, count(*) AS Lines FROM _p AS p"
    found = engine.fetch(sql(query, _p=table(PRICED))).to_pylist()[0]
    took = time.perf_counter() - began
    if told:
        without = engine.fetch(sql("SELECT count(*) AS n FROM _p AS p", _p=table(UNPRICED)))
        print(
            f"{told}: {found['Lines']:,} lines, USD {found['Cost']:,.2f}, "
            f"{without.to_pylist()[0]['n']:,} lines without a price"
        )
    engine.close()
    return took


def _compare(sample: int) -> None:
    """Each request a key of its own, so that each is compared by itself."""
    records = [
        {**record, "ApiKeyId": None, "ResourceId": str(number)}
        for number, record in enumerate(random_requests(7, sample, TIERED + PLAIN))
    ]
    priced = Priced(records)
    ours: dict[str, Fraction] = {}
    for line in priced.lines:
        key = line["KeyId"]
        ours[key] = ours.get(key, Fraction(0)) + Fraction(line["Amount"]) / line["Divisor"]
    began = time.perf_counter()
    listed = [listed_cost(record) for record in records]
    took = time.perf_counter() - began
    differ = [
        record
        for record, cost in zip(records, listed, strict=True)
        if Fraction(cost) != ours.get(key_of(record), Fraction(0))
    ]
    print(f"{sample:,} requests beside genai-prices: {len(differ)} differ")
    print(f"genai_prices.calc_price: {sample / took:,.0f} requests a second, one call each")


if __name__ == "__main__":
    main()
