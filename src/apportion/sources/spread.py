"""Cost over months: one row of a table as a charge for each month, straight-line and exact."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from apportion.domain.charge import Kind
from apportion.model.formula import DIFFERENCE
from apportion.model.parse_formula import call
from apportion.model.table import AT_PURCHASE, MONTHLY, Spread
from apportion.sources.amount import unreadable
from apportion.sources.exact import MONTHLY_PART
from apportion.sources.expression import expression
from apportion.sources.formula import FormulaWriter
from apportion.sources.reading import NUMBER, PART, ReadColumn
from apportion.store.relation import column, number
from apportion.store.relation import text as literal

LONGEST = 600
"""Months that a cost may be spread over: fifty years."""

MONTH = "x_SpreadMonth"
"""Column of the charges: which month of how many, say ``3 of 36``."""


class SpreadWriter:
    """The columns that a spread decides.

    Billed at purchase, the row itself is the purchase, which has the billed
    cost, and a charge for each month has the effective cost. Otherwise the row
    itself is the first month. A number of months or a day that can't be read
    sets the row aside.
    """

    def __init__(
        self, spread: Spread, writer: FormulaWriter, total: exp.Expr, currency: exp.Expr
    ) -> None:
        self._spread = spread
        self._total = total
        self._currency = currency
        self._over = writer.write(spread.over)
        self._from = writer.write(spread.start, as_written=True)
        self._residual = writer.write(spread.residual) if spread.residual else None
        self._buys = spread.billed == AT_PURCHASE

    def parts(self) -> exp.Expr:
        """The further charges of a row: the numbers of their months."""
        return expression(
            "SELECT generate_series(_first, _count)",
            _first=number(1 if self._buys else 2),
            _count=self._count(),
        )

    def costs(self) -> tuple[exp.Expr, exp.Expr]:
        """Billed and effective cost."""
        whole = self._total
        if self._residual is not None:
            whole = call(DIFFERENCE, whole, self._residual)
        effective = self._part(whole)
        if self._buys:
            nothing = expression("SELECT CAST(0 AS DECIMAL(38, 18))")
            at_first = self._sound(nothing)
            return self._at_purchase(self._total, nothing), self._at_purchase(at_first, effective)
        if self._spread.billed == MONTHLY:
            return self._part(self._total), effective
        return self._sound(expression("SELECT CAST(0 AS DECIMAL(38, 18))")), effective

    def start(self, purchase: exp.Expr | None) -> exp.Expr:
        """The first day of a charge's month; `purchase` says that of the purchase, if known."""
        month = expression(
            "SELECT date_trunc('month', _from) + to_months(CAST(_month - 1 AS INTEGER))",
            _from=self._from,
            _month=self._month(),
        )
        if not self._buys:
            return month
        bought = purchase if purchase is not None else self._from
        first = expression("SELECT date_trunc('month', _bought)", _bought=bought)
        return self._at_purchase(first, month)

    def columns(self, category: exp.Expr | None) -> Iterator[ReadColumn]:
        """Further columns: which month it is, and what kind of charge."""
        yield ReadColumn(NUMBER, Kind.TEXT, column(NUMBER))
        told = expression(
            "SELECT CAST(_month AS VARCHAR) || ' of ' || CAST(_count AS VARCHAR)",
            _month=self._month(),
            _count=self._count(),
        )
        yield ReadColumn(MONTH, Kind.TEXT, self._at_purchase(exp.null(), told))
        if category is None:
            usage = literal("Usage")
            bought = literal("Purchase") if self._buys else usage
            category = self._at_purchase(bought, usage)
        yield ReadColumn("ChargeCategory", Kind.TEXT, category)

    def _count(self) -> exp.Expr:
        """The number of months, 0 where it can't be read or is none."""
        return expression(
            """
            SELECT CASE WHEN _over BETWEEN 1 AND _longest AND _over = floor(_over)
                         AND _from IS NOT NULL
                        THEN CAST(_over AS INTEGER) ELSE 0 END
            """,
            _over=self._over,
            _longest=number(LONGEST),
            _from=self._from,
        )

    def _month(self) -> exp.Expr:
        """The number of a charge's month, from 1."""
        return expression("SELECT coalesce(CAST(_part AS INTEGER), 1)", _part=column(PART))

    def _part(self, total: exp.Expr) -> exp.Expr:
        part = call(MONTHLY_PART, total, self._month(), self._count(), self._currency)
        return self._sound(part)

    def _sound(self, value: exp.Expr) -> exp.Expr:
        return expression(
            "SELECT CASE WHEN _count > 0 THEN _value ELSE _mark END",
            _count=self._count(),
            _value=value,
            _mark=unreadable(),
        )

    def _at_purchase(self, purchase: exp.Expr, month: exp.Expr) -> exp.Expr:
        """One value for the charge of the purchase, and one for those of the months."""
        if not self._buys:
            return month
        return expression(
            "SELECT CASE WHEN _part IS NULL THEN _purchase ELSE _month END",
            _part=column(PART),
            _purchase=purchase,
            _month=month,
        )
