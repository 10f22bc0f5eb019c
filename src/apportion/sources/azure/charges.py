"""An Azure row as a charge: what it is, who sold it, to whom, and what it was for."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from apportion.sources.azure.services import AZURE_CATEGORY, AZURE_SERVICE
from apportion.sources.azure.texts import Texts
from apportion.sources.expression import expression
from apportion.store.relation import text as literal

_CATEGORIES = {
    "usage": "Usage",
    "unusedreservation": "Usage",
    "unusedsavingsplan": "Usage",
    "purchase": "Purchase",
    "refund": "Credit",
    "credit": "Credit",
    "tax": "Tax",
    "roundingadjustment": "Adjustment",
    "adjustment": "Adjustment",
}
"""ChargeType to ChargeCategory. A type that isn't here stays as it is, and is reported."""

_FREQUENCIES = {"onetime": "One-Time", "recurring": "Recurring", "usagebased": "Usage-Based"}

_PRICING = {
    "ondemand": "Standard",
    "reservation": "Committed",
    "savingsplan": "Committed",
    "spot": "Dynamic",
}

_KINDS = {"reservation": "Reservation", "savingsplan": "Savings Plan"}
_UNITS_OF_COMMITMENT = {"reservation": "Usage", "savingsplan": "Spend"}


def text_columns(texts: Texts) -> Mapping[str, tuple[exp.Expr, str]]:
    """The FOCUS columns that are texts, each with Azure's column that it comes from."""
    kind = _commitment(texts)
    resource = texts.once("id of resource", resource_id(texts["ResourceId"]))
    resource_type = texts.once("type of resource", _type_of(texts, resource))
    service = texts.once("name of service", _service_name(texts, resource_type))
    return {
        "ProviderName": (literal("Microsoft"), ""),
        "PublisherName": (_or(texts["PublisherName"], "Microsoft"), "PublisherName"),
        "InvoiceIssuerName": (_or(texts["ResellerName"], "Microsoft"), "ResellerName"),
        "BillingAccountId": (texts.first("BillingAccountId", "SubscriptionId"), "BillingAccountId"),
        "BillingAccountName": (texts["BillingAccountName"], "BillingAccountName"),
        "BillingCurrency": (_upper(texts["BillingCurrency"]), "BillingCurrency"),
        "PricingCurrency": (_upper(texts["PricingCurrency"]), "PricingCurrency"),
        "InvoiceId": (texts["InvoiceId"], "InvoiceId"),
        "SubAccountId": (_lower(texts["SubscriptionId"]), "SubscriptionId"),
        "SubAccountName": (texts["SubscriptionName"], "SubscriptionName"),
        "ChargeCategory": (
            _or(_mapped(texts["ChargeType"], _CATEGORIES, texts["ChargeType"]), "Usage"),
            "ChargeType",
        ),
        "ChargeClass": (_charge_class(texts), "PreviousInvoiceId"),
        "ChargeDescription": (texts.first("Product", "MeterName"), "Product"),
        "ChargeFrequency": (
            _mapped(texts["Frequency"], _FREQUENCIES, texts["Frequency"]),
            "Frequency",
        ),
        "PricingCategory": (_pricing_category(texts), "PricingModel"),
        "CommitmentDiscountId": (
            _if_there(kind, resource_id(texts.first("BenefitId", "ReservationId"))),
            "BenefitId",
        ),
        "CommitmentDiscountName": (
            _if_there(kind, texts.first("BenefitName", "ReservationName")),
            "BenefitName",
        ),
        "CommitmentDiscountType": (_mapped(kind, _KINDS), "PricingModel"),
        "CommitmentDiscountCategory": (_mapped(kind, _UNITS_OF_COMMITMENT), "PricingModel"),
        "CommitmentDiscountStatus": (_commitment_status(texts, kind), "ChargeType"),
        "ServiceName": (service, "ConsumedService"),
        "ServiceCategory": (_called(AZURE_CATEGORY, service), "ConsumedService"),
        "RegionId": (_region(texts), "ResourceLocation"),
        "RegionName": (texts["ResourceLocation"], "ResourceLocation"),
        "AvailabilityZone": (texts["AvailabilityZone"], "AvailabilityZone"),
        "ResourceId": (resource, "ResourceId"),
        "ResourceName": (_resource_name(texts, resource), "ResourceName"),
        "ResourceType": (resource_type, "ResourceId"),
        "SkuId": (texts.first("ProductId", "MeterId"), "MeterId"),
        "SkuPriceId": (texts["PartNumber"], "PartNumber"),
        "SkuMeter": (texts["MeterName"], "MeterName"),
    }


def resource_id(text: exp.Expr) -> exp.Expr:
    """The one form of a resource's id: Azure compares them without case, and so do rules here.

    Lower case, with a slash before paths and none after. (The engine is slow to
    trim the end of a text, and few have one there.)
    """
    return expression(
        """
        SELECT nullif(CASE WHEN ends_with(_text, '/') THEN '/' || trim(lower(_text), '/')
                           WHEN contains(_text, '/') THEN '/' || ltrim(lower(_text), '/')
                           ELSE lower(_text) END, '/')
        """,
        _text=text,
    )


