"""One project, every engine and every database: the same run, to the digit."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

import apportion
from apportion.domain.amounts import Amounts
from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.run.bring_in import bring_in
from apportion.run.evaluate import evaluate
from apportion.run.workspace import Workspace
from apportion.store.books import Books
from apportion.store.engine import Engine
from bills import row, write_bill, write_project

ROWS = [
    row("60.005000000000000001", {"team": "nlp", "weird key 😀.'\"": "a'b"}),
    row("30.003", {"Team": " CV "}, ServiceName="Storage", ResourceId="r-2"),
    row("25.01", {"service": "platform"}, ResourceId="r-3"),
    row("-5.5", {"team": "nlp"}, ChargeCategory="Credit"),
    row("9.99", {}, ResourceId="r-4", ChargePeriodStart="2026-10-20T05:00:00+02:00"),
    row("1.01", {}, ResourceName="cv-label-1", ResourceId="r-5"),
    row("3", {"team": "cv"}, BillingCurrency="JPY"),
]

MODEL = """\
organisation:
  - {name: nlp, kind: team, head_count: 3}
  - {name: cv, kind: team, head_count: 1}
tags:
  team: {synonyms: [Team], values: [nlp, cv], required: true}
rules:
  - {name: team tag, team_from_tag: team}
  - {name: late, resource: r-4, team: nlp, from: 2026-10-15}
  - {name: by name, resource_name: "cv-*", team: cv}
  - {name: odd, where: "ServiceName LIKE 'St%' AND NOT tag.team IS NULL", team: cv}
pools:
  - {name: platform, tag: {service: platform}, split: {by: head_count}}
"""


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run on DuckDB and SQLite."""
    folder = tmp_path_factory.mktemp("expected")
    with apportion.open_project(write_project(folder / "p", ROWS, model=MODEL)) as project:
        bring_in(project)
        return evaluate(project.workspace, project.model, Period(2026, 10))


def test_a_run_is_the_same_everywhere(
    tmp_path: Path, engine: Engine, books_url: str, expected: Run
) -> None:
    folder = write_project(tmp_path / "p", ROWS, model=MODEL)
    with apportion.open_project(folder) as project:
        project.settings = replace(project.settings, books=books_url)
        bring_in(project)
        workspace = Workspace(project.settings, project.books, project.lake, engine)
        found = evaluate(workspace, project.model, Period(2026, 10))
        project.books.save_run(found)
        kept = project.books.run(Period(2026, 10))
    assert replace(found, made_at=expected.made_at) == expected
    assert kept == found


def test_two_files_of_one_month_on_each_engine(tmp_path: Path, engine: Engine) -> None:
    folder = write_project(tmp_path / "p", ROWS[:3], model=MODEL)
    write_bill(folder / "bills" / "more.csv", ROWS[2:4])
    with apportion.open_project(folder) as project:
        bring_in(project)
        workspace = Workspace(project.settings, project.books, project.lake, engine)
        found = evaluate(workspace, project.model, Period(2026, 10))
    assert sum(part.charges for part in found.attributed) == 5


