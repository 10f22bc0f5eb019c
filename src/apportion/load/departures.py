"""What bills do that the specification doesn't say, as conditions over their rows.

None of it keeps a row out: its money, currency and month can be read.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from apportion.domain.charge import Kind
from apportion.domain.finding import Level
from apportion.load.faults import PROVEN_COSTS
from apportion.sources.allowed_values import ALLOWED_VALUES, NEVER_EMPTY
from apportion.sources.amount import unreadable
from apportion.sources.departure import Departure
from apportion.sources.expression import expression
from apportion.sources.reading import Reading
from apportion.store.relation import column
from apportion.store.relation import text as literal

QUANTITY_UNREADABLE = "quantity-unreadable"


def departures(reading: Reading) -> Iterator[Departure]:
    """All that is asked of the rows of a file, in view of the columns it has."""
    names = {column.name for column in reading.columns}
    yield from (_unreadable_quantity(name) for name in reading.quantities)
    yield from (_empty_cost(name) for name in reading.bases if name not in PROVEN_COSTS)
    if "BillingPeriodStart" in names:
        yield _not_first()
        yield _no_such_month()
    if {"BillingPeriodStart", "ChargePeriodStart"} <= names:
        yield _far_from_month()
    ends = [name for name in reading.of_kind(Kind.TIME) if name.endswith("End")]
    yield from (_no_end(name) for name in ends)
    yield from (_not_allowed(*closed) for closed in ALLOWED_VALUES.items() if closed[0] in names)
    yield from (_empty_value(name) for name in NEVER_EMPTY if name in names)
    if "ChargeClass" in names:
        yield _corrects()
    if {"ChargeCategory", "EffectiveCost"} <= names and "EffectiveCost" in reading.bases:
        yield _not_effective()
    yield from (_not_known(*known) for known in reading.known.items())
    yield from reading.departures


def _unreadable_quantity(name: str) -> Departure:
    return Departure(
        code=QUANTITY_UNREADABLE,
        level=Level.WARNING,
        message=f"{name} can't be read in {{rows:,}} rows and is left empty there",
        hint="the money of these rows is not touched; correct the export if rules or units need it",
        name=name,
        condition=expression("SELECT _v >= _mark", _v=column(name), _mark=unreadable()),
    )


def _empty_cost(name: str) -> Departure:
    return Departure(
        code="cost-empty",
        level=Level.NOTE,
        message=f"{name} is empty in {{rows:,}} rows and counts as 0 there",
        hint=f"it matters where {name} is shown or shared by",
        name=name,
        condition=_is_null(name),
    )


def _not_first() -> Departure:
    return Departure(
        code="period-not-month",
        level=Level.WARNING,
        message="BillingPeriodStart is not the first of a month in {rows:,} rows, say {value}: "
        "they count to the month it falls in",
        hint="billing periods are calendar months here; see that invoices are cut the same way",
        name="BillingPeriodStart",
        condition=expression(
            "SELECT BillingPeriodStart <> date_trunc('month', BillingPeriodStart)"
        ),
    )


def _no_such_month() -> Departure:
    return Departure(
        code="date-odd",
        level=Level.WARNING,
        message="BillingPeriodStart lies before 2000 or after 2099 in {rows:,} rows, say {value}: "
        "they count to the month that is written",
        hint="see whether the export writes a placeholder there; a month that isn't looked at "
        "hides its money",
        name="BillingPeriodStart",
        condition=expression("SELECT year(BillingPeriodStart) NOT BETWEEN 2000 AND 2099"),
    )


def _far_from_month() -> Departure:
    return Departure(
        code="date-odd",
        level=Level.WARNING,
        message="ChargePeriodStart lies more than a year from the billing period in {rows:,} rows, "
        "say {value}: they count to the month that they are billed in",
        hint="late usage is weeks late, a correction months; see whether the day is right, as "
        "rules and rates that are dated go by it",
        name="ChargePeriodStart",
        condition=expression(
            """
            SELECT date_diff('month', BillingPeriodStart, ChargePeriodStart) NOT BETWEEN -12 AND 12
            """
        ),
    )


def _no_end(name: str) -> Departure:
    return Departure(
        code="time-unreadable",
        level=Level.NOTE,
        message=f"{name} is empty or can't be read in {{rows:,}} rows",
        hint="nothing is computed from it; write it as 2026-10-01T00:00:00Z",
        name=name,
        condition=_is_null(name),
    )


def _not_allowed(name: str, allowed: tuple[str, ...]) -> Departure:
    known = exp.In(this=column(name), expressions=[literal(value) for value in allowed])
    return Departure(
        code="value-not-allowed",
        level=Level.NOTE,
        message=f"{name} has values that FOCUS doesn't know in {{rows:,}} rows, say {{value!r}}",
        hint=f"FOCUS allows {', '.join(allowed)}",
        name=name,
        condition=expression("SELECT NOT _known", _known=exp.paren(known)),
    )


def _not_known(name: str, known: tuple[str, ...]) -> Departure:
    value = expression("SELECT coalesce(_name, '')", _name=column(name))
    among = exp.In(this=value, expressions=[literal(one) for one in known])
    return Departure(
        code="value-not-known",
        level=Level.WARNING,
        message=f"{name} is one that apportion doesn't know in {{rows:,}} rows, say {{value!r}}: "
        "their money counts as it is billed",
        hint="see that this is how the provider means it, and please report the value",
        name=name,
        condition=expression("SELECT NOT _known", _known=exp.paren(among)),
    )


def _corrects() -> Departure:
    return Departure(
        code="charge-corrected",
        level=Level.NOTE,
        message="{rows:,} rows correct earlier ones; they are added, as what they change",
        hint="`apportion sources` shows their sum; hold the month against its invoice (`control`)",
        name="ChargeClass",
        condition=expression("SELECT ChargeClass = 'Correction'"),
    )


def _not_effective() -> Departure:
    return Departure(
        code="effective-cost-zero",
        level=Level.WARNING,
        message="EffectiveCost is 0 in {rows:,} rows of usage that is billed",
        hint="where the provider leaves it at 0, set `basis: BilledCost` for statements",
        name="EffectiveCost",
        condition=expression(
            "SELECT ChargeCategory = 'Usage' AND EffectiveCost = 0 AND BilledCost <> 0"
        ),
    )


def _empty_value(name: str) -> Departure:
    return Departure(
        code="value-missing",
        level=Level.NOTE,
        message=f"{name} is empty in {{rows:,}} rows",
        hint="FOCUS asks for it in every row; rules can't see what isn't there",
        name=name,
        condition=_is_null(name),
    )


def _is_null(name: str) -> exp.Expr:
    return expression("SELECT _value IS NULL", _value=column(name))
