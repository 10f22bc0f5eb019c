"""The rates of a run, and its charges converted by them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from apportion.attribute import Attribution
from apportion.attribute.by_day import by_day
from apportion.domain.finding import Finding
from apportion.domain.period import Period
from apportion.domain.rate import Rate, RateType
from apportion.domain.result import Attributed, TeamFacts
from apportion.price.choose_rates import RateDesk, Wanted, missing_rates
from apportion.price.convert import Days, convert
from apportion.run.workspace import Charges, Workspace


@dataclass(frozen=True)
class Conversion:
    """Attributed charges with their amounts in `currency`; that is empty where rates aren't set."""

    attributed: tuple[Attributed, ...]
    currency: str = ""
    rates: tuple[Rate, ...] = ()
    findings: tuple[Finding, ...] = ()


def convert_run(
    workspace: Workspace,
    charges: Charges,
    attribution: Attribution,
    period: Period,
    teams: Iterable[TeamFacts],
) -> Conversion:
    """Convert what was attributed into the reporting currency, where the project sets rates.

    Budgets in other currencies get a rate too. Days are read only for sources
    that a daily rate converts. Raises ConfigurationError for a rate table with
    faults.
    """
    project = workspace.project
    if project.rates is None:
        return Conversion(attribution.summary)
    foreign = {
        (part.source, part.currency)
        for part in attribution.summary
        if part.currency != project.currency
    }
    budgets = {
        ("", facts.budget_currency)
        for facts in teams
        if facts.budget_currency not in {"", project.currency}
    }
    desk = RateDesk(project, project.rates, (currency for _, currency in foreign | budgets))
    daily = {
        (source, currency)
        for source, currency in foreign
        if desk.type_of(source, currency, period) is RateType.DAILY
    }
    days: Days = {}
    if daily:
        days = by_day(
            workspace.engine,
            {source for source, _ in daily},
            attributed=attribution.relation,
            daily=charges.daily,
            keys=charges.keys,
        )
    rates = desk.choose(period, _wanted(foreign | budgets, daily, days))
    return Conversion(
        convert(attribution.summary, rates, days),
        project.currency,
        rates,
        tuple(missing_rates(rates, project.rates)),
    )


def _wanted(all_of_them: set[Wanted], daily: set[Wanted], days: Days) -> dict[Wanted, set[date]]:
    """What needs a rate, and for which days where it goes by the day."""
    charged: dict[Wanted, set[date]] = defaultdict(set)
    for (source, currency, *_), parts in days.items():
        charged[source, currency].update(day for day, _ in parts)
    return {wanted: charged[wanted] if wanted in daily else set() for wanted in all_of_them}
