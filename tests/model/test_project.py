"""apportion.yaml: what a project says, and what is wrong with it."""

# ruff: noqa: E501
# Tables read best with one case in a line.

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from apportion.errors import ConfigurationError
from apportion.model.read_project import read_project
from workshop import Workshop

WHOLE = """\
name: Acme
currency: EUR
basis: BilledCost
engine: {name: spark, address: sc://localhost:15002}
locations: {lake: lake, books: data/books.sqlite, model: rules}
sources:
  aws:
    format: focus
    path: bills/aws/*.csv
    control: {2026-10: "1234.5600000000000001", 2026-11: {USD: -2, EUR: 3}}
    without: [BilledCost]
    keys: [x_Project]
"""


def test_a_project_is_read_with_its_locations_made_absolute(shop: Workshop, tmp_path: Path) -> None:
    shop.write("apportion.yaml", WHOLE)
    project = read_project(tmp_path)
    assert (project.name, project.currency, project.basis) == ("Acme", "EUR", "BilledCost")
    assert (project.engine, project.engine_address) == ("spark", "sc://localhost:15002")
    assert project.lake == tmp_path / "lake"
    assert project.books == f"sqlite:///{tmp_path}/data/books.sqlite"
    assert project.model_folder == tmp_path / "rules"
    source = project.sources["aws"]
    assert (source.path, source.without, source.keys) == (
        "bills/aws/*.csv",
        ("BilledCost",),
        ("x_Project",),
    )
    assert [(c.period, c.currency, c.amount) for c in source.control] == [
        ("2026-10", "EUR", Decimal("1234.5600000000000001")),
        ("2026-11", "USD", Decimal(-2)),
        ("2026-11", "EUR", Decimal(3)),
    ]
    assert str(source.control[1].place) == "apportion.yaml:10:64"


def test_little_need_be_said(shop: Workshop, tmp_path: Path) -> None:
    project = read_project(tmp_path)
    assert (project.basis, project.engine, project.sources) == ("EffectiveCost", "duckdb", {})
    assert project.lake == tmp_path / ".apportion/lake"
    assert project.books == f"sqlite:///{tmp_path}/.apportion/books.sqlite"


def test_unquoted_money_is_read_exactly(shop: Workshop, tmp_path: Path) -> None:
    shop.write(
        "apportion.yaml",
        "name: A\ncurrency: USD\nsources:\n"
        "  a: {format: focus, path: b, control: {2026-10: 12000.10}}\n",
    )
    (control,) = read_project(tmp_path).sources["a"].control
    assert str(control.amount) == "12000.10"


def test_the_address_of_the_books_may_stand_in_the_environment(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write("apportion.yaml", "name: A\ncurrency: USD\nlocations: {books: env:ACME_BOOKS}\n")
    monkeypatch.setenv("ACME_BOOKS", "postgresql+psycopg://u:p@h/db")
    assert read_project(tmp_path).books == "postgresql+psycopg://u:p@h/db"
    monkeypatch.delenv("ACME_BOOKS")
    with pytest.raises(ConfigurationError, match="the environment variable 'ACME_BOOKS'"):
        read_project(tmp_path)


def test_control_totals_may_stand_in_a_csv(shop: Workshop, tmp_path: Path) -> None:
    shop.write(
        "apportion.yaml",
        "name: A\ncurrency: USD\nsources: {a: {format: focus, path: b, control: invoices.csv}}\n",
    )
    shop.write("invoices.csv", "period,amount,currency,basis\n2026-10,5.10,EUR,ListCost\n")
    (control,) = read_project(tmp_path).sources["a"].control
    assert (control.amount, control.currency, control.basis) == (
        Decimal("5.10"),
        "EUR",
        "ListCost",
    )
    assert str(control.place) == "invoices.csv:2"


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("period,amount\n2026-10,1\n", "invoices.csv:1: no column currency"),
        (
            "period,amount,currency\n2026-1,1,USD\n",
            "invoices.csv:2: a period or an amount can't be read",
        ),
        ("period,amount,currency\n2026-10,1,XYZ\n", "invoices.csv:2: 'XYZ' is no currency"),
        (
            "period,amount,currency,basis\n2026-10,1,USD,Billed\n",
            "invoices.csv:2: 'Billed' is no cost basis",
        ),
        (
            "period,amount,currency\n2026-10,1,USD\n2026-10,1,USD\n",
            "invoices.csv:3: a second total for 2026-10 USD BilledCost",
        ),
    ],
)
def test_faults_of_a_control_file_name_its_line(shop: Workshop, rows: str, fault: str) -> None:
    shop.write("invoices.csv", rows)
    assert shop.project_faults(
        "name: A\ncurrency: USD\nsources: {a: {format: focus, path: b, control: invoices.csv}}\n"
    ) == [fault]


