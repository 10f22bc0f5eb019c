"""What a FOCUS export writes in each column, and what stands in where the bill said nothing.

FOCUS lets no row be without some columns that real bills lack. Each stand-in
is stated here and counted in the export's findings; money is never made up: a
cost that a bill doesn't carry is written as the nearest cost that it does carry.

Source: FOCUS specification 1.2, 1.3 and 1.4, CostAndUsage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlglot import exp

from apportion.domain.charge import FOCUS_COLUMNS, Column, Kind
from apportion.sources.allowed_values import ALLOWED_VALUES
from apportion.sources.expression import expression
from apportion.store.relation import column, text

VERSIONS = ("1.2", "1.3", "1.4")
"""Versions that can be written."""


class StandIn(NamedTuple):
    """A value over the columns of the bill, and how people are told of it."""

    sql: str
    words: str


STAND_INS: Mapping[str, StandIn] = {
    # Costs: the nearest that the bill carries.
    "BilledCost": StandIn("EffectiveCost", "the effective cost"),
    "EffectiveCost": StandIn("BilledCost", "the billed cost"),
    "ContractedCost": StandIn(
        "coalesce(EffectiveCost, BilledCost)", "the effective cost, else the billed one"
    ),
    "ListCost": StandIn(
        "coalesce(ContractedCost, EffectiveCost, BilledCost)",
        "the contracted cost, else the effective, else the billed one",
    ),
    "PricingCurrency": StandIn("BillingCurrency", "the billing currency"),
    "PricingCurrencyEffectiveCost": StandIn(
        "CASE WHEN coalesce(PricingCurrency, BillingCurrency) = BillingCurrency"
        " THEN coalesce(EffectiveCost, BilledCost) END",
        "the effective cost, which is in the same currency",
    ),
    # Time: a billing period is a month, and a charge without an end lasts its day.
    "BillingPeriodEnd": StandIn(
        "date_trunc('month', BillingPeriodStart) + INTERVAL 1 MONTH", "the end of the month"
    ),
    "ChargePeriodEnd": StandIn(
        "date_trunc('day', ChargePeriodStart) + INTERVAL 1 DAY", "the end of the charge's day"
    ),
    # Who: the seller of a Marketplace product is its publisher, its host the cloud.
    "ProviderName": StandIn(
        "coalesce(HostProviderName, ServiceProviderName, InvoiceIssuerName, _unknown)",
        "the host, else the service provider, else the issuer of the invoice",
    ),
    "PublisherName": StandIn(
        "coalesce(ServiceProviderName, ProviderName, InvoiceIssuerName, _unknown)",
        "the service provider, else the provider, else the issuer of the invoice",
    ),
    "ServiceProviderName": StandIn(
        "coalesce(CASE WHEN PublisherName NOT IN (coalesce(ProviderName, ''),"
        " coalesce(InvoiceIssuerName, '')) THEN PublisherName END,"
        " ProviderName, PublisherName, InvoiceIssuerName, _unknown)",
        "the publisher where another sells the product, else the provider",
    ),
    "HostProviderName": StandIn(
        "coalesce(ProviderName, ServiceProviderName)", "the provider, which is the cloud"
    ),
    "InvoiceIssuerName": StandIn(
        "coalesce(ProviderName, HostProviderName, ServiceProviderName, _unknown)", "the provider"
    ),
    "BillingAccountId": StandIn("coalesce(SubAccountId, _unknown)", "the sub account"),
    "BillingAccountType": StandIn("'Billing Account'", "Billing Account"),
    "SubAccountType": StandIn(
        "CASE WHEN SubAccountId IS NOT NULL THEN 'Sub Account' END", "Sub Account"
    ),
    "BillingAccountName": StandIn("BillingAccountId", "the account's id"),
    # Where and what: a name for whatever has an id.
    "RegionName": StandIn("RegionId", "the region's id"),
    "ResourceType": StandIn("CASE WHEN ResourceId IS NOT NULL THEN _unknown END", "Unknown"),
    # Categories that FOCUS closes.
    "ChargeCategory": StandIn("'Usage'", "Usage"),
    "ChargeFrequency": StandIn(
        "CASE WHEN coalesce(ChargeCategory, 'Usage') = 'Usage'"
        " THEN 'Usage-Based' ELSE 'One-Time' END",
        "Usage-Based for usage, else One-Time",
    ),
    "ServiceName": StandIn(
        "coalesce(ServiceSubcategory, ServiceCategory, _unknown)", "the service's category"
    ),
    "ServiceCategory": StandIn("'Other'", "Other"),
    "ServiceSubcategory": StandIn("'Other (' || _category || ')'", "Other, of its category"),
}
"""What is written where a row has nothing in a column that FOCUS allows."""

UNKNOWN = "Unknown"


ONLY_WHERE: Mapping[str, str] = {
    "PricingUnit": "PricingQuantity IS NOT NULL",
    "RegionName": "RegionId IS NOT NULL",
    "ResourceType": "ResourceId IS NOT NULL",
    "ConsumedQuantity": "ChargeCategory = 'Usage' AND coalesce(CommitmentDiscountStatus, '')"
    " <> 'Unused'",
    "ConsumedUnit": "ChargeCategory = 'Usage' AND coalesce(CommitmentDiscountStatus, '')"
    " <> 'Unused' AND ConsumedQuantity IS NOT NULL",
}
"""Columns that FOCUS wants empty elsewhere: a type without a resource, consumption of no usage."""


def columns_of(version: str) -> tuple[Column, ...]:
    """The columns of a version, in the order of their names."""
    return tuple(one for one in FOCUS_COLUMNS if one.known_in(version))


def written(name: str) -> exp.Expr:
    """The value of a column in an export, over the columns of a charge."""
    return exp.func("coalesce", own(name), stand_in(name)) if name in STAND_INS else own(name)


def stands_in(name: str) -> exp.Expr:
    """Whether a row's value is a stand-in: the bill has none that FOCUS allows."""
    return expression(
        "SELECT _own IS NULL AND _other IS NOT NULL", _own=own(name), _other=stand_in(name)
    )


