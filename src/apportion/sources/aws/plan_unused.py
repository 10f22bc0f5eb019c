"""What of a savings plan nobody used, after private discounts.

The report has no net column for it. The plan's fee tells what the discount is:
its commitment after and before discounts, or where the report lacks these, what
the fee row itself costs net and gross. What neither tells stays before
discounts, and people are told how much that is.

Source: AWS Data Exports user guide, "Savings Plans columns", "Line item columns".
"""

from __future__ import annotations

from sqlglot import exp

from apportion.domain.charge import Kind
from apportion.domain.finding import Level
from apportion.sources.aws.arithmetic import added, in_proportion, subtracted
from apportion.sources.aws.native import NativeColumns
from apportion.sources.departure import Departure
from apportion.sources.expression import expression
from apportion.sources.reading import ReadColumn
from apportion.store.relation import text as literal

FEE = "SavingsPlanRecurringFee"

LEFT_GROSS = "x_UnusedBeforeDiscounts"
"""Column of the charges: an unused part of a savings plan that no discount could be taken off."""

_COMMITMENT = (
    "recurring_commitment_for_billing_period",
    "amortized_upfront_commitment_for_billing_period",
)


def unused_after_discounts(native: NativeColumns) -> exp.Expr:
    """What was committed and not used, reduced as the plan's fee is.

    Here something is divided: the result is cut after nine places, which is
    more than AWS writes.
    """
    scaled = _unused(native)
    for net, gross in reversed(_proportions(native)):
        scaled = expression(
            "SELECT CASE WHEN _told THEN _scaled ELSE _other END",
            _told=_tells(net, gross),
            _scaled=in_proportion(_unused(native), net, gross),
            _other=scaled,
        )
    return scaled


def left_gross(native: NativeColumns) -> ReadColumn | None:
    """What stays before discounts, though the report has net columns; None where it has none."""
    proportions = _proportions(native)
    if not proportions or not native.has("savings_plan_total_commitment_to_date"):
        return None
    untold = exp.and_(*(exp.not_(exp.paren(_tells(*pair))) for pair in proportions))
    value = expression(
        "SELECT CASE WHEN _type = _fee AND _unused <> 0 AND _untold THEN _unused END",
        _type=native.text("line_item_line_item_type"),
        _fee=literal(FEE),
        _unused=_unused(native),
        _untold=untold,
    )
    return ReadColumn(LEFT_GROSS, Kind.DECIMAL, value)


def stays_gross() -> Departure:
    """What is told of rows that LEFT_GROSS holds an amount for."""
    return Departure(
        code="unused-before-discounts",
        level=Level.WARNING,
        message="what of savings plans nobody used is before private discounts in {rows:,} rows, "
        "{amount} in all: neither net commitments nor the fee's own net cost say the discount",
        hint="add savings_plan_net_recurring_commitment_for_billing_period and "
        "savings_plan_net_amortized_upfront_commitment_for_billing_period to the export",
        name=LEFT_GROSS,
        condition=expression("SELECT x_UnusedBeforeDiscounts IS NOT NULL"),
    )


def _unused(native: NativeColumns) -> exp.Expr:
    return subtracted(
        native.amount("savings_plan_total_commitment_to_date"),
        native.amount("savings_plan_used_commitment"),
    )


def _proportions(native: NativeColumns) -> list[tuple[exp.Expr, exp.Expr]]:
    """Pairs of a net and a gross amount of a fee row, the more telling first."""
    found = []
    if any(native.has(f"savings_plan_net_{name}") for name in _COMMITMENT):
        found.append((_commitment(native, "net_"), _commitment(native, "")))
    if native.has("line_item_net_unblended_cost"):
        net, gross = (f"line_item_{kind}unblended_cost" for kind in ("net_", ""))
        found.append((native.amount(net), native.amount(gross)))
    return found


def _commitment(native: NativeColumns, kind: str) -> exp.Expr:
    recurring, upfront = (native.amount(f"savings_plan_{kind}{name}") for name in _COMMITMENT)
    return added(recurring, upfront)


def _tells(net: exp.Expr, gross: exp.Expr) -> exp.Expr:
    return expression(
        "SELECT _net IS NOT NULL AND coalesce(_gross, 0) <> 0", _net=net, _gross=gross
    )
