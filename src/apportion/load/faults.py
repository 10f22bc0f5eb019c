"""What keeps a row out: its money, its currency or its month can't be read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlglot import exp

from apportion.domain.charge import COSTS
from apportion.domain.money import AmountFault, parse_amount
from apportion.load.sift import FAULT, NOT_UTF8, NUL
from apportion.sources.amount import unreadable
from apportion.sources.expression import expression
from apportion.sources.reading import Reading
from apportion.store.relation import column
from apportion.store.relation import text as literal

PROVEN_COSTS = ("BilledCost", "EffectiveCost")
"""Costs that a row can't be without, where the file has them; the other two may be empty."""


@dataclass(frozen=True)
class Fault:
    """Why rows are set aside: a stable code, the column it lies in, what it means, what to do.

    `mark` is the decimal mark of the file, empty where it differs.
    """

    code: str
    column: str
    what: str
    hint: str
    mark: str = "."

    @property
    def label(self) -> str:
        return f"{self.code} {self.column}"

    def reason(self, written: str | None, column: str = "") -> str:
        """The fault of one row, in view of what is written there, in the bill's own column."""
        named = column or self.column
        if self.code in _OF_BYTES:
            return self.what
        if written is None or written in {"", "NULL"}:
            return f"{named} is empty"
        if self.column in COSTS:
            return f"{named} {written[:60]!r}: {_why_no_amount(written, self.mark)}"
        return f"{named} {written[:60]!r}: {self.what}"


def _why_no_amount(written: str, mark: str) -> str:
    if mark == "," and "." in written:
        return "a point, where the file has decimal commas: it may separate thousands"
    try:
        parse_amount(written.replace(",", ".") if mark == "," else written)
    except AmountFault as fault:
        return str(fault)
    if not mark:
        return "a point that may separate thousands, in a file that has decimal commas too"
    return "not an amount that can be held exactly"


MALFORMED = Fault(
    code="row-malformed",
    column="",
    what="the row can't be told into fields",
    hint="texts with commas, quotes or line ends must stand in quotes, and quotes be doubled",
)

BROKEN_LINE = Fault(
    code=MALFORMED.code,
    column="",
    what="the line can't be told into keys and values",
    hint="each line must hold one JSON object; export it again",
)

_OF_BYTES = {
    NOT_UTF8: Fault(
        code="row-not-utf8",
        column="",
        what="the row holds bytes that are not UTF-8",
        hint="export the bill in UTF-8",
    ),
    NUL: Fault(
        code="row-with-nul",
        column="",
        what="the row holds a NUL byte",
        hint="the file may be damaged: fetch it again",
    ),
}

_MONTH = Fault(
    code="period-unreadable",
    column="BillingPeriodStart",
    what="not a time",
    hint="write it as 2026-10-01T00:00:00Z",
)
_DAY = Fault(
    code="day-unreadable",
    column="ChargePeriodStart",
    what="not a time",
    hint="write it as 2026-10-01T00:00:00Z",
)
_CURRENCY = Fault(
    code="currency-unknown",
    column="BillingCurrency",
    what="not a currency of ISO 4217",
    hint="write the code of the currency in capitals, say USD",
)


def _missing(cost: str) -> Fault:
    return Fault(
        code="cost-missing",
        column=cost,
        what="empty",
        hint="a row without this cost can't be reconciled; ask the provider, or acknowledge it",
    )


_HOW_TO_WRITE = {
    ".": "write amounts as 1234.56: a point, no thousands separators, at most 18 places",
    ",": "write amounts as 1234,56: a comma, no thousands separators, at most 18 places",
    "": "write all amounts with one decimal mark and no thousands separators, or declare which it "
    "is: `decimal: comma` or `decimal: point`",
}


def _unreadable(cost: str, mark: str) -> Fault:
    return Fault(
        code="cost-unreadable",
        column=cost,
        what="not an amount",
        hint=_HOW_TO_WRITE[mark],
        mark=mark,
    )


class Judge:
    """Tells the first fault of each staged row, in one expression for the engine.

    `currencies` are those that the file has and ISO 4217 knows.
    """

    def __init__(self, reading: Reading, currencies: Collection[str], *, sifted: bool) -> None:
        self._known = exp.In(
            this=column("BillingCurrency"),
            expressions=[literal(currency) for currency in sorted({*currencies, ""})],
        )
        self._cases = [
            *_bytes(sifted),
            *_refused(reading),
            *_when(),
            (self._unknown(), _CURRENCY),
            *_money(reading),
        ]
        self.faults = {fault.label: fault for _, fault in self._cases}

    def first_fault(self) -> exp.Expr:
        """The label of a row's first fault, or NULL: then the row is kept."""
        cases = [exp.If(this=c.copy(), true=literal(fault.label)) for c, fault in self._cases]
        return exp.Case(ifs=cases)

    def currency(self) -> exp.Expr:
        """A row's currency, NULL when it is none."""
        return expression(
            "SELECT CASE WHEN _known THEN BillingCurrency END", _known=self._known.copy()
        )

    def _unknown(self) -> exp.Expr:
        return expression("SELECT coalesce(NOT _known, TRUE)", _known=exp.paren(self._known.copy()))


def _bytes(sifted: bool) -> list[tuple[exp.Expr, Fault]]:
    if not sifted:
        return []
    return [
        (expression("SELECT _fault = _code", _fault=column(FAULT), _code=literal(code)), fault)
        for code, fault in _OF_BYTES.items()
    ]


def _refused(reading: Reading) -> list[tuple[exp.Expr, Fault]]:
    return [
        (one.condition, Fault(one.code, one.column, one.what, one.hint)) for one in reading.refusals
    ]


def _when() -> list[tuple[exp.Expr, Fault]]:
    return [(_is_null(fault.column), fault) for fault in (_MONTH, _DAY)]


def _money(reading: Reading) -> list[tuple[exp.Expr, Fault]]:
    found: list[tuple[exp.Expr, Fault]] = []
    for cost in reading.bases:
        if cost in PROVEN_COSTS:
            found.append((_is_null(cost), _missing(cost)))
        marked = expression("SELECT _cost >= _mark", _cost=column(cost), _mark=unreadable())
        found.append((marked, _unreadable(cost, reading.decimal_mark)))
    return found


def _is_null(name: str) -> exp.Expr:
    return expression("SELECT _value IS NULL", _value=column(name))
