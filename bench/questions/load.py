"""How much longer is our load, folding included, than DuckDB's own typed copy to Parquet?"""

from __future__ import annotations

from statistics import median

from answer import Answer, Bound, count, ratio, seconds
from company import write_project
from generate import WORK, Bill, generate
from measure import Measured, ours, peer
from settings import Settings

LIMIT = 2.5


def load(settings: Settings) -> list[Answer]:
    """Both in a process of their own; imports are left out of both. Medians, taken in turns."""
    answer = Answer(
        "Load from CSV, folding included, beside DuckDB's typed copy to Parquet",
        ["rows", "width", "CSV MB", "ours", "peak MB", "DuckDB's copy", "ours ÷ DuckDB",
         "rows/s, ours"],
    )  # fmt: skip
    for rows in settings.sizes:
        for width in settings.widths(rows):
            bound = rows >= min(1_000_000, settings.largest)
            _size(answer, Bill(rows, width), settings.times(rows), bound=bound)
    answer.notes.append(
        "The copy parses the same file into the same types and keeps nothing else; ours also sets "
        "unreadable rows aside, hashes the input, and folds keys, tags, daily and monthly facts."
    )
    return [answer]


def _size(answer: Answer, bill: Bill, times: int, *, bound: bool) -> None:
    path = generate(bill)
    mine: list[Measured] = []
    copies: list[Measured] = []
    for _ in range(times):
        mine.append(ours(write_project(WORK / "projects" / f"load-{bill.width}", [bill]), "load"))
        copies.append(peer("duckdb_copy", path, copy_of(bill)))
    took = median(found.stages["load"] for found in mine)
    plain = median(found.stages["copy"] for found in copies)
    peak = max(found.peak_mb for found in mine)
    answer.rows.append([
        count(bill.rows), bill.width, f"{path.stat().st_size / 1e6:.0f}", seconds(took),
        f"{peak:.0f}", seconds(plain), ratio(took, plain), f"{bill.rows / took:,.0f}",
    ])  # fmt: skip
    if bound:
        what = f"load of {count(bill.rows)} rows ({bill.width} width) ÷ DuckDB's copy"
        answer.bounds.append(Bound(what, LIMIT, took / plain))


def copy_of(bill: Bill) -> str:
    path = WORK / "copies" / f"{bill.width}-{bill.rows}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    return str(path)
