"""The cost stack: by rule and by class, shares of pools included; it sums to the statement."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from bills import row, write_project
from walk import apportion

MODEL = """\
organisation:
  - {name: nlp, kind: team}
  - {name: cv, kind: team}
rules:
  - {name: team tag, team_from_tag: team}
pools:
  - {name: payroll, service: Payroll, split: {by: even}}
stack:
  - {name: vendor, service: Labels, stack: third_party}
"""


def test_the_stack_of_each_team_sums_to_its_statement(tmp_path: Path) -> None:
    rows = [
        row("10", {"team": "nlp"}),
        row("4", {"team": "nlp"}, ServiceName="Labels"),
        row("6", {"team": "cv"}, ServiceName="Seats", PricingUnit="Seats", ServiceCategory="Other"),
        row("30", ServiceName="Payroll"),
        row("2", ChargeCategory="Tax"),
    ]
    project = write_project(tmp_path / "p", rows, model=MODEL)
    for command in ("load", "run --period 2026-10"):
        assert apportion(project, *command.split())[0] == 0
    code, output, errors = apportion(project, "stack", "--period", "2026-10", "--json")
    assert code == 0, errors
    parts = json.loads(output)["stack"]
    found = {(one["owner"], one["stack"]): Decimal(one["amount"]) for one in parts}
    assert found == {
        ("nlp", "direct"): 10,
        ("nlp", "third_party"): 4,
        ("nlp", "indirect"): 15,
        ("cv", "third_party"): 6,
        ("cv", "indirect"): 15,
        ("central tax", "indirect"): 2,
    }
    assert "third_party" in apportion(project, "stack", "--period", "2026-10", "--team", "cv")[1]
