"""Budgets and forecasts from files: CSV from a spreadsheet, or YAML."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from apportion.domain.budget import BudgetLine, BudgetOwner
from apportion.domain.forecast import ForecastLine
from apportion.domain.period import Period
from apportion.errors import ApportionError, ConfigurationError, Place, UsageError
from apportion.govern.draw_budget import read_units
from apportion.model import marked_yaml as y
from apportion.model.faults import Faults, did_you_mean

BUDGET_COLUMNS = ("owner", "month", "amount", "allowance")
FORECAST_COLUMNS = ("owner", "month", "amount", "low", "high")
_YES = {"yes": True, "true": True, "1": True, "": False, "no": False, "false": False, "0": False}


@dataclass(frozen=True)
class _Row:
    """A row of a file, and where it stands."""

    cells: Mapping[str, str]
    place: Place


def read_budget_file(path: Path, currency: str) -> tuple[BudgetLine, ...]:
    """The lines of a budget: owner (``team:nlp``), month, amount, and whether it is an allowance.

    Raises ConfigurationError with every fault at its line, UsageError where there is no file.
    """
    faults, made = Faults(), []
    for row in _rows(path, BUDGET_COLUMNS, faults):
        with _Said(faults, row.place):
            given = row.cells.get("allowance", "").strip().lower()
            if given not in _YES:
                raise UsageError(f"allowance {given!r} is neither yes nor no", hint="write yes")
            owner = BudgetOwner.parse(row.cells.get("owner", ""))
            month = Period.parse(row.cells.get("month", ""))
            units = _units(row, "amount", currency)
            if units < 0:
                raise UsageError("a budget can't be below zero", hint="leave the line out")
            made.append(BudgetLine(owner, month, units, _YES[given]))
    faults.raise_all()
    return tuple(made)


def read_forecast_file(path: Path, currency: str) -> tuple[ForecastLine, ...]:
    """The lines of a forecast: month, amount, its band if there is one, and whose it is.

    Without an owner a line is of the whole bill. Raises like `read_budget_file`.
    """
    faults, made = Faults(), []
    for row in _rows(path, FORECAST_COLUMNS, faults):
        with _Said(faults, row.place):
            whose = row.cells.get("owner", "").strip()
            low, high = (
                _units(row, name, currency) if row.cells.get(name, "").strip() else None
                for name in ("low", "high")
            )
            units = _units(row, "amount", currency)
            if (low is not None and low > units) or (high is not None and high < units):
                raise UsageError("the amount lies outside its own band", hint="low ≤ amount ≤ high")
            owner = BudgetOwner.parse(whose) if whose else None
            month = Period.parse(row.cells.get("month", ""))
            made.append(ForecastLine(owner, month, units, low, high))
    faults.raise_all()
    return tuple(made)


class _Said:
    """Takes what is wrong with a row down as a fault at its place, and goes on."""

    def __init__(self, faults: Faults, place: Place) -> None:
        self._faults, self._place = faults, place

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> bool:
        if isinstance(fault, ApportionError):
            self._faults.add(self._place, fault.what, why=fault.why, hint=fault.hint)
            return True
        return False


def _units(row: _Row, name: str, currency: str) -> int:
    return read_units(row.cells.get(name, ""), currency)


def _rows(path: Path, columns: tuple[str, ...], faults: Faults) -> Iterator[_Row]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}", hint="name a CSV or a YAML file") from None
    except UnicodeDecodeError:
        raise ConfigurationError(
            "it isn't text in UTF-8", place=Place(path.name), hint="save it as CSV UTF-8"
        ) from None
    if path.suffix.lower() in {".yaml", ".yml"}:
        return _of_yaml(text, path.name, columns, faults)
    return _of_csv(text, path.name, columns)


def _of_csv(text: str, file: str, columns: tuple[str, ...]) -> Iterator[_Row]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    named = [name.strip().lower() for name in reader.fieldnames or ()]
    missing = sorted({"month", "amount", *({"owner"} if "allowance" in columns else ())} - {*named})
    odd = sorted({*named} - {*columns})
    if missing or odd:
        raise ConfigurationError(
            f"the column {missing[0]!r} is missing" if missing else f"an unknown column {odd[0]!r}",
            place=Place(file, 1, 1),
            hint=f"the first row names the columns: {','.join(columns)}",
        )
    try:
        for cells in reader:
            found = {
                key: value or ""
                for key, value in zip(named, cells.values(), strict=False)
                if isinstance(value, str | None)
            }
            yield _Row(found, Place(file, reader.line_num, 1))
    except csv.Error as fault:
        raise ConfigurationError(
            "the CSV can't be read", place=Place(file, reader.line_num), why=str(fault)
        ) from None


def _of_yaml(text: str, file: str, columns: tuple[str, ...], faults: Faults) -> Iterator[_Row]:
    """A list of lines; in the place of `month` and `amount` may stand `amounts`, month by month."""
    node = y.parse_yaml(text, file, faults)
    if not isinstance(node, y.Sequence):
        if not faults.found:
            faults.add(
                Place(file, 1, 1), "a list of lines is expected", hint="- {owner: team:nlp, …}"
            )
        return
    known = (*columns, "amounts")
    for item in node.items:
        if not isinstance(item, y.Mapping):
            faults.add(item, "a line is a mapping", hint=f"its keys: {', '.join(known)}")
            continue
        odd = [(key, at) for key, at in item.keys.items() if key not in known]
        for key, at in odd:
            faults.add(at, f"unknown key {key!r}", hint=did_you_mean(key, known))
        if not odd:
            yield from _of_item(item, columns)


def _of_item(item: y.Mapping, columns: tuple[str, ...]) -> Iterator[_Row]:
    texts = {k: v.text for k, v in item.entries.items() if k in columns and isinstance(v, y.Scalar)}
    amounts = item.entries.get("amounts")
    if not isinstance(amounts, y.Mapping):
        yield _Row(texts, item.place)
        return
    for month, value in amounts.entries.items():
        amount = value.text if isinstance(value, y.Scalar) else ""
        yield _Row({**texts, "month": month, "amount": amount}, value.place)
