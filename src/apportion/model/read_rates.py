"""Rates: the setting in apportion.yaml, and the project's own table of them, a CSV."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from apportion.domain.money import is_currency
from apportion.domain.period import Period
from apportion.domain.rate import RateType
from apportion.model import marked_yaml as y
from apportion.model.faults import Faults, did_you_mean
from apportion.model.project import Project
from apportion.model.rates import LAST_KNOWN, RateRow, RateSpec
from apportion.model.text_file import CsvFile, CsvRow, parse_csv, read_text
from apportion.model.values import as_amount, as_day, as_month, text_of

COLUMNS = ("from", "to", "rate")
OF_A_PERIOD = (RateType.MONTH_AVERAGE, RateType.CLOSING, RateType.INVOICE)
_RATIO = re.compile(r"(\d{1,15})/(\d{1,15})", re.ASCII)


def read_rate_spec(node: y.Node | None, faults: Faults) -> RateSpec | None:
    """The setting `rates`, whose shape has been checked; None where rates aren't set."""
    if isinstance(node, y.Scalar):
        ecb = node.text == "ecb"
        return RateSpec(node.place, file="" if ecb else node.text, ecb=ecb)
    if not isinstance(node, y.Mapping):
        return None
    found = RateSpec(
        place=node.place,
        file=text_of(node, "file"),
        ecb=text_of(node, "ecb") == "true",
        type=RateType(text_of(node, "type") or RateType.MONTH_AVERAGE),
        last_known=int(text_of(node, "last_known") or LAST_KNOWN),
    )
    if not found.file and not found.ecb:
        faults.add(node, "rates come from nowhere", hint="give `file: rates.csv` or `ecb: true`")
    return found


def read_rate_table(project: Project) -> tuple[RateRow, ...]:
    """The rows of the project's own table; none where it has none.

    Raises ConfigurationError with every fault of the file, each at its line
    and column.
    """
    spec = project.rates
    if spec is None or not spec.file:
        return ()
    faults = Faults()
    text = read_text(project.root / spec.file, spec.place, faults)
    found = parse_csv(text, spec.file, faults) if text is not None else None
    rows = _rows(found, frozenset(project.sources), faults) if found is not None else ()
    faults.raise_all()
    return rows


def _rows(found: CsvFile, sources: frozenset[str], faults: Faults) -> tuple[RateRow, ...]:
    lacking = [name for name in COLUMNS if name not in found.columns]
    if "date" not in found.columns and "period" not in found.columns:
        lacking.append("date (or period)")
    if lacking:
        faults.add(
            found.place,
            f"no column {', '.join(lacking)}",
            hint="a rate file has date (or period), from, to, rate, and optionally type, source "
            "and origin",
        )
        return ()
    read = _Reading(found.columns, sources, faults)
    return tuple(_once((row for line in found.rows if (row := read.row(line))), faults))


def _once(rows: Iterable[RateRow], faults: Faults) -> Iterable[RateRow]:
    """Each rate once; two that differ are a fault, two that agree are one."""
    made: dict[tuple[object, ...], RateRow] = {}
    for row in rows:
        key = (row.currency, row.into, row.type, row.day, row.period, row.source)
        before = made.setdefault(key, row)
        if before.value != row.value and row.place is not None:
            when = row.day or row.period
            faults.add(
                row.place,
                f"a second {row.type} rate from {row.currency} to {row.into} for {when}",
                why=f"the other, at {before.place}, has another value",
                hint="keep one",
            )
    return made.values()


class _Reading:
    """Reads rows; every fault is put at the field that has it."""

    def __init__(self, columns: tuple[str, ...], sources: frozenset[str], faults: Faults) -> None:
        self._columns = columns
        self._sources = sources
        self._faults = faults

    def row(self, row: CsvRow) -> RateRow | None:
        before = len(self._faults.found)
        currency, into = self._currency(row, "from"), self._currency(row, "to")
        if currency == into:
            self._fault(row, "to", f"{row['to']} to itself", "a rate joins two currencies")
        day, period = self._when(row)
        kind = self._type(row, of_a_day=day is not None)
        source = self._source(row, kind)
        value = self._value(row)
        if len(self._faults.found) > before or value is None or kind is None:
            return None
        return RateRow(
            currency=currency,
            into=into,
            value=value,
            type=kind,
            origin=row["origin"] or row.file,
            day=day,
            period=period,
            source=source,
            place=row.place,
        )

    def _currency(self, row: CsvRow, name: str) -> str:
        code = row[name]
        if not is_currency(code):
            hint = did_you_mean(code.upper(), ("USD", "EUR", "GBP", "JPY", "CHF", "INR"))
            self._fault(
                row,
                name,
                f"{code!r} is no currency with a minor unit",
                hint or "use an ISO 4217 code such as USD or EUR",
            )
        return code

    def _when(self, row: CsvRow) -> tuple[date | None, Period | None]:
        day, period = row["date"], row["period"]
        if bool(day) == bool(period):
            what = "both a date and a period" if day else "neither a date nor a period"
            at = "period" if day else "date" if "date" in self._columns else "period"
            self._fault(row, at, what, "give one: date as 2026-10-15, or period as 2026-10")
            return None, None
        try:
            return (as_day(day), None) if day else (None, as_month(period))
        except ValueError as why:
            kind = "date" if day else "period"
            self._fault(row, kind, f"{day or period!r} is no {kind}", str(why))
            return None, None

    def _type(self, row: CsvRow, *, of_a_day: bool) -> RateType | None:
        """A day's rate is daily; a period's is its average unless the row says otherwise."""
        known = (RateType.DAILY,) if of_a_day else OF_A_PERIOD
        text = row["type"] or known[0]
        if text in known:
            return RateType(text)
        what = "a date" if of_a_day else "a period"
        self._fault(
            row, "type", f"{text!r} is no rate of {what}", f"it is one of {', '.join(known)}"
        )
        return None

    def _source(self, row: CsvRow, kind: RateType | None) -> str:
        """The bill whose invoice has this rate; other rates belong to no bill."""
        name = row["source"]
        if kind is RateType.INVOICE and name not in self._sources:
            what = f"{name!r} is no source of this project" if name else "an invoice's rate"
            hint = did_you_mean(name, self._sources, "name the source whose invoice has it")
            self._fault(row, "source" if name else "type", what, hint)
        elif kind is not None and kind is not RateType.INVOICE and name:
            self._fault(
                row,
                "source",
                f"a {kind} rate for one source",
                "leave `source` empty, or say `type: invoice`; `origin` is who published a rate",
            )
        return name

    def _value(self, row: CsvRow) -> Fraction | None:
        text = row["rate"]
        try:
            if ratio := _RATIO.fullmatch(text):
                value = Fraction(int(ratio[1]), int(ratio[2]))
            else:
                value = Fraction(as_amount(text))
        except (ValueError, ZeroDivisionError) as why:
            self._fault(row, "rate", f"the rate {text!r} can't be read", str(why))
            return None
        if value <= 0:
            what = "zero" if not value else "negative"
            self._fault(row, "rate", f"a rate of {text}", f"a rate can't be {what}")
        return value

    def _fault(self, row: CsvRow, name: str, what: str, hint: str) -> None:
        self._faults.add(row.place_of(name), what, hint=hint)
