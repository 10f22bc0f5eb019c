"""The sample company's runaway of May 2026 is noticed on its first days, with the job behind it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from apportion.demo import write_demo
from apportion.demo.company import RUNAWAY
from apportion.insight.anomaly.anomalies import Anomalies, Watched, find_anomalies
from apportion.insight.burn.burns import find_burns
from apportion.run.bring_in import bring_in, bring_in_usage
from apportion.run.open_project import OpenProject

TENTH = date(2026, 5, 10)
"""The sweep's machines were started on the 9th; the job in the cluster on the 4th, at night."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenProject]:
    folder = tmp_path_factory.mktemp("runaway") / "demo"
    write_demo(folder, months=9)
    for month in range(6, 11):
        for path in (folder / "bills" / "aws").glob(f"2026-{month:02d}*"):
            path.unlink()
    with OpenProject(folder) as opened:
        bring_in(opened, ["aws", "cluster"])
        bring_in_usage(opened, ["cluster-jobs", "feature-reads"])
        yield opened


@pytest.fixture(scope="module")
def found(project: OpenProject) -> Anomalies:
    watched = Watched(RUNAWAY, until=TENTH, team="nlp")
    return find_anomalies(project.workspace, project.model, watched)


def test_the_machines_are_noticed_by_their_second_day(found: Anomalies) -> None:
    spend = next(one.anomaly for one in found.found if one.anomaly.channel == "spend")
    assert date(2026, 5, 9) <= spend.noticed <= TENTH
    assert spend.first == date(2026, 5, 9)
    assert spend.drivers[0].name == "nlp-sweep-hp-*"
    assert spend.extra > 10_000
    assert spend.running


def test_the_job_in_the_cluster_is_noticed_with_who_can_tell(found: Anomalies) -> None:
    """It began on the evening of the 4th: the 5th is its first whole day."""
    usage = next(one.anomaly for one in found.found if one.anomaly.channel == "usage")
    assert date(2026, 5, 4) <= usage.noticed <= date(2026, 5, 6)
    assert (usage.drivers[0].singles, usage.drivers[0].who) == (("930042",), ("dana",))


def test_who_leads_the_team_looks_after_it(found: Anomalies) -> None:
    assert {one.owner for one in found.found} == {"nlp-lead@example.com"}


def test_the_team_has_nothing_else(found: Anomalies) -> None:
    assert len(found.found) == 2


def test_the_budget_burns(project: OpenProject) -> None:
    burns = find_burns(project.workspace, project.model, as_of=date(2026, 5, 13), team="nlp")
    (nlp,) = burns.teams
    assert nlp.burn.rates[1] > 2
    assert [one.code for one in burns.findings if one.code.startswith("budget")]
