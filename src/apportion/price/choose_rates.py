"""Which rate converts the charges of each source, by the project's settings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period, Span
from apportion.domain.rate import Quote, Rate, RateType
from apportion.model.project import Project
from apportion.model.rates import RateRow, RateSpec
from apportion.model.read_rates import read_rate_table
from apportion.price.ecb import days_before, ecb_rates
from apportion.price.rate_table import Found, RateTable

Wanted = tuple[str, str]
"""A source and a currency in which it has charges; budgets have an empty source."""


class RateDesk:
    """The rates of a project, opened for one period.

    Raises ConfigurationError where the project's own table has a fault, or
    where the ECB's rates are asked for and aren't installed.
    """

    def __init__(self, project: Project, spec: RateSpec, currencies: Iterable[str]) -> None:
        self._project = project
        self._spec = spec
        self._own = read_rate_table(project)
        self._invoices = RateTable(self._own, last_known=0)
        self._currencies = frozenset((*currencies, project.currency))

    def type_of(self, source: str, currency: str, period: Period) -> RateType:
        """The type of rate that converts a source: the invoice's own wins where it is given.

        A budget has no day and no invoice: the average stands in for both.
        """
        if not source:
            closing = self._spec.type is RateType.CLOSING
            return RateType.CLOSING if closing else RateType.MONTH_AVERAGE
        if self._invoices.invoice(source, currency, self._project.currency, period):
            return RateType.INVOICE
        known = self._project.sources.get(source)
        return (known and known.rate_type) or self._spec.type

    def choose(self, period: Period, wanted: Mapping[Wanted, Collection[date]]) -> tuple[Rate, ...]:
        """A rate for each source and currency; `wanted` has the days of those that go by days.

        Where there is no rate, the answer says so: nothing stands in for it.
        """
        days = [day for held in wanted.values() for day in held]
        first, last = min([period.start, *days]), max([period.until - timedelta(days=1), *days])
        table = self._table(Span(first, last + timedelta(days=1)))
        return tuple(
            self._rate(table, source, currency, period, sorted(held))
            for (source, currency), held in sorted(wanted.items())
        )

    def _table(self, span: Span) -> RateTable:
        ecb: Iterable[RateRow] = self._spec.held or ()
        if self._spec.ecb and self._spec.held is None:
            reach = days_before(span, self._spec.last_known)
            ecb = ecb_rates(self._currencies, reach, self._spec.place)
        return RateTable(self._own, ecb, last_known=self._spec.last_known)

    def _rate(
        self, table: RateTable, source: str, currency: str, period: Period, days: list[date]
    ) -> Rate:
        into = self._project.currency
        kind = self.type_of(source, currency, period)
        if kind is RateType.DAILY:
            return _daily(table, source, currency, into, days)
        found = {
            RateType.INVOICE: lambda: table.invoice(source, currency, into, period),
            RateType.MONTH_AVERAGE: lambda: table.average(currency, into, period),
            RateType.CLOSING: lambda: table.closing(currency, into, period),
        }[kind]()
        if found is None:
            what = f"no {kind} rate from {currency} to {into} for {period}"
            return Rate(source, currency, into, kind, None, missing=what)
        return Rate(source, currency, into, kind, found.value, found.quotes)


def _daily(table: RateTable, source: str, currency: str, into: str, days: list[date]) -> Rate:
    found = {day: table.on(currency, into, day) for day in days}
    quotes = tuple(_of_the_day(day, currency, into, rate) for day, rate in found.items() if rate)
    lacking = [str(day) for day, rate in found.items() if rate is None]
    if lacking:
        more = f" and {len(lacking) - 1} more days" if len(lacking) > 1 else ""
        what = f"no daily rate from {currency} to {into} for {lacking[0]}{more}"
        return Rate(source, currency, into, RateType.DAILY, None, missing=what)
    return Rate(source, currency, into, RateType.DAILY, None, quotes)


def _of_the_day(day: date, currency: str, into: str, found: Found) -> Quote:
    """One rate of a day, however many were joined to get it; it is as old as the oldest."""
    quoted = min(quote.quoted for quote in found.quotes)
    origin = ", ".join(dict.fromkeys(quote.origin for quote in found.quotes))
    return Quote(day, currency, into, found.value, quoted, origin)


def missing_rates(rates: Iterable[Rate], spec: RateSpec) -> Iterable[Finding]:
    """A finding for each rate that isn't there: its charges stay in their own currency."""
    for rate in rates:
        if rate.missing:
            so = f"source {rate.source} stays in {rate.currency}, and {rate.into} is incomplete"
            if not rate.source:
                so = f"budgets in {rate.currency} aren't shown beside totals in {rate.into}"
            yield Finding(
                "rate-missing",
                Level.WARNING,
                f"{rate.missing}: {so}",
                spec.place,
                "add the rate to your table, or install newer ECB rates, and run again",
            )
