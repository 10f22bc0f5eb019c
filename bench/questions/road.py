"""How long is the road from a FOCUS CSV to statements, beside the peers?"""

from __future__ import annotations

from pathlib import Path

from answer import Answer, Bound, count, ratio, seconds
from company import write_keys, write_project
from environment import cloud_cost_allocation
from generate import PERIOD, WORK, Bill, generate
from measure import Measured, apportion, ours, peer
from settings import Settings

NEAR = 1e-6
"""Statements are rounded to the cent, floats to fifteen figures: totals agree within this part."""


def road(settings: Settings) -> list[Answer]:
    """Each width in a table: ours as processes and in one process, DuckDB, pandas, and the peer."""
    return [_width(settings, "seven"), _width(settings, "full")]


def _width(settings: Settings, width: str) -> Answer:
    seven = width == "seven"
    named = "the seven columns of cloud-cost-allocation" if seven else "the full width, 44 columns"
    answer = Answer(
        f"FOCUS CSV to statements: {named}",
        ["rows", "ours, three commands", "ours, one process", "peak MB", "DuckDB", "pandas",
         "cloud-cost-allocation", "it ÷ ours", "ours ÷ DuckDB", "ours ÷ pandas"],
    )  # fmt: skip
    for rows in settings.sizes:
        if width not in settings.widths(rows):
            continue
        _size(answer, settings, Bill(rows, width))
    if seven:
        answer.notes.append(
            "cloud-cost-allocation 2.3.4 reads once, allocates each of the 31 days by itself, as "
            "it must, and writes its CSV; it is not given more than "
            f"{count(settings.peer_limit)} rows."
        )
    answer.notes.append(
        "Seconds of wall time. The three commands are `load`, `run` and `statement`, each a "
        "process of its own; in one process they share its start and its imports. Both write "
        "quarantine, keys, facts, books and proof. Peers are whole processes, and ratios are to "
        "our one process."
    )
    return answer


def _size(answer: Answer, settings: Settings, bill: Bill) -> None:
    path, keys = generate(bill), write_keys()
    whole = _commands(bill)
    inside = ours(_project(bill), "load", "run", "statement", "totals")
    plain = peer("duckdb_group_by", path, keys)
    slow = bill.rows <= settings.peer_limit
    pandas = peer("pandas_analyst", path, keys) if slow or bill.width == "seven" else None
    cca = _cca(path, keys, bill) if slow and bill.width == "seven" else None
    for other in (plain, pandas, cca):
        _agree(inside, other)
    answer.rows.append([
        count(bill.rows), seconds(whole), seconds(inside.seconds), f"{inside.peak_mb:.0f}",
        seconds(plain.seconds), seconds(_took(pandas)), seconds(_took(cca)),
        ratio(_took(cca), inside.seconds), ratio(inside.seconds, plain.seconds),
        ratio(inside.seconds, _took(pandas)),
    ])  # fmt: skip
    if bill.width == "seven" and bill.rows == settings.million:
        faster = cca.seconds / inside.seconds if cca else None
        answer.bounds.append(
            Bound(f"{count(bill.rows)} rows of seven columns: times faster than "
                  "cloud-cost-allocation", 100, faster, "times", at_least=True)
        )  # fmt: skip
    if bill.rows == settings.largest:
        what = f"peak memory for {count(bill.rows)} rows ({bill.width} width)"
        answer.bounds.append(Bound(what, 4.0, inside.peak_mb / 1024, "GB"))


def _took(measured: Measured | None) -> float | None:
    return measured.seconds if measured else None


def _project(bill: Bill) -> Path:
    return write_project(WORK / "projects" / f"{bill.width}-{bill.rows}", [bill])


def _commands(bill: Bill) -> float:
    project = _project(bill)
    steps = [("load",), ("run", "--period", PERIOD), ("statement", "--period", PERIOD, "--json")]
    return sum(apportion(project, *step).seconds for step in steps)


def _cca(path: Path, keys: Path, bill: Bill) -> Measured | None:
    python = cloud_cost_allocation()
    if python is None:
        return None
    out = WORK / "cca-out" / str(bill.rows)
    return peer("cloud_cost_allocation_peer", path, keys, out, python=python)


def _agree(mine: Measured, other: Measured | None) -> None:
    """A benchmark of different answers is none."""
    if other is None:
        return
    theirs = other.report["totals"]
    for team, amount in mine.report["totals"].items():
        wanted = float(theirs.get(team, 0))
        if abs(float(amount) - wanted) > max(0.01, NEAR * abs(wanted)):
            raise AssertionError(f"{other.report['peer']}: {team} {wanted}, ours {amount}")
