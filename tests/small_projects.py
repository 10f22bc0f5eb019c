"""A small project of one bill and one model file, for tests of what becomes of a run."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.model.project import Model
from apportion.run.bring_in import bring_in
from apportion.run.evaluate import evaluate
from apportion.run.open_project import OpenProject
from bills import write_bill

OCTOBER = Period(2026, 10)
PROJECT = "name: Small\ncurrency: {currency}\nsources:\n  cloud: {{format: focus, path: bills}}\n"


MODEL = """
organisation:
  - {name: assistant, kind: product, stage: production, entity: DE}
  - {name: nlp, kind: team, parent: assistant, cost_center: CC-1, mode: chargeback}
  - {name: cv, kind: team, cost_center: CC-2, mode: chargeback, entity: DE, profit_center: P-2}
  - {name: lab, kind: team, cost_center: CC-3, mode: showback, entity: DE}
rules:
  - {name: by tag, team_from_tag: team}
pools:
  - {name: shared, service: Shared, split: {by: even}}
entities: [{name: DE, code: "1010"}]
accounts:
  - {name: "500100", title: Cost of revenue, kind: cost_of_revenue}
  - {name: "600100", title: Research, kind: expense}
  - {name: "659900", title: Recovered, kind: recovery}
postings:
  - {name: production, stages: [production], account: "500100"}
  - {name: shared, pools: [shared], account: "600100", project: WBS-7}
  - {name: all else, account: "600100"}
senders:
  - {entity: DE, cost_center: CC-9, recovery: "659900"}
"""
"""Teams in chargeback and one in showback, a pool, and where all of it is booked."""


class Small:
    """Bills, a model, and the run of October."""

    def __init__(self, root: Path, currency: str = "USD") -> None:
        self.root = root
        (root / "model").mkdir(parents=True)
        (root / "apportion.yaml").write_text(PROJECT.format(currency=currency))

    def bill(self, *rows: dict[str, str]) -> None:
        write_bill(self.root / "bills/bill.csv", rows)

    def write(self, model: str) -> None:
        (self.root / "model" / "model.yaml").write_text(dedent(model))

    def open(self) -> OpenProject:
        return OpenProject(self.root)

    def run(self) -> tuple[Run, Model]:
        with self.open() as project:
            bring_in(project)
            made = evaluate(project.workspace, project.model, OCTOBER)
            project.books.save_run(made)
            return made, project.model
