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
