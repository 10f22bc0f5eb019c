"""Proposals held against the sample company's truth: never wrong, and most owners found."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from apportion.demo import write_demo
from apportion.domain.period import Period
from apportion.insight.untagged import find_untagged
from apportion.run.bring_in import bring_in
from apportion.run.open_project import OpenProject

OCTOBER = Period(2026, 10)
MAY = Period(2026, 5)
"""The month of the forgotten sweep of costly machines, some of them without a team tag."""

OTHER_NAMES = {"nlp": "lima", "cv": "kilo", "vision": "kestrel", "rec": "mike", "reco": "merlin"}


def obscured(text: str) -> str:
    """Names that no longer say whose they are: the teams' own names are replaced by others."""
    for name, other in OTHER_NAMES.items():
        text = re.sub(rf"(?<![a-z]){name}-", f"{other}-", text)
    return text


def rewrite(folder: Path, change: Callable[[str], str]) -> None:
    """Change the names in the bills and in the truth alike; the invoices no longer matter."""
    for path in (folder / "bills" / "aws").glob("*.gz"):
        rows = list(csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode())))
        for row in rows:
            for column in ("ResourceId", "ResourceName"):
                row[column] = change(row[column])
            if "cluster" in row["Tags"]:
                row["Tags"] = change(row["Tags"])
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        path.write_bytes(gzip.compress(text.getvalue().encode()))
    truth = folder / "truth" / "resources.csv"
    truth.write_text(change(truth.read_text()))


def measure(folder: Path, period: Period) -> tuple[Counter[str], Counter[str]]:
    """How many resources, and how much cost, got the right owner, a wrong one, or none."""
    with (folder / "truth" / "resources.csv").open() as file:
        truth = {row["ResourceId"]: row["owner"] for row in csv.DictReader(file)}
    with OpenProject(folder) as project:
        bring_in(project, ["aws"])
        found = find_untagged(project.workspace, project.model, period)[0].resources
    number: Counter[str] = Counter()
    cost: Counter[str] = Counter()
    for one in found:
        if not one.resource.thing.id:
            continue
        proposal = one.verdict.proposal
        owner = truth[one.resource.thing.id]
        said = "none" if proposal is None else "right" if proposal.team == owner else "wrong"
        number[said] += 1
        cost[said] += int(one.resource.cost)
    return number, cost


@pytest.mark.parametrize("change", [str, obscured], ids=["names as they are", "obscured names"])
def test_owners_are_found_and_never_guessed(
    tmp_path: Path, change: Callable[[str], str], record_property: Callable[[str, object], None]
) -> None:
    write_demo(tmp_path, months=1, until=OCTOBER)
    rewrite(tmp_path, change)
    number, cost = measure(tmp_path, OCTOBER)
    proposed = number["right"] + number["wrong"]
    precision = Decimal(number["right"]) / proposed
    recall = Decimal(number["right"]) / number.total()
    by_cost = Decimal(cost["right"]) / cost.total()
    record_property("proposals", f"{precision:.0%} right of {proposed}; {recall:.0%} of resources")
    assert precision >= Decimal("0.95")
    assert recall >= Decimal("0.70")
    assert by_cost >= Decimal("0.80")


def test_an_untagged_sweep_is_traced_to_its_team(tmp_path: Path) -> None:
    write_demo(tmp_path, months=1, until=MAY)
    with OpenProject(tmp_path) as project:
        bring_in(project, ["aws"])
        found = find_untagged(project.workspace, project.model, MAY)[0].resources
    sweep = [one.verdict.proposal for one in found if "sweep" in one.resource.name]
    assert {proposal.team if proposal else "" for proposal in sweep} == {"nlp"}
