"""Write all bills from elsewhere, what was invoiced for them, and the rates of exchange."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from apportion.demo.chance import chance
from apportion.demo.elsewhere.azure_export import write_azure_exports
from apportion.demo.elsewhere.google_export import write_google_export
from apportion.demo.elsewhere.oracle_report import write_oracle_report
from apportion.demo.elsewhere.tables import write_tables
from apportion.domain.period import Period

FIRST = Period(2026, 1)
"""The first month in which the company buys elsewhere."""


def write_bills(folder: Path, periods: Sequence[Period], seed: int) -> list[Path]:
    """Write the bills of all months from 2026 on; return the files written."""
    later = [period for period in periods if period >= FIRST]
    if not later:
        return []
    bills = folder / "bills"
    written: list[Path] = []

    def azure(period: Period) -> Decimal:
        actual = bills / "azure" / "actual" / f"{period}.csv.gz"
        amortized = bills / "azure" / "amortized" / f"{period}.csv.gz"
        written.extend((actual, amortized))
        return write_azure_exports(actual, amortized, period, seed)

    def google(period: Period) -> Decimal:
        written.append(bills / "google" / f"{period}.jsonl.gz")
        return write_google_export(written[-1], period, seed)

    def oracle(period: Period) -> Decimal:
        written.append(bills / "oracle" / f"{period}.csv.gz")
        return write_oracle_report(written[-1], period)

    sellers: Sequence[tuple[str, str, Callable[[Period], Decimal]]] = (
        ("azure", "EUR", azure),
        ("google", "USD", google),
        ("oracle", "USD", oracle),
    )
    for name, currency, write in sellers:
        rows = [(str(period), format(write(period), "f"), currency) for period in later]
        path = folder / "invoices" / f"{name}.csv"
        written.append(_write(path, ("period", "amount", "currency"), rows))
    written += write_tables(bills, later, seed)
    return [*written, _rates(folder / "rates.csv", later, seed)]


def _rates(path: Path, periods: Iterable[Period], seed: int) -> Path:
    """What a euro was worth in dollars, on the average of each month."""
    rows = []
    for period in periods:
        moved = Decimal(chance(seed, "rate", period).randint(-250, 250)).scaleb(-4)
        rate = format(Decimal("1.1200") + moved, "f")
        rows.append((str(period), "EUR", "USD", rate, "month_average"))
    return _write(path, ("period", "from", "to", "rate", "type"), rows)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path
