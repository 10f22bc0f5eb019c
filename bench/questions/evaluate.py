"""In one process on loaded rows: is a run no slower than one raw GROUP BY over the same rows?"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from statistics import median

from answer import Answer, Bound, count, ratio, seconds
from company import write_project, write_rules
from generate import WORK, Bill, generate
from measure import ours, peer
from questions.load import copy_of
from settings import Settings

TIMES = 3
STEPS = "model run statement run statement edit run statement save explain".split()


def evaluate(settings: Settings) -> list[Answer]:
    """First run after a load, second run, run after an edited rule; beside the GROUP BY."""
    answer = Answer(
        "Attribute, allocate and draw statements on loaded rows, in one process",
        ["rows", "first run", "second run", "after an edit", "a line explained",
         "GROUP BY by four tags", "first ÷ GROUP BY"],
    )  # fmt: skip
    for rows in settings.sizes:
        _size(answer, Bill(rows, settings.widths(rows)[-1]), bound=rows == settings.largest)
    answer.notes.append(
        "Each with its statement drawn, medians of three; the first run reads keys and facts from "
        "the lake. A line is explained from the books, its run read anew. The "
        "GROUP BY is one query over the Parquet copy of the same rows, four tags out of JSON."
    )
    return [answer]


def _size(answer: Answer, bill: Bill, *, bound: bool) -> None:
    path = generate(bill)
    project = write_project(WORK / "projects" / "evaluate", [bill])
    ours(project, "load")
    copy = Path(copy_of(bill))
    if not copy.exists():
        peer("duckdb_copy", path, copy)
    laps: dict[str, list[float]] = defaultdict(list)
    for _ in range(TIMES):
        write_rules(project)
        found = ours(project, *STEPS).stages
        laps["first"].append(found["run"] + found["statement"])
        laps["second"].append(found["run-2"] + found["statement-2"])
        laps["edited"].append(found["edit"] + found["run-3"] + found["statement-3"])
        laps["explain"].append(found["explain"])
        laps["raw"].append(peer("duckdb_four_tags", copy).stages["group by"])
    took = {name: median(times) for name, times in laps.items()}
    names = ("first", "second", "edited", "explain", "raw")
    answer.rows.append([
        count(bill.rows), *(seconds(took[name]) for name in names),
        ratio(took["first"], took["raw"]),
    ])  # fmt: skip
    if bound:
        what = f"first run on {count(bill.rows)} loaded rows ÷ raw GROUP BY by four tags"
        answer.bounds.append(Bound(what, 1.0, took["first"] / took["raw"]))
        answer.bounds.append(Bound("one line explained, from the books", 0.2, took["explain"], "s"))
