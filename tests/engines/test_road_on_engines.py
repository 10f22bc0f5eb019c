"""One project, every engine and every database: the same run, to the digit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import apportion
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