HEAD = "name: A\ncurrency: USD\n"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", ["1:1: apportion.yaml is empty"]),
        ("name: A\n", ["1:1: apportion.yaml has no 'currency'"]),
        ("name: A\ncurrency: dollars\n", ["2:11: 'dollars' is no currency with a minor unit"]),
        ("name: A\ncurrency: XAU\n", ["2:11: 'XAU' is no currency with a minor unit"]),
        (HEAD + "basis: Effective\n", ["3:8: 'Effective' is not a cost basis"]),
        (HEAD + "curency: EUR\n", ["3:1: unknown key 'curency' in apportion.yaml"]),
        (HEAD + "engine: sparc\n", ["3:9: 'sparc' is not an engine"]),
        (HEAD + "engine: spark\n", ["3:9: spark has no address"]),
        (HEAD + "locations: {books: mysql://h/db}\n", ["3:20: books of kind 'mysql' are not known"]),
        (HEAD + "locations: {lake: apportion.yaml}\n", ["3:19: apportion.yaml is a file"]),
        (HEAD + "locations: {books: .}\n", ["3:20: . is a folder"]),
        (HEAD + "sources: {a: {format: focus}}\n", ["3:14: a source has no 'path'"]),
        (HEAD + "sources: {a: {format: cur, path: b}}\n", ["3:23: 'cur' is not a bill format"]),
        (HEAD + "sources: {a: {format: focus, path: b, without: [Cost]}}\n",
         ["3:49: 'Cost' is not a FOCUS column"]),
        (HEAD + "sources: {a: {format: focus, path: b, keys: [Project]}}\n",
         ["3:46: 'Project' is not an x_ column"]),
        (HEAD + "sources: {a: {format: focus, path: b, control: {2026: 1}}}\n",
         ["3:49: '2026' is not a month"]),
        (HEAD + "sources: {a: {format: focus, path: b, control: {2026-10: '1,5'}}}\n",
         ["3:58: '1,5' is not an amount"]),
        (HEAD + "sources: {a: {format: focus, path: b, control: {2026-10: {ABC: 1}}}}\n",
         ["3:59: 'ABC' is no currency"]),
        (HEAD + "sources: {a: {format: focus, path: b, control: none.csv}}\n",
         ["3:48: none.csv can't be read"]),
        (HEAD + "sources: [a]\n", ["3:10: a mapping from names to sources is expected here, not a list"]),
        ("name: A\ncurrency: dollar\nbasis: x\nsources: {a: {format: focus}}\n",
         ["2:11: 'dollar' is no currency with a minor unit", "3:8: 'x' is not a cost basis",
          "4:14: a source has no 'path'"]),
    ],
)  # fmt: skip
def test_faults_of_a_project(shop: Workshop, text: str, faults: list[str]) -> None:
    assert shop.project_faults(text) == [f"apportion.yaml:{fault}" for fault in faults]


def test_a_folder_without_a_project_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"there is no apportion\.yaml") as caught:
        read_project(tmp_path)
    assert "apportion init" in caught.value.hint


def test_opening_a_project_imports_nothing_heavy(shop: Workshop, tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path; "
        "from apportion.model.read_project import read_project; read_project(Path(sys.argv[1])); "
        "print([m for m in ('sqlglot', 'duckdb', 'pydantic', 'sqlalchemy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_an_amortised_export_beside_an_address_is_refused(shop: Workshop, tmp_path: Path) -> None:
    source = "{format: azure, path: 'az://bills/actual/', amortized: amortized}"
    shop.write("apportion.yaml", f"name: Acme\ncurrency: EUR\nsources:\n  azure: {source}\n")
    with pytest.raises(ConfigurationError, match="local folders only") as caught:
        read_project(tmp_path)
    assert str(caught.value.place) == "apportion.yaml:4:54"