def test_books_on_postgresql_are_named_in_the_environment(
    tmp_path: Path, books_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = "name: T\ncurrency: USD\nsources: {cloud: {format: focus, path: bills}}\n"
    settings += "locations: {books: env:TEST_BOOKS}\n"
    monkeypatch.setenv("TEST_BOOKS", books_url)
    folder = write_project(tmp_path / "p", ROWS, settings=settings, model=MODEL)
    with apportion.open_project(folder) as project:
        project.load()
        project.run("2026-10")
    books = Books.open(books_url)
    try:
        assert books.run(Period(2026, 10)) is not None
    finally:
        books.close()


RATES = """\
date,from,to,rate
2026-10-01,EUR,USD,1.07
2026-10-20,EUR,USD,1.13
2026-10-01,EUR,JPY,162
"""
SETTINGS = """\
name: T
currency: EUR
rates: {file: rates.csv, type: daily, last_known: 31}
sources: {cloud: {format: focus, path: bills}}
"""


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The converted run on DuckDB and SQLite."""
    folder = tmp_path_factory.mktemp("converted")
    with apportion.open_project(_with_rates(folder / "p")) as project:
        bring_in(project)
        return evaluate(project.workspace, project.model, Period(2026, 10))


def _with_rates(folder: Path) -> Path:
    write_project(folder, ROWS, settings=SETTINGS, model=MODEL)
    (folder / "rates.csv").write_text(RATES)
    return folder


def test_a_daily_conversion_is_the_same_everywhere(
    tmp_path: Path, engine: Engine, books_url: str, converted: Run
) -> None:
    with apportion.open_project(_with_rates(tmp_path / "p")) as project:
        project.settings = replace(project.settings, books=books_url)
        bring_in(project)
        workspace = Workspace(project.settings, project.books, project.lake, engine)
        found = evaluate(workspace, project.model, Period(2026, 10))
        project.books.save_run(found)
        kept = project.books.run(Period(2026, 10))
    assert replace(found, made_at=converted.made_at) == converted
    assert kept == found


def test_each_day_is_converted_by_its_own_rate(converted: Run) -> None:
    # 9.99 USD on the 20th at 1.13, everything else at the rates of the 1st.
    late = Fraction("9.99") / Fraction("1.13")
    early = sum(map(Fraction, ["60.005000000000000001", "30.003", "25.01", "-5.5", "1.01"]))
    dollars = Fraction(early) / Fraction("1.07") + late
    found = Amounts.total(part.converted for part in converted.attributed if part.converted)
    assert found.BilledCost == dollars + Fraction(3, 162)


def test_another_table_makes_another_run_and_leaves_the_old_one(tmp_path: Path) -> None:
    folder = _with_rates(tmp_path / "p")
    with apportion.open_project(folder) as project:
        project.load()
        project.run("2026-10")
        first = project.books.run(Period(2026, 10))
        before = project.statement("2026-10")
        (folder / "rates.csv").write_text(RATES.replace("1.13", "1.14"))
        assert project.statement("2026-10") == before
        project.run("2026-10")
        second = project.books.run(Period(2026, 10))
    assert first is not None
    assert second is not None
    assert first.id != second.id
    assert first.lines == second.lines  # what was billed and shared doesn't move


BY_THE_DAY = """\
organisation:
  - {name: nlp, kind: team}
  - {name: cv, kind: team}
  - {name: platform, kind: team}
rules:
  - {name: team tag, team_from_tag: team}
pools:
  - name: gpu
    tag: {service: gpu}
    from: 2026-10-02
    split: {by: driver, driver: hours, grain: day, among: [nlp, cv]}
  - name: platform
    from_team: platform
    split: {by: driver, driver: hours, grain: day, among: [nlp, cv]}
drivers:
  - {name: hours, unit: GPU hours, file: hours.csv}
"""
HOURS = "team,day,quantity\nnlp,2026-10-02,3\ncv,2026-10-02,1\nnlp,2026-10-03,1\ncv,2026-10-03,4\n"


def test_pools_by_the_day_on_each_engine(tmp_path: Path, engine: Engine) -> None:
    """A pool from the 2nd on, and one that takes what a team was given, each day by its hours."""

    def on(day: str, cost: str, tags: dict[str, str]) -> dict[str, str]:
        return row(cost, tags, ResourceId=f"r-{tags}", ChargePeriodStart=f"{day}T00:00:00Z")

    bill = [
        on("2026-10-01", "7", {"service": "gpu", "team": "cv"}),
        on("2026-10-02", "80", {"service": "gpu", "team": "cv"}),
        on("2026-10-03", "20", {"service": "gpu", "team": "cv"}),
        on("2026-10-02", "10", {"team": "platform"}),
        on("2026-10-03", "30", {"team": "platform"}),
        # A late charge of September on the bill of October follows the days of October.
        on("2026-09-30", "4", {"team": "platform"}),
    ]
    folder = write_project(tmp_path / "p", bill, model=BY_THE_DAY)
    (folder / "model" / "hours.csv").write_text(HOURS)
    with apportion.open_project(folder) as project:
        bring_in(project)
        workspace = Workspace(project.settings, project.books, project.lake, engine)
        found = evaluate(workspace, project.model, Period(2026, 10))
    carried = {
        (line.owner.name, line.pool): line.amounts.BilledCost
        for line in found.lines
        if line.amounts.BilledCost
    }
    platform = 44 * (Fraction(10, 40) * Fraction(3, 4) + Fraction(30, 40) * Fraction(1, 5))
    assert carried == {
        ("cv", ""): 7,
        ("nlp", "gpu"): 60 + 4,
        ("cv", "gpu"): 20 + 16,
        ("nlp", "platform"): platform,
        ("cv", "platform"): 44 - platform,
    }
