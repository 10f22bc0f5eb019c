"""The sample company's runaway month is explained down to the machines and the one job."""

from __future__ import annotations

from pathlib import Path

from apportion.demo import write_demo
from apportion.demo.company import RUNAWAY
from apportion.insight.movers import find_movers
from apportion.run.bring_in import bring_in, bring_in_usage
from apportion.run.evaluate import evaluate
from apportion.run.open_project import OpenProject

MONTHS = (RUNAWAY.previous(), RUNAWAY, RUNAWAY.next())


def test_movers_name_the_machines_and_the_job(tmp_path: Path) -> None:
    write_demo(tmp_path / "demo", months=8)
    for month in (MONTHS[2].next(), MONTHS[0].previous()):
        for path in (tmp_path / "demo" / "bills" / "aws").glob(f"{month}*"):
            path.unlink()
    with OpenProject(tmp_path / "demo") as project:
        bring_in(project, ["aws", "cluster"])
        bring_in_usage(project, ["cluster-jobs", "feature-reads"])
        before, after = (evaluate(project.workspace, project.model, m) for m in MONTHS[:2])
        (found,) = find_movers(project.workspace, project.model, before, after, team="nlp").movers
    machines, job, *rest = found.items
    assert (machines.name, machines.effect) == ("nlp-sweep-hp-*", "one_off")
    assert (job.name, job.names, job.who) == ("hp-sweep-42", ("930042",), ("dana",))
    assert (job.effect, job.line.pool, str(job.line.kind)) == ("one_off", "gpu-cluster", "lost")
    assert job.quantity_after.limit_denominator(10_000) == job.quantity_after
    assert all(one.effect != "one_off" or abs(one.change) < job.change / 10 for one in rest)
    direct = [one for one in found.lines if one.line.service == "Amazon Elastic Compute Cloud"]
    assert direct[0].effects.one_off == machines.change
    assert found.effects.one_off * 10 > (found.after - found.before) * 8
