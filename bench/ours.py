"""Ours in one process: the steps asked for, each with its seconds.

    python bench/ours.py PROJECT load run statement edit run statement

`load` brings the bills in, `model` reads the model, `run` evaluates the period,
`statement` draws all statements from the run just made, `edit` changes a rule
and reads the model again, `months` evaluates every loaded period, `totals`
reports the teams' amounts. A step that is named twice is reported as NAME and NAME-2.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "peers"))

from report import lap, report

from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.run.bring_in import bring_in
from apportion.run.evaluate import evaluate
from apportion.run.open_project import OpenProject
from apportion.run.statement import draw_statement
from company import write_rules
from generate import PERIOD

EDITED = "{name: edited, tag: {app: app-007}, team: team-01}"


def main(folder: str, *steps: str) -> None:
    seen: Counter[str] = Counter()
    runs: list[Run] = []
    with OpenProject(folder) as project:
        for step in steps:
            if step == "load":
                bring_in(project)
            elif step == "model":
                project.reread_model()
            elif step == "run":
                runs = [evaluate(project.workspace, project.model, Period.parse(PERIOD))]
            elif step == "months":
                runs = evaluate_months(project)
            elif step == "edit":
                write_rules(Path(folder), [EDITED])
                project.reread_model()
            elif step == "statement":
                for run in runs:
                    draw_statement(run, project.settings.currency)
            elif step == "totals":
                report("apportion", totals(project, runs))
                return
            else:
                raise SystemExit(f"no step is called {step}")
            seen[step] += 1
            lap(step if seen[step] == 1 else f"{step}-{seen[step]}")
    report("apportion")


def evaluate_months(project: OpenProject) -> list[Run]:
    """Every loaded period on its own, as a year's statements are."""
    periods = sorted({snapshot.period for snapshot in project.books.current()})
    return [evaluate(project.workspace, project.model, period) for period in periods]


def totals(project: OpenProject, runs: list[Run]) -> dict[str, object]:
    statement = draw_statement(runs[-1], project.settings.currency)
    found: dict[str, object] = {team.facts.team: team.total for team in statement.teams}
    return found | {"": statement.unallocated}


if __name__ == "__main__":
    main(*sys.argv[1:])
