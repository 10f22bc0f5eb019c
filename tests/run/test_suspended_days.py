"""A pool that is split by the day: what is suspended of it weighs no day."""

from __future__ import annotations

import json
from pathlib import Path

from bills import row, write_project
from walk import apportion

MODEL = """\
organisation:
  - {name: nlp, kind: team, mode: chargeback}
  - {name: cv, kind: team}
pools:
  - {name: gpu, account: "22", split: {by: driver, driver: h, grain: day}}
rules:
  - {name: by name, ResourceName: "gpu-*", pool: gpu, because: the naming rule}
drivers:
  - {name: h, unit: hours, file: h.csv}
chargeback:
  - {least_evidence: mapped}
"""
HOURS = "team,day,quantity\nnlp,2026-10-03,5\ncv,2026-10-20,5\n"


def on_day(day: int) -> dict[str, str]:
    start, end = (f"2026-10-{number:02}T00:00:00Z" for number in (day, day + 1))
    return {"ChargePeriodStart": start, "ChargePeriodEnd": end}


def test_days_weigh_by_what_is_charged(tmp_path: Path) -> None:
    rows = [
        row("100", {}, SubAccountId="22", ResourceName="a", **on_day(3)),
        row("100", {}, SubAccountId="22", ResourceName="b", **on_day(20)),
        row("300", {}, SubAccountId="44", ResourceName="gpu-1", **on_day(3)),
    ]
    project = write_project(tmp_path / "p", rows, model=MODEL)
    (project / "model" / "h.csv").write_text(HOURS)
    for words in ("load", "run --period 2026-10"):
        assert apportion(project, *words.split())[0] == 0
    _, said, _ = apportion(project, *"statement --period 2026-10 --json".split())
    found, evenly = json.loads(said), {"cv": "100.00", "nlp": "100.00"}
    assert {one["team"]: one["total"] for one in found["teams"]} == {
        "cv": "100.00",
        "nlp": "100.00",
    }
    assert found["kept"] == [{"pool": "suspense", "amount": "300.00"}]
    span = "statement --from 2026-10-01 --until 2026-11-01 --json"
    _, said, _ = apportion(project, *span.split())
    assert {one["team"]: one["total"] for one in json.loads(said)["teams"]} == evenly
