"""Lines of a budget: from the model, from a file, or from an amount for the year, phased."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from apportion.domain.budget import BudgetLine, BudgetOwner, BudgetOwnerKind
from apportion.domain.money import (
    AmountFault,
    minor_digits,
    parse_amount,
    places,
    plain_text,
    to_units,
)
from apportion.domain.period import Period
from apportion.domain.phase import even, percentages, phase, year_from
from apportion.errors import NotLoaded, UsageError
from apportion.insight.budget_actuals import actuals_of
from apportion.model.project import Model
from apportion.run.open_project import OpenProject


def months_of(name: str, first: str = "") -> tuple[Period, ...]:
    """The twelve months of a budget: from a month that is named, else those of its name's year.

    >>> months_of("2027")[0], months_of("FY27", "2026-07")[-1]
    (Period('2027-01'), Period('2027-06'))
    """
    if first:
        return year_from(Period.parse(first))
    if len(name) >= 4 and name[:4].isdecimal() and name[:4].isascii():
        return year_from(Period.parse(f"{name[:4]}-01"))
    raise UsageError(f"budget {name!r} names no year", hint="say its first month: --from 2026-07")


def from_model(model: Model, months: Sequence[Period], currency: str) -> tuple[BudgetLine, ...]:
    """What the model's budgets give each team in each month, in one currency.

    Raises UsageError where a budget is in another currency, or has parts of a minor unit.
    """
    return tuple(_of_model(model, months, currency))


def _of_model(model: Model, months: Sequence[Period], currency: str) -> Iterator[BudgetLine]:
    for budget in model.budgets:
        owner = BudgetOwner(BudgetOwnerKind.TEAM, budget.team)
        for month in months:
            if budget.valid.covers(month.start):
                if budget.currency != currency:
                    raise UsageError(
                        f"the budget of {budget.team} is in {budget.currency}, not in {currency}",
                        hint="a version has one currency: import those of another by themselves",
                    )
                yield BudgetLine(owner, month, whole_units(budget.amount, currency))


def whole_units(amount: Decimal, currency: str) -> int:
    """An amount in minor units; raises UsageError where it has parts of one.

    >>> whole_units(Decimal("12.5"), "USD")
    1250
    """
    digits = minor_digits(currency)
    if places(amount) > digits:
        raise UsageError(
            f"{plain_text(amount)} {currency} has parts of a minor unit",
            hint=f"a budget in {currency} has {digits} decimal places at most",
        )
    return to_units(Fraction(amount), digits)


def read_units(text: str, currency: str) -> int:
    """An amount as somebody typed it, in minor units; raises UsageError.

    >>> read_units("1200.50", "USD")
    120050
    """
    try:
        return whole_units(parse_amount(text), currency)
    except AmountFault as fault:
        raise UsageError(
            f"{text!r} is no amount", why=str(fault), hint="write it as 1200.50"
        ) from None


def phased(
    project: OpenProject, owner: BudgetOwner, units: int, months: Sequence[Period], by: str
) -> tuple[BudgetLine, ...]:
    """An amount for the year over its months: ``even``, ``last-year``, or percentages.

    Last year's shape is what the owner really carried in the same months of the year before.
    Raises NotLoaded where one of them has no run.
    """
    if by == "even":
        weights = even(months)
    elif by == "last-year":
        weights = _last_year(project, owner, months)
    else:
        weights = percentages(by)
    return tuple(BudgetLine(owner, m, part) for m, part in phase(units, months, weights).items())


def _last_year(
    project: OpenProject, owner: BudgetOwner, months: Sequence[Period]
) -> list[Fraction]:
    weights = []
    for month in months:
        before = Period(month.year - 1, month.month)
        if project.books.run(before, ()) is None:
            raise NotLoaded(
                f"last year's shape needs a run of {before}",
                hint=f"`apportion run --period {before}`, or phase evenly",
            )
        spent = actuals_of(project, before, project.settings.currency).get(owner, 0)
        weights.append(Fraction(max(spent, 0)))
    return weights


def replaced(held: Sequence[BudgetLine], made: Sequence[BudgetLine]) -> tuple[BudgetLine, ...]:
    """A version's lines with those of the owners that were phased anew."""
    anew = {(line.owner, line.allowance) for line in made}
    return (*(one for one in held if (one.owner, one.allowance) not in anew), *made)
