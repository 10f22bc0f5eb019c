"""The texts of an Azure export, as expressions: numbers with a point, days as times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sqlglot import exp

from apportion.errors import Place, SourceError
from apportion.sources.azure.columns import Columns
from apportion.sources.expression import expression
from apportion.sources.head import Head
from apportion.sources.moment import moment
from apportion.sources.reading import as_text
from apportion.store.relation import column
from apportion.store.relation import text as literal

_NUMBERS = (
    "Cost",
    "CostInPricingCurrency",
    "CostInUsd",
    "EffectivePrice",
    "ExchangeRatePricingToBilling",
    "PayGPrice",
    "PaygCostInBillingCurrency",
    "PaygCostInUsd",
    "Quantity",
    "UnitPrice",
)

_COMMA = re.compile(r"-?(\d+,(\d{1,2}|\d{4,})|0,\d+|\d{1,3}(\.\d{3})+,\d+)", re.ASCII)
_POINT = re.compile(r"-?(\d+\.(\d{1,2}|\d{4,})|0\.\d+|\d{1,3}(,\d{3})+\.\d+)", re.ASCII)
"""A comma, and a point, that can't stand between thousands."""

_UNCLEAR = r"[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+"
"""A point that may stand between thousands, where a file has decimal commas as well."""

_MARKS = {"point": ".", "comma": ","}

_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}", re.ASCII)


_PREPARED = "prepared: "
"""How names begin that no column of an export has."""


class Texts:
    """What each of Azure's columns holds, by its one name; NULL for one that the export lacks.

    `mark` is the decimal mark of its numbers; empty where some of them have a
    comma and some a point.
    """

    def __init__(self, head: Head, columns: Columns, *, decimal: str = "", dates: str = "") -> None:
        self._known = columns.known
        self._types = dict(zip(head.names, head.types, strict=True))
        self.mark = _MARKS[decimal] if decimal else _decimal_mark(head, columns.known)
        self._day_first = dates == "day-first"
        self._prepared: dict[str, exp.Expr] = {}
        _refuse_other_dates(head, columns.known, dates)

    def has(self, *names: str) -> bool:
        """Whether the export has all of these columns."""
        return all(name in self._known for name in names)

    def written(self, name: str) -> str:
        """The export's own name of a column; empty where it lacks it."""
        return self._known.get(name, "")

    def type(self, name: str) -> str:
        """The type that a column is written in."""
        return self._types[self._known[name]]

    def __getitem__(self, name: str) -> exp.Expr:
        if name not in self._known:
            return expression("SELECT CAST(NULL AS VARCHAR)")
        found = self.of(self._known[name])
        return self._pointed(found) if name in _NUMBERS and self._is_text(name) else found

    def of(self, written: str) -> exp.Expr:
        """The text of any column of the file, by the name that it has there."""
        return as_text(column(written), self._types[written].upper())

    def first(self, *names: str) -> exp.Expr:
        """The first of some columns that isn't empty."""
        there = [self[name] for name in names if name in self._known] or [self[names[0]]]
        return exp.Coalesce(this=there[0], expressions=there[1:]) if there[1:] else there[0]

    @property
    def prepared(self) -> tuple[tuple[str, exp.Expr], ...]:
        """What is worked out once for each row, by name; see `Reading.prepared`."""
        return tuple(self._prepared.items())

    def once(self, name: str, value: exp.Expr) -> exp.Expr:
        """Have a value worked out once for each row; what refers to it from then on."""
        self._prepared.setdefault(f"{_PREPARED}{name}", value)
        return column(f"{_PREPARED}{name}")

    def day(self, name: str) -> exp.Expr:
        """The midnight that a day of the export begins with, NULL where it is none."""
        return expression(
            """
            SELECT CASE WHEN contains(_text, '/')
                        THEN CAST(try_strptime(split_part(_text, ' ', 1), _slashes) AS TIMESTAMP)
                        WHEN regexp_full_match(_text, _dots)
                        THEN CAST(try_strptime(_text, '%d.%m.%Y') AS TIMESTAMP)
                        WHEN regexp_full_match(_text, _digits)
                        THEN CAST(try_strptime(_text, '%Y%m%d') AS TIMESTAMP)
                        ELSE _moment END
            """,
            _text=self[name],
            _slashes=literal("%d/%m/%Y" if self._day_first else "%m/%d/%Y"),
            _dots=literal(r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}"),
            _digits=literal(r"[0-9]{8}"),
            _moment=moment(self[name], as_written=True),
        )

    def _is_text(self, name: str) -> bool:
        return self.type(name).upper() == "VARCHAR"

    def _pointed(self, text: exp.Expr) -> exp.Expr:
        """A number with a point for its decimal comma; a point in it then makes it unreadable.

        Where both marks are used, so does a point that may separate thousands.
        """
        if self.mark == ".":
            return text
        swapped = expression("SELECT translate(_text, ',.', '.,')", _text=text)
        if self.mark == ",":
            return swapped
        return expression(
            "SELECT CASE WHEN regexp_full_match(_text, _unclear) THEN _swapped ELSE _text END",
            _text=text,
            _unclear=literal(_UNCLEAR),
            _swapped=swapped,
        )


def _decimal_mark(head: Head, known: Mapping[str, str]) -> str:
    """The mark that the first rows prove, where it can't separate thousands; else a point."""
    numbers = [text for text in _samples(head, known, _NUMBERS) if text]
    comma = any(_COMMA.fullmatch(text) for text in numbers)
    point = any(_POINT.fullmatch(text) for text in numbers)
    if comma and point:
        return ""
    return "," if comma else "."


def _refuse_other_dates(head: Head, known: Mapping[str, str], dates: str) -> None:
    """Dates that prove the other order of day and month must not be read in this one."""
    place, read, other = 1, "month first", "day-first"
    if dates == "day-first":
        place, read, other = 0, "day first", "month-first"
    for name in ("Date", "BillingPeriodStart", "BillingPeriodEnd"):
        for text in _samples(head, known, (name,)):
            found = _SLASHES.match(text)
            if not found:
                continue
            day, month = int(found[place + 1]), int(found[2 - place])
            no_first = not dates and name == "BillingPeriodStart" and month == 1 < day <= 12
            if month > 12 or no_first:
                raise SourceError(
                    f"{known[name]} {text!r} is no date when read {read}",
                    place=Place(head.file),
                    why="a billing period begins on the first of a month"
                    if no_first
                    else "a year has twelve months",
                    hint=f"declare `dates: {other}` for this source, or what else it is",
                )


def _samples(head: Head, known: Mapping[str, str], names: Iterable[str]) -> Iterable[str]:
    there = [known[name] for name in names if name in known]
    return (row[name].strip() for row in head.sample for name in there)
