"""Write the sample company's whole project into a folder."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources as package_files
from importlib.resources.abc import Traversable
from pathlib import Path

from apportion.demo.api_calls import write_api_calls
from apportion.demo.bill import bill
from apportion.demo.catalogue import Resource, resources
from apportion.demo.charge_rows import COLUMNS, Row
from apportion.demo.cluster import write_cluster
from apportion.demo.elsewhere.write_bills import write_bills
from apportion.demo.usage_of_features import METERS, READS, quantities, write_reads
from apportion.demo.vendor import FIRST_BILL, WORKSPACES, write_vendor_bill
from apportion.domain.period import Period
from apportion.errors import Place, UsageError

TRUTH = "truth"
"""The folder that says who really owned what; no bill has such a thing."""

LAST_PERIOD = Period(2026, 10)
"""The month that the sample company has just finished."""


def write_demo(
    folder: Path,
    *,
    months: int = 26,
    until: Period = LAST_PERIOD,
    seed: int = 1,
    rows_per_month: int | None = None,
) -> list[Path]:
    """Write project, model, drivers, bills, invoices and the truth; return the files written.

    The bills are those of the `months` that end with `until`. The same seed
    gives the same bytes, and a month's content doesn't depend on how many are
    written. `rows_per_month` asks for larger bills with the same totals.
    Raises UsageError for a folder that holds something else.
    """
    _check(folder, months)
    periods = _periods(months, until)
    everything = resources(seed)
    written = list(_project_files(folder))
    written += _drivers(folder / "model" / "drivers", periods, seed)
    invoices = []
    for period in periods:
        made = bill(everything, period, seed, rows_per_month)
        path = folder / "bills" / "aws" / f"{period}.csv.gz"
        _write_bill(path, made.rows)
        written.append(path)
        invoices.append((str(period), str(made.invoice), "USD"))
    written += _vendor_bills(folder / "bills" / "example-models", periods, seed)
    written += write_bills(folder, periods, seed)
    written += write_cluster(folder, periods, seed)
    written += write_api_calls(folder, periods, seed)
    written += write_reads(folder, periods, seed)
    path = folder / "invoices" / "aws.csv"
    written.append(_write_csv(path, ("period", "amount", "currency"), invoices))
    return [*written, *_truth(folder / TRUTH, everything)]


def _check(folder: Path, months: int) -> None:
    if months < 1:
        raise UsageError(f"{months} months can't be written", hint="ask for one month or more")
    if folder.exists() and any(folder.iterdir()) and not (folder / TRUTH).exists():
        raise UsageError(
            "the folder holds something else, which the demo won't write into",
            place=Place(str(folder)),
            hint="name an empty folder, or one that doesn't exist yet",
        )


def _periods(months: int, until: Period) -> list[Period]:
    periods = [until]
    while len(periods) < months:
        periods.insert(0, periods[0].previous())
    return periods


def _project_files(folder: Path) -> Iterator[Path]:
    """Copy what is written by hand: apportion.yaml, the model, the README."""
    root = package_files.files("apportion.demo") / "project"
    for part, source in _walk(root):
        path = folder / part
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source.read_bytes())
        yield path


def _walk(folder: Traversable, at: Path = Path()) -> Iterator[tuple[Path, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda found: found.name):
        if entry.is_dir():
            yield from _walk(entry, at / entry.name)
        else:
            yield at / entry.name, entry


def _drivers(folder: Path, periods: Iterable[Period], seed: int) -> list[Path]:
    rows = {
        meter.name: [
            (team, str(period), str(quantity))
            for period in periods
            for team, quantity in quantities(meter, period, seed)
        ]
        for meter in METERS
        if meter.name != READS
    }
    return [
        _write_csv(folder / f"{name}.csv", ("team", "period", "quantity"), found)
        for name, found in rows.items()
    ]


def _vendor_bills(folder: Path, periods: Iterable[Period], seed: int) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for period in periods:
        if period >= FIRST_BILL:
            paths.append(folder / f"{period}.parquet")
            write_vendor_bill(paths[-1], period, seed)
    return paths


def _truth(folder: Path, everything: Iterable[Resource]) -> list[Path]:
    """Who really owned what: teams, and the names of pools for what is shared."""
    owned = [(r.id, r.name, r.account.id, r.owner) for r in everything]
    spaces = [(w.id, w.name, w.owner or "unknown") for w in WORKSPACES]
    return [
        _write_csv(
            folder / "resources.csv", ("ResourceId", "ResourceName", "SubAccountId", "owner"), owned
        ),
        _write_csv(folder / "workspaces.csv", ("SubAccountId", "SubAccountName", "owner"), spaces),
    ]


def _write_bill(path: Path, rows: Iterable[Row]) -> None:
    """A compressed CSV whose bytes depend on the rows alone (no time, no file name)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(row.values() for row in rows)
    path.write_bytes(gzip.compress(text.getvalue().encode(), 3, mtime=0))


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path
