"""What comes as a plain table: seats, a machine of the company's own, its power, salaries.

The sheets are those that a buyer, an accountant and a personnel department
keep; apportion.yaml says what their columns mean.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from apportion.demo.chance import chance
from apportion.demo.company import CV, NLP, PLATFORM, REC, month_index
from apportion.domain.period import Period

_SEATS: Mapping[str, int] = {NLP: 15, CV: 10, REC: 12}
_SEAT = Decimal("50.00")

_MACHINES = (
    ("cv-lab-h200", CV, "2026-01-01", "186000.00", "42000.00", 24),
    ("cv-lab-storage", CV, "2026-03-01", "28500.00", "0.00", 18),
)
"""Name, owner, bought on, price, what it will be worth in the end, months of use."""

_KILOWATT_HOURS = 6_900
_POWER = Decimal("0.218")

_SALARIES = (("Platform engineering", 7, "11250.00"), ("On-call and training", 1, "5400.00"))


def write_tables(folder: Path, periods: Sequence[Period], seed: int) -> list[Path]:
    """Write the four sheets for some months."""
    return [
        _write(folder / "licences" / "seats.csv", "month team seats price", _seats(periods)),
        _write(
            folder / "machines" / "machines.csv",
            "machine team bought price residual months",
            (tuple(map(str, one)) for one in _MACHINES),
        ),
        _write(folder / "machines" / "power.csv", "month kwh price_eur", _power(periods, seed)),
        _write(folder / "people" / "platform.csv", "month team item people cost_each",
               _salaries(periods)),
    ]  # fmt: skip


def _seats(periods: Iterable[Period]) -> Iterable[tuple[str, ...]]:
    for period in periods:
        for team, seats in _SEATS.items():
            yield str(period), team, str(seats + month_index(period) // 6), str(_SEAT)


def _power(periods: Iterable[Period], seed: int) -> Iterable[tuple[str, ...]]:
    for period in periods:
        used = _KILOWATT_HOURS + chance(seed, "power", period).randint(-400, 400)
        yield str(period), str(used), str(_POWER)


def _salaries(periods: Iterable[Period]) -> Iterable[tuple[str, ...]]:
    for period in periods:
        for item, people, each in _SALARIES:
            yield str(period), PLATFORM, item, str(people), each


def _write(path: Path, header: str, rows: Iterable[tuple[str, ...]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split())
        writer.writerows(rows)
    return path