def in_braces(text: exp.Expr) -> exp.Expr:
    """Tags and additional information as a JSON object: EA exports leave the braces away."""
    return expression(
        """
        SELECT CASE WHEN regexp_full_match(_text, _nothing) THEN NULL
                    WHEN starts_with(ltrim(_text), '"') THEN '{' || _text || '}'
                    ELSE _text END
        """,
        _text=text,
        _nothing=literal('[ ]*(""|null)?[ ]*'),
    )


def machine_size(text: exp.Expr) -> exp.Expr:
    """The size of a machine, say Standard_ND96isr_H100_v5, which AdditionalInfo alone tells."""
    return expression(
        "SELECT nullif(regexp_extract(_text, _form, 1), '')",
        _text=text,
        _form=literal(r'"ServiceType"\s*:\s*"([^"]*)"'),
    )


def _commitment(texts: Texts) -> exp.Expr:
    """Which commitment a row has to do with, as PricingModel names it; NULL where with none."""
    return expression(
        """
        SELECT CASE WHEN _model IN ('reservation', 'savingsplan') THEN _model
                    WHEN _type = 'unusedreservation' THEN 'reservation'
                    WHEN _type = 'unusedsavingsplan' THEN 'savingsplan'
                    WHEN _model IS NOT NULL THEN NULL
                    WHEN contains(lower(_benefit), 'savingsplan') THEN 'savingsplan'
                    WHEN _benefit IS NOT NULL THEN 'reservation' END
        """,
        _model=_lower(texts["PricingModel"]),
        _type=_lower(texts["ChargeType"]),
        _benefit=texts.first("BenefitId", "ReservationId"),
    )


def _commitment_status(texts: Texts, kind: exp.Expr) -> exp.Expr:
    return expression(
        """
        SELECT CASE WHEN starts_with(_type, 'unused') THEN 'Unused'
                    WHEN _type = 'usage' AND _kind IS NOT NULL THEN 'Used' END
        """,
        _type=_lower(texts["ChargeType"]),
        _kind=kind,
    )


def _pricing_category(texts: Texts) -> exp.Expr:
    """Committed is what a commitment covers; buying one is at its standard price."""
    return expression(
        "SELECT CASE WHEN _type IN ('purchase', 'refund') THEN 'Standard' ELSE _pricing END",
        _type=_lower(texts["ChargeType"]),
        _pricing=_mapped(texts["PricingModel"], _PRICING, texts["PricingModel"]),
    )


def _charge_class(texts: Texts) -> exp.Expr:
    return _if_there(texts["PreviousInvoiceId"], literal("Correction"))


def _service_name(texts: Texts, resource_type: exp.Expr) -> exp.Expr:
    """As it is listed, by what was used; else what Azure itself calls it."""
    use = expression(
        "SELECT coalesce(_provider, '') || '|' || coalesce(_type, '')",
        _provider=_lower(texts["ConsumedService"]),
        _type=resource_type,
    )
    written = [texts[name] for name in ("MeterCategory", "ServiceFamily", "ConsumedService")]
    listed = _called(AZURE_SERVICE, use)
    return exp.Coalesce(this=listed, expressions=[*written, literal("Azure")])


def _called(function: str, text: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=function, expressions=[text])


def _type_of(texts: Texts, resource: exp.Expr) -> exp.Expr:
    """microsoft.compute/virtualmachines/extensions, from a resource's id in its one form."""
    path = expression(
        """
        SELECT CASE WHEN contains(_id, '/providers/')
                    THEN string_split(split_part(_id, '/providers/', -1), '/') END
        """,
        _id=resource,
    )
    return expression(
        """
        SELECT _path[1] || '/' || coalesce(_path[2], '')
               || coalesce('/' || nullif(_path[4], ''), '')
               || coalesce('/' || nullif(_path[6], ''), '')
        """,
        _path=texts.once("path of resource", path),
    )


def _resource_name(texts: Texts, resource: exp.Expr) -> exp.Expr:
    last = expression("SELECT nullif(split_part(_id, '/', -1), '')", _id=resource)
    return exp.Coalesce(this=texts["ResourceName"], expressions=[last])


def _region(texts: Texts) -> exp.Expr:
    return expression("SELECT replace(lower(_place), ' ', '')", _place=texts["ResourceLocation"])


def _mapped(text: exp.Expr, words: Mapping[str, str], other: exp.Expr | None = None) -> exp.Expr:
    """A word for a word, whatever its case; `other` where the word isn't listed."""
    cases = [exp.If(this=literal(word), true=literal(to)) for word, to in words.items()]
    return exp.Case(this=_lower(text), ifs=cases, default=other)


def _lower(text: exp.Expr) -> exp.Expr:
    return expression("SELECT lower(_text)", _text=text)


def _or(text: exp.Expr, otherwise: str) -> exp.Expr:
    return exp.Coalesce(this=text, expressions=[literal(otherwise)])


def _if_there(condition: exp.Expr, value: exp.Expr) -> exp.Expr:
    return expression("SELECT CASE WHEN _c IS NOT NULL THEN _v END", _c=condition, _v=value)


def _upper(text: exp.Expr) -> exp.Expr:
    return expression("SELECT upper(trim(_text))", _text=text)
