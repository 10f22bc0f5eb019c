"""A row of Google's bill: its own charge, and one for each of its credits."""

from __future__ import annotations

from functools import cached_property

from sqlglot import exp

from apportion.sources.amount import amount, unreadable
from apportion.sources.expression import expression
from apportion.sources.gcp.credits import GOOGLE_CREDITS, UNREADABLE
from apportion.sources.moment import moment
from apportion.sources.nested_columns import NestedColumns
from apportion.sources.reading import NUMBER, PART
from apportion.store.relation import column
from apportion.store.relation import text as literal

_MARK = literal(UNREADABLE)


class GoogleRow:
    """Expressions over a row and its credits. `fields` are its columns by their paths."""

    def __init__(self, fields: NestedColumns) -> None:
        self.fields = fields
        self._has_credits = fields.has("credits")

    @cached_property
    def _listed(self) -> exp.Expr:
        """The row's credits as a list, UNREADABLE alone where they can't be read."""
        text = self.fields.text("credits")
        listed = expression(
            """
            SELECT CASE WHEN _text IS NULL OR _text IN ('[]', 'None', 'null')
                        THEN CAST([] AS VARCHAR[]) ELSE _read END
            """,
            _text=text,
            _read=exp.Anonymous(this=GOOGLE_CREDITS, expressions=[text.copy()]),
        )
        return self.fields.once("list of credits", listed)

    @cached_property
    def credits(self) -> exp.Expr | None:
        """The further charges of a row; None where the file has no credits at all."""
        if not self._has_credits:
            return None
        return expression(
            "SELECT list_filter(_listed, lambda one: one <> _mark)",
            _listed=self._listed,
            _mark=literal(UNREADABLE),
        )

    def either(self, own: exp.Expr, in_credit: exp.Expr) -> exp.Expr:
        """A value of the row itself, another of its credits."""
        if not self._has_credits:
            return own
        return expression(
            "SELECT CASE WHEN _number = 0 THEN _own ELSE _credit END",
            _number=column(NUMBER),
            _own=own,
            _credit=in_credit,
        )

    def own(self, value: exp.Expr) -> exp.Expr:
        """A value of the row itself, which its credits don't have."""
        return self.either(value, exp.null()) if self._has_credits else value

    def of_credit(self, key: str) -> exp.Expr:
        """A value of a credit, NULL in the row itself."""
        if not self._has_credits:
            return expression("SELECT CAST(NULL AS VARCHAR)")
        extract = exp.Anonymous(
            this="json_extract_string", expressions=[column(PART), literal(f"$.{key}")]
        )
        return exp.Try(this=extract)

    @cached_property
    def credit_type(self) -> exp.Expr:
        """The type of a credit, NULL in the row itself; UNREADABLE where it can't be counted."""
        return self.either(
            expression("SELECT CASE WHEN _lost THEN _mark END", _lost=self._lost, _mark=_MARK),
            self.of_credit("type"),
        )

    @cached_property
    def cost(self) -> exp.Expr:
        """What the row costs before its credits."""
        return self.fields.amount("cost")

    @cached_property
    def billed(self) -> exp.Expr:
        """What the row or the credit adds to the bill; unreadable with its credits."""
        if not self._has_credits:
            return self.cost
        own = expression(
            "SELECT CASE WHEN _lost THEN _unreadable ELSE _cost END",
            _lost=self._lost,
            _unreadable=unreadable(),
            _cost=self.cost,
        )
        return self.either(own, amount(self.of_credit("amount"), exact=False))

    @cached_property
    def _lost(self) -> exp.Expr:
        """Whether the row's credits can't be read."""
        return expression("SELECT list_contains(_listed, _mark)", _listed=self._listed, _mark=_MARK)

    @cached_property
    def usage_start(self) -> exp.Expr:
        """When the usage began, in UTC."""
        start = moment(self.fields.text("usage_start_time"))
        return self.fields.once("start of usage", start)

    @cached_property
    def billing_period(self) -> exp.Expr:
        """The first of the invoice's month, from its YYYYMM."""
        first = expression(
            """
            SELECT CASE WHEN regexp_full_match(_month, '[0-9]{4}(0[1-9]|1[0-2])')
                        THEN TRY_CAST(left(_month, 4) || '-' || right(_month, 2) || '-01'
                                      AS TIMESTAMP) END
            """,
            _month=self.fields.text("invoice.month"),
        )
        return self.fields.once("first of month", first)
