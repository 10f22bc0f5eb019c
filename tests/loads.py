"""A small project whose one source is loaded, and what the books and the lake hold then."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from apportion.domain.finding import Finding
from apportion.domain.period import Period
from apportion.domain.snapshot import Quarantined, Snapshot, Totals, Unit
from apportion.errors import Place
from apportion.load import SourceLoad, load
from apportion.model.project import Project, SourceSpec
from apportion.store.books import Books
from apportion.store.lake import Lake
from bills import COLUMNS, Row

OCTOBER = Period(2026, 10)
SCRIPT = Path(__file__).with_name("load_in_process.py")


def csv_text(
    rows: Iterable[Mapping[str, str]], columns: Sequence[str] = COLUMNS, *, quoted: bool = False
) -> str:
    """Rows as a CSV; what a row lacks is empty. Texts with lone carriage returns need `quoted`."""
    written = io.StringIO()
    writer = csv.DictWriter(
        written,
        columns,
        restval="",
        lineterminator="\n",
        quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL,
    )
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


class House:
    """A project folder with the source `cloud`, its books and its lake."""

    def __init__(self, root: Path, **spec: object) -> None:
        self.root = root
        self.bills = root / "bills"
        self.bills.mkdir(parents=True, exist_ok=True)
        known = {"name": "cloud", "format": "focus", "path": "bills"} | spec
        source = SourceSpec(place=Place("apportion.yaml", 4), **known)  # type: ignore[arg-type]
        self.project = Project(
            root=root,
            name="Test company",
            currency="USD",
            basis="EffectiveCost",
            lake=root / "lake",
            books=f"sqlite:///{root / 'books.sqlite'}",
            model_folder=root / "model",
            sources={"cloud": source},
        )
        self.lake = Lake(self.project.lake)
        self.books = Books.open(self.project.books)

    def put(self, content: Iterable[Row] | str | bytes | pa.Table, name: str = "bill.csv") -> Path:
        """Write a bill: rows, text, bytes, or a table as Parquet."""
        path = self.bills / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else csv_text(content)
            path.write_bytes(text.encode())
        return path

    def load(self, *visible: str) -> SourceLoad:
        (found,) = load(
            self.project, self.books, self.lake, visible=frozenset(visible), actor="tester"
        )
        return found

    def take(self, content: Iterable[Row] | str | bytes | pa.Table, *visible: str) -> SourceLoad:
        """Put a bill and load."""
        name = "bill.parquet" if isinstance(content, pa.Table) else "bill.csv"
        self.put(content, name)
        return self.load(*visible)

    def snapshot(self, period: Period = OCTOBER) -> Snapshot:
        (found,) = self.books.current("cloud", period)
        return found

    def rows(self, role: str, period: Period = OCTOBER) -> list[dict[str, object]]:
        """The rows of a role in the lake, over all units of a period."""
        found: list[dict[str, object]] = []
        for unit in self.snapshot(period).units:
            found += table_of(self.lake, unit, role).to_pylist()
        return found

    def totals(self, currency: str = "USD", period: Period = OCTOBER) -> Totals:
        """The totals of a period that has one unit."""
        (unit,) = self.snapshot(period).units
        (found,) = (one for one in unit.totals if one.currency == currency)
        return found

    def quarantined(self, period: Period = OCTOBER) -> list[Quarantined]:
        return [row for unit in self.snapshot(period).units for row in unit.quarantined]


def table_of(lake: Lake, unit: Unit, role: str) -> pa.Table:
    (file,) = (file for file in unit.files if file.role == role)
    table = pq.read_table(lake.path(file))
    assert table.num_rows == file.rows
    return table


def codes(findings: Iterable[Finding]) -> set[str]:
    return {found.code for found in findings}


def found(findings: Iterable[Finding], code: str) -> Finding:
    (one,) = (finding for finding in findings if finding.code == code)
    return one


def money(amount: str | int) -> Decimal:
    return Decimal(amount)


def start(house: House, *arguments: str) -> subprocess.Popen[str]:
    """Load in a process of its own; the arguments are those of load_in_process.py."""
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(house.root), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
