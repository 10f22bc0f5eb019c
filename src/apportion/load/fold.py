"""Fold the charges of one file and period into keys, tags, daily and monthly facts.

The passes are those of the shared suite. DuckDB gets one help: within a file,
charges are matched to their keys by a 64-bit hash, which is an order of
magnitude cheaper than the digest. It is checked to be free of collisions on
the distinct keys, and stays inside this fold; where it isn't, the digest does it.
"""

from __future__ import annotations

from pathlib import Path

from sqlglot import exp

from apportion.load.classify_keys import Classing, with_classes
from apportion.load.fold_daily import fold_daily
from apportion.load.fold_keys import fold_keys
from apportion.load.fold_monthly import fold_monthly
from apportion.load.fold_tags import fold_tags
from apportion.load.key_shape import KeyShape
from apportion.load.workbench import Workbench
from apportion.store.relation import sql, table

CHARGES, KEYS, DAILY, MONTHLY = "charges", "keys", "daily", "monthly"
"""Names of the relations in the workbench while a fold is made."""


def fold(
    bench: Workbench, shape: KeyShape, folder: Path, classing: Classing | None = None
) -> dict[str, tuple[Path, int]]:
    """Write the four folds of the relation CHARGES to `folder`: role to path and number of rows.

    The keys also say what kind of cost their charges are, by `classing`.
    """
    helper: exp.Expr | None = exp.Anonymous(this="hash", expressions=shape.known())
    bench.create(KEYS, fold_keys(table(CHARGES), shape, helper))
    if not _stands_for_one_key(bench):
        helper = None
        bench.create(KEYS, fold_keys(table(CHARGES), shape, helper))
    found = {}
    kept = with_classes(bench, KEYS, classing or Classing())
    found["tags"] = _write(bench, fold_tags(table(KEYS)), folder / "tags.parquet")
    found["daily"] = _write(
        bench, fold_daily(table(CHARGES), table(KEYS), shape, helper), folder / "daily.parquet"
    )
    found["keys"] = _write(bench, kept, folder / "keys.parquet")
    bench.drop(KEYS)
    bench.parquet(KEYS, [found["keys"][0]])
    bench.parquet(DAILY, [found["daily"][0]])
    found["monthly"] = _write(bench, fold_monthly(table(DAILY)), folder / "monthly.parquet")
    bench.parquet(MONTHLY, [found["monthly"][0]])
    return found


def _stands_for_one_key(bench: Workbench) -> bool:
    query = sql(
        "SELECT count(*) = count(DISTINCT Helper) AS Alone FROM _keys AS k", _keys=table(KEYS)
    )
    return bool(bench.rows(query)[0]["Alone"])


def _write(bench: Workbench, query: exp.Query, path: Path) -> tuple[Path, int]:
    return path, bench.write(query, path)
