"""The page on adding a source is true: its files exist, and each format is named where it says."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent, indent

import pytest

from apportion.model import project_forms
from apportion.model.read_project import read_project
from apportion.model.table import READY
from apportion.model.usage_spec import USAGE_FORMATS
from apportion.sources.formats import FORMATS
from apportion.sources.ready_tables import ready_tables
from apportion.sources.usage.formats import MODULES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/add-a-source.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs/reference/model.md").read_text(encoding="utf-8")
TABLES = (ROOT / "docs/how-to/any-table.md").read_text(encoding="utf-8")


def test_every_file_that_the_page_names_exists() -> None:
    named = re.findall(r"`((?:src|tests)/[\w./-]+)`", PAGE)
    assert len(named) > 8
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_formats_are_the_same_words_everywhere() -> None:
    assert set(project_forms.FORMATS) == set(FORMATS)
    row, *_ = re.findall(r"^\| `format` \| (.+) \|$", REFERENCE, re.MULTILINE)
    assert [name for name in FORMATS if f"`{name}`" not in row] == []


def test_usage_formats_are_the_same_words_everywhere() -> None:
    assert set(USAGE_FORMATS) == set(MODULES)
    row = re.findall(r"^\| `format` \| (.+) \|$", REFERENCE, re.MULTILINE)[1]
    assert [name for name in MODULES if f"`{name}`" not in row] == []


def test_every_described_table_is_a_format() -> None:
    folder = ROOT / "src/apportion/sources/tables"
    assert sorted(path.stem for path in folder.glob("*.yaml")) == sorted(READY)


@pytest.mark.parametrize("name", READY)
def test_every_described_table_is_sound_and_documented(name: str) -> None:
    tables = ready_tables(name)
    assert tables
    assert all(table.needs for table in tables)
    assert f"format: {name}" in TABLES


@pytest.mark.parametrize("name", READY)
def test_needs_are_columns_that_the_formulas_look_at(name: str) -> None:
    for table in ready_tables(name):
        asked = [*table.columns.values(), *(table.prices.match.values() if table.prices else ())]
        known = {column for formula in asked for column in formula.columns}
        assert known & set(table.needs), table.needs


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", TABLES, re.DOTALL))
def test_every_example_of_the_page_on_tables_is_sound(tmp_path: Path, example: str) -> None:
    for path in re.findall(r"(?:path|prices): ([\w/]+\.\w+)", example):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    if not example.startswith("sources:"):
        head = "sources:\n  one:\n    format: table\n    path: bills\n"
        example = head + indent(dedent(example), "    ")
    (tmp_path / "apportion.yaml").write_text("name: Examples\ncurrency: EUR\n" + example)
    assert read_project(tmp_path).sources
