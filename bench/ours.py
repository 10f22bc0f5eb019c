"""Ours in one process: the steps asked for, each with its seconds.

    python bench/ours.py PROJECT load run statement edit run statement

A step that is named twice is reported as NAME and NAME-2. `totals` comes last
and reports the teams' amounts.
"""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "peers"))

from report import lap, report

from apportion.allocate import allocate
from apportion.attribute import Desk
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.period import Period, Span
from apportion.domain.result import Run
from apportion.errors import Place
from apportion.model.dated import Dated
from apportion.model.pools import Method, Split
from apportion.model.project import Model
from apportion.model.rules import Condition, Rule
from apportion.publish.explanation_document import explanation_document
from apportion.run.bring_in import bring_in
from apportion.run.compare import compare
from apportion.run.evaluate import evaluate
from apportion.run.explain import explain_all
from apportion.run.open_project import OpenProject
from apportion.run.said import Sayings
from apportion.run.saved import run_to_explain
from apportion.run.statement import draw_statement, one_team
from company import write_rules
from generate import PERIOD

HEAVY = (
    "apportion.model.read_model",
    "apportion.store.books",
    "apportion.store.duckdb_engine",
    "apportion.store.lake",
    "duckdb",
    "pyarrow",
)
"""What commands import when they need it: imported first here, and timed by itself."""

TEAM = "team-01"
EDITED = "{name: edited, tag: {app: app-007}, team: team-01}"


class Road:
    """A project and the runs made last; each method without an underscore is a step."""

    def __init__(self, folder: str, project: OpenProject) -> None:
        self._folder = Path(folder)
        self._project = project
        self._runs: list[Run] = []
        self._desk: Desk | None = None

    def load(self) -> None:
        """Bring the bills in."""
        bring_in(self._project)

    def model(self) -> None:
        """Read the model."""
        self._project.reread_model()

    def edit(self) -> None:
        """Change a rule, and read the model again."""
        write_rules(self._folder, [EDITED])
        self._project.reread_model()

    def run(self) -> None:
        """Evaluate the period."""
        self._runs = [self._evaluate(Period.parse(PERIOD))]

    def months(self) -> None:
        """Evaluate every loaded period, each on its own."""
        self._runs = [self._evaluate(period) for period in self._periods()]

    def year(self) -> None:
        """Attribute and allocate all loaded months as one span, from charges kept laid out."""
        workspace, periods = self._project.workspace, self._periods()
        if self._desk is None:
            charges = workspace.charges(periods)
            self._desk = Desk(
                workspace.engine,
                keys=charges.keys,
                tags=charges.tags,
                daily=charges.daily,
                monthly=charges.monthly,
            )
        span = Span(periods[0].start, periods[-1].until)
        attribution = self._desk.attribute(self._project.model, span)
        allocate(attribution.summary, self._project.model, span)

    def compare_pool(self) -> None:
        """Compare all months with a model that splits one pool evenly."""
        self._compare(_even(self._project.model, "platform-00"), self._periods())

    def compare_edits(self) -> None:
        """Compare all months with a model of a new rule, two other splits and other quantities."""
        model = _even(self._project.model, "platform-00", "platform-01")
        driver = model.drivers["platform-02"]
        rows = tuple(replace(row, quantity=row.quantity + 1) for row in driver.rows[:200])
        changed = replace(driver, rows=(*rows, *driver.rows[200:]))
        drivers = {**model.drivers, driver.name: changed}
        self._compare(_with_rules(replace(model, drivers=drivers), 1), self._periods())

    def compare_rules(self) -> None:
        """Compare the last month with a model of eight new rules."""
        self._compare(_with_rules(self._project.model, 8), self._periods()[-1:])

    def _compare(self, other: Model, periods: list[Period]) -> None:
        compare(self._project.workspace, self._project.model, other, periods)

    def statement(self) -> None:
        """Draw the statements of the runs made last."""
        for run in self._runs:
            draw_statement(run, self._project.settings.currency)

    def save(self) -> None:
        """Keep the run made last in the books."""
        self._project.books.save_run(self._runs[-1])

    def explain(self) -> None:
        """Explain one line of the last team, from the books: the run read, the tree, the JSON."""
        run = run_to_explain(self._project.books, Period.parse(PERIOD), TEAM)
        currency = self._project.settings.currency
        statement = draw_statement(run, currency)
        line = next(line for line in one_team(statement, TEAM).lines if line.pool)
        found = explain_all(run, [currency], TEAM, line.id)
        explanation_document(found, run.basis, Sayings.of(self._project, run))

    def totals(self) -> Mapping[str, object]:
        """Each team's amount, and what is unallocated under an empty name."""
        statement = draw_statement(self._runs[-1], self._project.settings.currency)
        found: dict[str, object] = {team.facts.team: team.total for team in statement.teams}
        return found | {"": statement.unallocated}

    def _periods(self) -> list[Period]:
        return sorted({snapshot.period for snapshot in self._project.books.current()})

    def _evaluate(self, period: Period) -> Run:
        return evaluate(self._project.workspace, self._project.model, period)


def _even(model: Model, *names: str) -> Model:
    """The model with some pools split evenly."""
    even = (Dated(Split(Method.EVEN, Place("bench"))),)
    pools = tuple(replace(p, splits=even) if p.name in names else p for p in model.pools)
    return replace(model, pools=pools, hash=f"{model.hash} even")


def _with_rules(model: Model, count: int) -> Model:
    """The model with rules on apps before its own."""
    owner = Owner(OwnerKind.TEAM, "team-01")
    new = [
        Rule(f"edited {n}", n, Place("bench"), Condition((("tag.app", (f"app-{n:03d}",)),)),
             Evidence.TAGGED, owner)
        for n in range(count)
    ]  # fmt: skip
    old = [replace(rule, position=rule.position + count) for rule in model.rules]
    return replace(model, rules=(*new, *old), hash=f"{model.hash} {count} rules")


def main(folder: str, *steps: str) -> None:
    for name in HEAVY:
        importlib.import_module(name)
    lap("import")
    seen: Counter[str] = Counter()
    totals = None
    with OpenProject(folder) as project:
        road = Road(folder, project)
        for step in steps:
            made: Callable[[], Mapping[str, object] | None] = getattr(road, step)
            totals = made()
            seen[step] += 1
            lap(step if seen[step] == 1 else f"{step}-{seen[step]}")
    report("apportion", totals)


if __name__ == "__main__":
    main(*sys.argv[1:])
