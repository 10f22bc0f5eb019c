"""Do the providers' own forms load as fast as FOCUS, byte for byte?"""

from __future__ import annotations

import shutil
from pathlib import Path
from statistics import median

from answer import Answer, Bound, count, ratio, seconds
from company import write_project
from generate import WORK, Bill, generate
from measure import ours
from native import Native, generate_native
from settings import Settings

LIMIT = 0.6

FORMATS = (
    ("aws-cur", "csv", "csv"),
    ("azure", "csv", "csv"),
    ("gcp", "jsonl", "csv"),
    ("aws-cur", "parquet", "parquet"),
)
"""Format, how it is packed, and the FOCUS bill that it is held against."""


def formats(settings: Settings) -> list[Answer]:
    """Megabytes a second of each, beside FOCUS at full width; and a large report's memory."""
    answer = Answer(
        f"The providers' own forms, {count(settings.million)} rows",
        ["bill", "MB", "load", "MB/s", "of FOCUS's", "peak MB"],
    )
    speed: dict[str, float] = {}
    for kind in ("csv", "parquet"):
        bill = Bill(settings.million, "full", kind=kind)
        project = write_project(WORK / "projects" / "formats", [bill])
        speed[kind] = _row(answer, f"focus, {kind}", generate(bill), project, settings)[0]
    for name, kind, focus in FORMATS:
        native = Native(name, kind, settings.million)
        path = generate_native(native)
        mine, _ = _row(answer, f"{name}, {kind}", path, _project(native), settings, speed[focus])
        what = f"{name} as {kind}: bytes a second ÷ those of FOCUS as {focus}"
        answer.bounds.append(Bound(what, LIMIT, mine / speed[focus], at_least=True))
    answer.bounds.append(_large(answer, settings))
    answer.notes.append("JSON lines are held against FOCUS as CSV, the other text.")
    return [answer]


def _large(answer: Answer, settings: Settings) -> Bound:
    """Five gigabytes of a report, loaded in bounded memory."""
    native = Native("aws-cur", "csv", settings.five_gigabytes)
    path = generate_native(native)
    once = Settings(sizes=(settings.five_gigabytes,))
    _, peak = _row(answer, "aws-cur, csv, large", path, _project(native), once)
    size = path.stat().st_size / 1e9
    return Bound(f"peak memory for {size:.1f} GB of aws-cur as csv", 4.0, peak / 1024, "GB")


def _row(
    answer: Answer, name: str, path: Path, project: Path, settings: Settings, focus: float = 0.0
) -> tuple[float, float]:
    found = []
    for _ in range(settings.times(settings.million)):
        shutil.rmtree(project / ".apportion", ignore_errors=True)
        found.append(ours(project, "load"))
    took = median(one.stages["load"] for one in found)
    peak = max(one.peak_mb for one in found)
    size = path.stat().st_size / 1e6
    speed = size / took
    part = ratio(speed, focus) if focus else ""
    answer.rows.append([name, f"{size:.0f}", seconds(took), f"{speed:.0f}", part, f"{peak:.0f}"])
    return speed, peak


def _project(bill: Native) -> Path:
    """A project whose only source is the bill."""
    folder = WORK / "projects" / f"native-{bill.format}-{bill.kind}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "model").mkdir(parents=True)
    source = f"{{format: {bill.format}, path: {bill.path}}}"
    (folder / "apportion.yaml").write_text(
        f"name: Benchmark\ncurrency: USD\nsources:\n  bill: {source}\n", encoding="utf-8"
    )
    model = "organisation:\n  - {name: team-00, kind: team}\n"
    (folder / "model" / "model.yaml").write_text(model, encoding="utf-8")
    return folder
