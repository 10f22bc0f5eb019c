"""Control totals of a source: what an invoice says that a billing period comes to."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from apportion.domain.charge import COSTS
from apportion.domain.money import is_currency
from apportion.errors import Place
from apportion.model import marked_yaml as y
from apportion.model.faults import Faults, did_you_mean
from apportion.model.project import Control
from apportion.model.text_file import CsvRow, parse_csv, read_text
from apportion.model.values import as_amount, as_month

COLUMNS = ("period", "amount", "currency", "basis")


def read_control(
    node: y.Node | None, root: Path, currency: str, faults: Faults
) -> tuple[Control, ...]:
    """Totals by period and currency, from a mapping or from a CSV; the shape has been checked."""
    if isinstance(node, y.Scalar):
        return _from_file(node, root, faults)
    if not isinstance(node, y.Mapping):
        return ()
    made: list[Control] = []
    for period, value in node.entries.items():
        given = value.entries if isinstance(value, y.Mapping) else {currency: value}
        for code, amount in given.items():
            assert isinstance(amount, y.Scalar)
            if isinstance(value, y.Mapping) and not is_currency(code):
                faults.add(value.keys[code], f"{code!r} is no currency", hint="say USD or EUR")
            made.append(Control(period, as_amount(amount.text), code, amount.place))
    return tuple(made)


def _from_file(node: y.Scalar, root: Path, faults: Faults) -> tuple[Control, ...]:
    text = read_text(root / Path(node.text).expanduser(), node.place, faults)
    found = parse_csv(text, node.text, faults) if text is not None else None
    if found is None:
        return ()
    lacking = [name for name in COLUMNS[:3] if name not in found.columns]
    if lacking:
        faults.add(
            found.place,
            f"no column {', '.join(lacking)}",
            hint="a control file has period, amount, currency and optionally basis",
        )
        return ()
    made: dict[tuple[str, str, str], Control] = {}
    for row in found.rows:
        if control := _control(row, faults):
            key = (control.period, control.currency, control.basis)
            if before := made.get(key):
                faults.add(
                    row, f"a second total for {' '.join(key)}", why=f"first at {before.place}"
                )
            made[key] = control
    return tuple(made.values())


def _control(row: CsvRow, faults: Faults) -> Control | None:
    basis = row["basis"] or "BilledCost"
    if basis not in COSTS:
        faults.add(row, f"{basis!r} is no cost basis", hint=did_you_mean(basis, COSTS))
        return None
    if not is_currency(row["currency"]):
        faults.add(row, f"{row['currency']!r} is no currency", hint="say USD or EUR")
        return None
    try:
        period = str(as_month(row["period"]))
        amount: Decimal = as_amount(row["amount"])
    except ValueError as why:
        faults.add(row, "a period or an amount can't be read", why=str(why))
        return None
    return Control(period, amount, row["currency"], Place(row.file, row.line), basis)
