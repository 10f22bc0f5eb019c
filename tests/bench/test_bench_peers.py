"""The benchmark measures the same answer: generated bills are as promised, peers and we agree."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).parents[2] / "bench"


def script(work: Path, name: str, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, str(BENCH / name), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "BENCH_WORK": str(work)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


def rows_of(work: Path, width: str, rows: int, share: float) -> list[dict[str, str]]:
    script(work, "generate.py", "--rows", rows, "--width", width, "--share", share)
    path = work / "bills" / f"{width}-{rows}-{share:g}-2026-10.csv"
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("share", "keys"), [(0.001, 2), (0.1, 200), (1.0, 2000)])
def test_the_share_of_distinct_keys_is_as_asked(work: Path, share: float, keys: int) -> None:
    rows = rows_of(work, "full", 2000, share)
    assert len(rows) == 2000
    assert len(rows[0]) == 44
    varying = {"ChargePeriodStart", "ChargePeriodEnd", "Id"}
    varying |= {n for n in rows[0] if n.endswith(("Cost", "Quantity", "UnitPrice"))}
    seen = {tuple(value for name, value in row.items() if name not in varying) for row in rows}
    assert len(seen) == keys


def test_seven_columns_last_one_day(work: Path) -> None:
    from datetime import datetime, timedelta

    rows = rows_of(work, "seven", 2000, 0.1)
    assert len(rows[0]) == 7
    for row in rows:
        start, end = (datetime.fromisoformat(row[f"ChargePeriod{n}"]) for n in ("Start", "End"))
        assert end - start == timedelta(days=1)
    assert len({row["ChargePeriodStart"] for row in rows}) == 31


def totals(output: str) -> dict[str, float]:
    found: dict[str, Any] = json.loads(output)
    assert found["seconds"] > 0
    assert found["peak_mb"] > 10
    return {name: float(amount) for name, amount in found["totals"].items()}


def test_peers_and_we_agree_on_every_team(work: Path) -> None:
    rows_of(work, "seven", 20_000, 0.01)
    made = f"""
import sys; sys.path.insert(0, {str(BENCH)!r})
from company import write_keys, write_project
from generate import WORK, Bill
write_keys()
write_project(WORK / "project", [Bill(20_000, "seven", 0.01)])
"""
    (work / "make.py").write_text(made)
    script(work, str(work / "make.py"))
    bill, keys = work / "bills" / "seven-20000-0.01-2026-10.csv", work / "keys.csv"
    plain = totals(script(work, "peers/duckdb_group_by.py", bill, keys))
    pandas = totals(script(work, "peers/pandas_analyst.py", bill, keys))
    mine = totals(script(work, "ours.py", work / "project", "load", "run", "totals"))
    assert plain == pytest.approx(pandas)
    # Statements are rounded to the cent.
    assert mine == pytest.approx(plain, abs=0.01)
    assert len(mine) == 51