def own(name: str) -> exp.Expr:
    """What the bill says, NULL where FOCUS doesn't allow it."""
    allowed = ALLOWED_VALUES.get(name)
    if where := ONLY_WHERE.get(name):
        there = expression(f"SELECT {where}")
        return expression("SELECT CASE WHEN _it THEN _v END", _it=there, _v=column(name))
    if name == "BillingPeriodStart":
        return expression("SELECT CAST(date_trunc('month', BillingPeriodStart) AS TIMESTAMP)")
    if allowed is None:
        return column(name)
    known = exp.In(this=column(name), expressions=[text(value) for value in allowed])
    return expression("SELECT CASE WHEN _known THEN _value END", _known=known, _value=column(name))


def stand_in(name: str) -> exp.Expr:
    """What is written where the bill says nothing."""
    category = exp.func("coalesce", own("ServiceCategory"), text("Other"))
    query = f"SELECT {STAND_INS[name].sql}"
    return expression(query, _unknown=text(UNKNOWN), _category=category)


def as_text(one: Column, value: exp.Expr) -> exp.Expr:
    """A value in the spelling that FOCUS gives it in a CSV.

    Times are in UTC with a Z, amounts have neither exponent nor needless zeros.
    """
    if one.kind is Kind.TIME:
        return expression("SELECT strftime(_value, '%Y-%m-%dT%H:%M:%SZ')", _value=value)
    if one.kind is Kind.DECIMAL:
        return expression(
            r"SELECT regexp_replace(CAST(_value AS VARCHAR), '\.?0+$', '')", _value=value
        )
    return value


def typed_null(one: Column) -> exp.Expr:
    """NULL of a column's type, for a bill that doesn't have it."""
    kinds = {Kind.DECIMAL: "DECIMAL(38, 18)", Kind.TIME: "TIMESTAMP"}
    return exp.cast(exp.null(), kinds.get(one.kind, "VARCHAR"))


def custom_name(name: str, taken: Sequence[str]) -> str:
    """A column that FOCUS doesn't know, under a name that it allows: it must begin with x_.

    >>> custom_name("Id", ()), custom_name("x_Team", ())
    ('x_Id', 'x_Team')
    """
    made = name if name.startswith("x_") else f"x_{name}"
    while made.lower() in {other.lower() for other in taken}:
        made += "_"
    return made
