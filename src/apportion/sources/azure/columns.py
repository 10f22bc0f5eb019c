"""The columns of Azure's exports: one name for each, whatever account and language spell it.

EA, MCA and pay-as-you-go name the same thing differently; the portal translates
headers and puts the English name in brackets; case varies everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from apportion.errors import Place, SourceError
from apportion.sources.columns import refuse_doubles
from apportion.sources.head import Head

SPELLINGS: Mapping[str, str] = {
    "AccountName": "accountname",
    "AccountOwnerId": "accountownerid",
    "AdditionalInfo": "additionalinfo",
    "AvailabilityZone": "availabilityzone",
    "BenefitId": "benefitid",
    "BenefitName": "benefitname",
    "BillingAccountId": "billingaccountid enrollmentnumber",
    "BillingAccountName": "billingaccountname",
    "BillingCurrency": "billingcurrency billingcurrencycode currency currencycode",
    "BillingPeriodEnd": "billingperiodenddate billingperiodend",
    "BillingPeriodStart": "billingperiodstartdate billingperiodstart",
    "BillingProfileId": "billingprofileid",
    "BillingProfileName": "billingprofilename",
    "ChargeType": "chargetype",
    "ConsumedService": "consumedservice",
    "Cost": "costinbillingcurrency cost pretaxcost extendedcost",
    "CostAllocationRuleName": "costallocationrulename",
    "CostCenter": "costcenter",
    "CostInPricingCurrency": "costinpricingcurrency",
    "CostInUsd": "costinusd",
    "Date": "date usagedatetime usagedate",
    "EffectivePrice": "effectiveprice resourcerate",
    "ExchangeRateDate": "exchangeratedate",
    "ExchangeRatePricingToBilling": "exchangeratepricingtobilling exchangerate",
    "Frequency": "frequency",
    "InvoiceId": "invoiceid",
    "InvoiceSection": "invoicesectionname invoicesection",
    "InvoiceSectionId": "invoicesectionid",
    "MeterCategory": "metercategory",
    "MeterId": "meterid",
    "MeterName": "metername",
    "MeterRegion": "meterregion",
    "MeterSubCategory": "metersubcategory",
    "OfferId": "offerid",
    "PartNumber": "partnumber",
    "PayGPrice": "paygprice",
    "PaygCostInBillingCurrency": "paygcostinbillingcurrency",
    "PaygCostInUsd": "paygcostinusd",
    "PlanName": "planname",
    "PreviousInvoiceId": "previousinvoiceid",
    "PricingCurrency": "pricingcurrency pricingcurrencycode",
    "PricingModel": "pricingmodel",
    "Product": "productname product",
    "ProductId": "productid",
    "ProductOrderId": "productorderid",
    "ProductOrderName": "productordername",
    "PublisherName": "publishername",
    "PublisherType": "publishertype",
    "Quantity": "quantity usagequantity consumedquantity",
    "ResellerName": "resellername",
    "ReservationId": "reservationid",
    "ReservationName": "reservationname",
    "ResourceGroup": "resourcegroupname resourcegroup",
    "ResourceId": "resourceid instanceid",
    "ResourceLocation": "resourcelocation location",
    "ResourceName": "resourcename",
    "ResourceType": "resourcetype",
    "ServiceFamily": "servicefamily",
    "ServiceInfo1": "serviceinfo1",
    "ServiceInfo2": "serviceinfo2",
    "SubscriptionId": "subscriptionid subscriptionguid",
    "SubscriptionName": "subscriptionname",
    "Tags": "tags",
    "Term": "term",
    "UnitOfMeasure": "unitofmeasure",
    "UnitPrice": "unitprice",
}
"""Azure's columns and how exports spell them, in lower case; of several the first that is there."""

_NEEDED = {
    "Cost": "it is the money",
    "BillingCurrency": "an amount without a currency is no money",
    "Date": "it says on which day a charge arose",
}

_BRACKETED = re.compile(r".*\((\w+)\)", re.DOTALL)
_NO_LETTERS = re.compile(r"[^0-9A-Za-z_]+")


@dataclass(frozen=True)
class Columns:
    """The columns of one export: Azure's by their one name, and the others by what they become.

    Both lead to the name that the file has.
    """

    known: Mapping[str, str]
    others: Mapping[str, str]


def match_azure(head: Head) -> Columns:
    """Recognise the columns of an export.

    Raises SourceError where a column comes twice, or the cost, its currency or
    its day is missing.
    """
    refuse_doubles(head.names, head.names, head.file)
    by_spelling: dict[str, str] = {}
    for written in head.names:
        by_spelling.setdefault(_spelling(written), written)
    known: dict[str, str] = {}
    for name, spellings in SPELLINGS.items():
        there = [by_spelling[one] for one in spellings.split() if one in by_spelling]
        if there:
            known[name] = there[0]
    _refuse_missing(known, head, focus="billedcost" in by_spelling)
    return Columns(known, _others(head, set(known.values())))


def _spelling(written: str) -> str:
    return re.sub(r"[\s_]", "", english(written)).lower()


def english(written: str) -> str:
    """The English name of a column, which translated headers have in brackets.

    >>> english("Ressourcengruppe (ResourceGroup)"), english("Cost")
    ('ResourceGroup', 'Cost')
    """
    found = _BRACKETED.fullmatch(written.strip())
    return found[1] if found else written.strip()


def _others(head: Head, known: set[str]) -> dict[str, str]:
    others: dict[str, str] = {}
    for number, written in enumerate(head.names, start=1):
        if written not in known:
            name = _NO_LETTERS.sub("", english(written)) or f"Column{number}"
            name = f"x_{name[0].upper()}{name[1:]}"
            taken = {one.lower() for one in others} | {f"x_{one}".lower() for one in SPELLINGS}
            others[f"{name}{number}" if name.lower() in taken else name] = written
    return others


def _refuse_missing(known: Mapping[str, str], head: Head, *, focus: bool) -> None:
    lacking = [name for name in _NEEDED if name not in known]
    if not lacking:
        return
    accepted = "; ".join(
        f"{name} is spelt {SPELLINGS[name].replace(' ', ', ')}" for name in lacking
    )
    raise SourceError(
        f"no Cost Management export: no column for {', '.join(lacking)}",
        place=Place(head.file, 1),
        why="; ".join(f"{name}: {_NEEDED[name]}" for name in lacking),
        hint="this is a FOCUS export: declare `format: focus`"
        if focus
        else f"in any case, or in brackets after a translated name: {accepted}",
    )
