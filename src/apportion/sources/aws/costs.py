"""The four costs of a row of the Cost and Usage Report, from the table of line item types.

With private discounts a report has ``net`` columns: what a row costs after
them. They are taken wherever the file has them, and then the rows that carry
the same discounts count only what their own net column says.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from apportion.sources.aws.arithmetic import added
from apportion.sources.aws.line_items import DISCOUNTS, LINE_ITEMS, OTHER, LineItem
from apportion.sources.aws.native import NativeColumns, is_there
from apportion.sources.aws.plan_unused import unused_after_discounts
from apportion.sources.expression import expression
from apportion.store.relation import text as literal

TYPE = "line_item_line_item_type"
PARENT = "split_line_item_parent_resource_id"
RESERVATION = "reservation_reservation_arn"


def by_type(native: NativeColumns, value: Callable[[LineItem], exp.Expr]) -> exp.Expr:
    """What the table of line item types says of a row."""
    cases = []
    for item in LINE_ITEMS:
        condition = expression("SELECT _t = _name", _t=native.text(TYPE), _name=literal(item.type))
        if item.reserved:
            condition = exp.and_(condition, is_there(native.text(RESERVATION)))
        cases.append(exp.If(this=condition, true=value(item)))
    return exp.Case(ifs=cases, default=value(OTHER))


class Costs:
    """The amounts of a file's rows by the names that the table uses, and the costs made of them."""

    def __init__(self, native: NativeColumns) -> None:
        self._native = native
        unblended = native.amount("line_item_unblended_cost")
        self._amounts = {
            "nothing": expression("SELECT CAST(0 AS DECIMAL(38, 18))"),
            "unblended": unblended,
            "billed": self._billed(unblended),
            "on demand": _first(native.amount("pricing_public_on_demand_cost"), unblended),
            "plan used": self._net("savings_plan_{}savings_plan_effective_cost"),
            "plan unused": unused_after_discounts(native),
            "reservation used": self._net("reservation_{}effective_cost"),
            "reservation unused": added(
                self._net("reservation_{}unused_amortized_upfront_fee_for_billing_period"),
                self._net("reservation_{}unused_recurring_fee"),
            ),
        }

    def billed(self) -> exp.Expr:
        """What the invoice says: the unblended cost, net of private discounts where told."""
        return self._amounts["billed"]

    def effective(self) -> exp.Expr:
        """The amortised cost; of a container's row its part of the instance that it ran on."""
        return self._of_container(
            added(
                self._net("split_line_item_{}split_cost"),
                self._net("split_line_item_{}unused_cost"),
            ),
            lambda item: item.effective,
        )

    def list(self) -> exp.Expr:
        """The cost at public on-demand prices."""
        return self._of_container(
            added(
                self._native.amount("split_line_item_public_on_demand_split_cost"),
                self._native.amount("split_line_item_public_on_demand_unused_cost"),
            ),
            lambda item: item.list,
        )

    def contracted(self) -> exp.Expr:
        """The cost at negotiated prices before commitments. The report doesn't split it."""
        return self._of_container(self._amounts["nothing"], lambda item: item.contracted)

    def _of_container(self, part: exp.Expr, amount: Callable[[LineItem], str]) -> exp.Expr:
        """`part` for the row of a pod or task, and what the table says for all others."""
        other = by_type(self._native, lambda item: self._amounts[amount(item)])
        if not self._native.has(PARENT):
            return other
        return expression(
            "SELECT CASE WHEN _parent IS NOT NULL THEN coalesce(_part, _none) ELSE _other END",
            _parent=self._native.text(PARENT),
            _part=part,
            _none=self._amounts["nothing"],
            _other=other,
        )

    def _billed(self, unblended: exp.Expr) -> exp.Expr:
        if not self._native.has("line_item_net_unblended_cost"):
            return unblended
        return expression(
            """
            SELECT CASE WHEN _net IS NOT NULL THEN _net WHEN _discount THEN _none
                        ELSE _gross END
            """,
            _net=self._native.amount("line_item_net_unblended_cost"),
            _discount=exp.In(
                this=self._native.text(TYPE), expressions=[literal(name) for name in DISCOUNTS]
            ),
            _none=expression("SELECT CAST(0 AS DECIMAL(38, 18))"),
            _gross=unblended,
        )

    def _net(self, name: str) -> exp.Expr:
        """A column after private discounts where the file tells it, else before them."""
        gross = self._native.amount(name.format(""))
        if not self._native.has(name.format("net_")):
            return gross
        return _first(self._native.amount(name.format("net_")), gross)


def _first(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    return expression("SELECT coalesce(_one, _other)", _one=one, _other=other)
