"""The road in Python: Arrow tables that pandas and polars read."""

from __future__ import annotations

import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

import apportion
from bills import row, write_project

ROWS = [
    row("60.005", {"team": "nlp"}),
    row("30.003", {"team": "cv"}),
    row("25.01", {"service": "platform"}),
    row("9.99", {}),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_project(tmp_path / "company", ROWS)


def test_the_road_gives_tables_that_add_up(folder: Path) -> None:
    with apportion.open_project(folder) as project:
        loaded = project.load()
        lines = project.run("2026-10")
        statement = project.statement("2026-10")
        proofs = project.reconcile("2026-10")
    assert set(loaded["state"].to_pylist()) == {"new"}
    assert lines.num_rows == 5
    assert sum(statement["amount"].to_pylist()) == Decimal("125.01")
    assert set(proofs["ok"].to_pylist()) == {True}


def test_pandas_and_polars_read_a_statement(folder: Path) -> None:
    with apportion.open_project(folder) as project:
        project.load()
        project.run("2026-10")
        table = project.statement("2026-10", "nlp")
    frame = table.to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert frame["amount"].sum() == Decimal("72.51")
    read = pl.from_arrow(table)
    assert isinstance(read, pl.DataFrame)
    assert read["amount"].sum() == Decimal("72.51")


def test_an_explanation_is_a_table_whose_parts_sum_to_the_line(folder: Path) -> None:
    with apportion.open_project(folder) as project:
        project.load()
        project.run("2026-10")
        (direct, shared) = project.statement("2026-10", "nlp").to_pylist()
        table = project.explain("2026-10", "nlp").to_pylist()
        only = project.explain("2026-10", line=shared["id"]).to_pylist()
        aside = project.explain("2026-10").to_pylist()
    assert [(one["line"], one["path"], one["kind"], one["amount"]) for one in table] == [
        (direct["id"], "", "line", "60.005"),
        (direct["id"], "1", "rule", "60.005"),
        (shared["id"], "", "line", "12.505"),
        (shared["id"], "1", "pool", "12.505"),
        (shared["id"], "1.1", "own", "12.505"),
        (shared["id"], "1.1.1", "rule", "12.505"),
    ]
    assert (table[3]["share"], table[3]["of"]) == ("0.5", "25.01")
    assert table[1]["place"].startswith("model/model.yaml:5")
    assert only == table[2:]
    assert {(one["team"], one["amount"]) for one in aside} == {(None, "9.99")}


def test_a_changed_rule_is_evaluated_without_reading_the_lake_again(folder: Path) -> None:
    with apportion.open_project(folder) as project:
        project.load()
        project.run("2026-10")
        held = project.workspace.charges([project.books.runs()[0].period])
        rules = folder / "model" / "model.yaml"
        rules.write_text(
            rules.read_text().replace("pools:", "  - {name: rest, account: '11', team: cv}\npools:")
        )
        project.reread_model()
        project.run("2026-10")
        assert project.workspace.charges([project.books.runs()[0].period]) == held
        unallocated = [r for r in project.statement("2026-10").to_pylist() if r["team"] is None]
    assert unallocated == []


def test_short_names_of_bases_are_the_command_lines(folder: Path) -> None:
    with apportion.open_project(folder) as project:
        project.load()
        project.run("2026-10")
        short = project.statement("2026-10", basis="billed")
        assert short.equals(project.statement("2026-10", basis="BilledCost"))
        with pytest.raises(apportion.ApportionError, match="no cost basis is called 'bill'"):
            project.statement("2026-10", basis="bill")


@pytest.mark.parametrize("odd", [2026, None, "october"])
def test_what_is_no_period_is_told_with_the_form(folder: Path, odd: Any) -> None:
    with (
        apportion.open_project(folder) as project,
        pytest.raises(apportion.ApportionError) as fault,
    ):
        project.statement(odd)
    assert "write it as YYYY-MM" in str(fault.value)


def test_the_types_are_published() -> None:
    assert Path(apportion.__file__).with_name("py.typed").exists()


def test_the_example_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "python.md"
    (example,) = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    write_project(tmp_path / "my-project", ROWS)
    monkeypatch.chdir(tmp_path)
    named: dict[str, Any] = {}
    exec(example, named)
    assert named["total"] == Decimal("125.01")


def test_what_the_package_offers() -> None:
    assert sorted(apportion.__all__) == ["ApportionError", "Project", "__version__", "open_project"]
    with pytest.raises(AttributeError):
        _ = apportion.nothing


@pytest.mark.parametrize("name", ["apportion", "apportion.cli.app"])
def test_importing_is_light(name: str) -> None:
    heavy = {"duckdb", "pyarrow", "sqlalchemy", "sqlglot", "alembic", "pydantic", "pandas"}
    script = f"import sys, {name}; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
