"""One month's bill of the cloud, as FOCUS 1.2 rows, and the invoice that goes with it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from apportion.demo.catalogue import Resource
from apportion.demo.charge_rows import Row, usage_rows
from apportion.demo.commitments import price, unused_of
from apportion.demo.company import Account
from apportion.demo.fees import fee_rows, rounding_row
from apportion.demo.meter import metered
from apportion.domain.period import Period

_SLICES = (1, 2, 3, 4, 6, 8, 12, 24)
"""Into how many equal parts a day can be cut at full hours."""


@dataclass(frozen=True)
class Bill:
    """A month's rows and the total of its invoice, to which their billed cost sums exactly."""

    period: Period
    rows: tuple[Row, ...]
    invoice: Decimal


def bill(
    all_resources: tuple[Resource, ...], period: Period, seed: int, at_least: int | None = None
) -> Bill:
    """Write a month's bill. It depends on the period and the seed alone.

    A larger bill (`at_least` so many rows, up to 24 times the usual) has the
    same totals: days are cut into hours.

    >>> from apportion.demo.catalogue import resources
    >>> bill(resources(1), Period(2026, 10), 1).invoice.as_tuple().exponent
    -2
    """
    used = list(price(metered(all_resources, period, seed), period))
    slices = next((n for n in _SLICES if n * len(used) >= (at_least or 0)), _SLICES[-1])
    accounts = {resource.account.id: resource.account for resource in all_resources}
    by_account: defaultdict[Account, Decimal] = defaultdict(Decimal)
    rows: list[Row] = []
    for row, billed in usage_rows(period, used, slices):
        rows.append(row)
        by_account[accounts[row["SubAccountId"]]] += billed
    by_name = {resource.name: resource for resource in all_resources if resource.name}
    fees = list(fee_rows(period, unused_of(used, period), by_account, by_name))
    total = sum((Decimal(fee["BilledCost"]) for fee in fees), sum(by_account.values(), Decimal(0)))
    rounding = rounding_row(period, total)
    if rounding:
        fees.append(rounding)
        total += Decimal(rounding["BilledCost"])
    return Bill(period, (*rows, *fees), total.quantize(Decimal("0.01")))
