"""Rows of discounts that cost something net, beside usage that is net of discounts already.

AWS tells a private discount in rows of its own or within the net cost of the
usage. A report in which both carry money may take one discount off twice; which
of the two is meant, only the invoice says.
"""

from __future__ import annotations

from sqlglot import exp

from apportion.domain.charge import Kind
from apportion.domain.finding import Level
from apportion.sources.aws.line_items import DISCOUNTS
from apportion.sources.aws.native import NativeColumns
from apportion.sources.departure import Departure
from apportion.sources.expression import expression
from apportion.sources.reading import ReadColumn
from apportion.store.relation import column
from apportion.store.relation import text as literal

GROSS = "x_UnblendedCost"
"""Column of the charges: what a row costs before private discounts, where net columns are."""

_USAGE = ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage")


def before_discounts(native: NativeColumns) -> ReadColumn | None:
    """The gross cost of a row; None where the report has no net cost, which is billed then."""
    if not native.has("line_item_net_unblended_cost"):
        return None
    name = "line_item_unblended_cost"
    return ReadColumn(GROSS, Kind.DECIMAL, native.amount(name), native.written(name))


def discounted_twice() -> Departure:
    """What is told of discounts' rows, unless no usage of the file is net of a discount."""
    lowered = expression(
        """
        SELECT coalesce(bool_or(_used AND BilledCost <> x_UnblendedCost), FALSE)
               OR NOT coalesce(bool_or(_used), FALSE)
        """,
        _used=_is_among(_USAGE),
    )
    return Departure(
        code="discount-twice",
        level=Level.WARNING,
        message="{rows:,} rows of private discounts cost {amount} net, beside usage whose net cost "
        "is after discounts: one discount may be taken off twice",
        hint="hold the month against its invoice (`control`); if it is short by this amount, ask "
        "AWS how the report tells the discount",
        name="BilledCost",
        condition=expression(
            "SELECT _discount AND BilledCost <> 0", _discount=_is_among(DISCOUNTS)
        ),
        given=lowered,
    )


def _is_among(types: tuple[str, ...]) -> exp.Expr:
    among = exp.In(this=column("x_LineItemType"), expressions=[literal(one) for one in types])
    return expression("SELECT coalesce(_among, FALSE)", _among=exp.paren(among))
