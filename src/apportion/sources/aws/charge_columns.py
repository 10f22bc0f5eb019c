"""The FOCUS columns of a Cost and Usage Report that aren't costs or times, and its native ones.

What FOCUS has no column for, and rules need, is kept under ``x_``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from apportion.domain.charge import Kind
from apportion.sources.aws.computed import CODE, PLAN, computed, if_usage
from apportion.sources.aws.costs import PARENT, RESERVATION, TYPE
from apportion.sources.aws.native import NativeColumns
from apportion.sources.reading import ReadColumn

TEXTS: Mapping[str, tuple[str, ...]] = {
    "BillingAccountId": ("bill_payer_account_id",),
    "BillingAccountName": ("bill_payer_account_name",),
    "SubAccountId": ("line_item_usage_account_id",),
    "SubAccountName": ("line_item_usage_account_name",),
    "BillingCurrency": ("line_item_currency_code",),
    "InvoiceId": ("bill_invoice_id",),
    "ChargeDescription": ("line_item_line_item_description",),
    "AvailabilityZone": ("line_item_availability_zone",),
    "RegionId": ("product_region_code", "product_region"),
    "RegionName": ("product_location",),
    "ResourceId": ("line_item_resource_id",),
    "ResourceType": ("product_product_family",),
    "SkuId": ("product_sku",),
    "SkuPriceId": ("pricing_rate_code", "pricing_rate_id"),
    "SkuMeter": ("line_item_usage_type",),
    "PricingUnit": ("pricing_unit",),
    "x_BillType": ("bill_bill_type",),
    "x_BillingEntity": ("bill_billing_entity",),
    "x_InvoicingEntity": ("bill_invoicing_entity",),
    "x_LegalEntity": ("line_item_legal_entity",),
    "x_LineItemId": ("identity_line_item_id",),
    "x_LineItemType": (TYPE,),
    "x_TaxType": ("line_item_tax_type",),
    "x_Operation": ("line_item_operation",),
    "x_UsageType": ("line_item_usage_type",),
    "x_ProductCode": (CODE,),
    "x_ServiceCode": ("product_servicecode", CODE),
    "x_ProductFamily": ("product_product_family",),
    "x_InstanceType": ("product_instance_type",),
    "x_InstanceFamily": ("product_instance_family",),
    "x_Gpu": ("product_gpu",),
    "x_OperatingSystem": ("product_operating_system",),
    "x_StorageClass": ("product_storage_class",),
    "x_VolumeType": ("product_volume_type", "product_volume_api_name"),
    "x_FromLocation": ("product_from_location",),
    "x_ToLocation": ("product_to_location",),
    "x_TransferType": ("product_transfer_type",),
    "x_PricingTerm": ("pricing_term",),
    "x_PurchaseOption": ("pricing_purchase_option", "savings_plan_payment_option"),
    "x_ReservationArn": (RESERVATION,),
    "x_SavingsPlanArn": (PLAN,),
    "x_Discounts": ("discount",),
    "x_PrincipalId": ("line_item_iam_principal",),
    "x_UserIdentifier": ("line_item_user_identifier",),
    "x_SplitParentResourceId": (PARENT,),
}
"""Columns that are taken as they are: the first of some native ones that isn't empty."""

QUANTITIES: Mapping[str, str] = {
    "ListUnitPrice": "pricing_public_on_demand_rate",
    "ContractedUnitPrice": "line_item_unblended_rate",
    "PricingQuantity": "line_item_usage_amount",
    "x_NormalizedUsageAmount": "line_item_normalized_usage_amount",
    "x_SplitUsage": "split_line_item_split_usage",
    "x_ActualUsage": "split_line_item_actual_usage",
    "x_ReservedUsage": "split_line_item_reserved_usage",
    "x_SplitUsageRatio": "split_line_item_split_usage_ratio",
    "x_SplitCost": "split_line_item_split_cost",
    "x_UnusedCost": "split_line_item_unused_cost",
}


ALWAYS = ("x_LineItemId", "x_Operation", "x_UsageType")
"""Native columns that split cost allocation looks at (:mod:`apportion.sources.aws.split`)."""


def charge_columns(native: NativeColumns) -> Iterator[ReadColumn]:
    """The columns of a charge but for its costs and times.

    FOCUS columns are always there; of the native ones mostly those that the file has.
    """
    for name, written in TEXTS.items():
        first = next(filter(native.has, written), "")
        if first or name in ALWAYS or not name.startswith("x_"):
            yield ReadColumn(name, Kind.TEXT, native.text(*written), native.written(first))
    for name, amount in QUANTITIES.items():
        if native.has(amount) or not name.startswith("x_"):
            yield ReadColumn(name, Kind.DECIMAL, native.amount(amount), native.written(amount))
    usage = if_usage(native, native.amount("line_item_usage_amount"))
    yield ReadColumn("ConsumedQuantity", Kind.DECIMAL, usage)
    for name, value in computed(native).items():
        yield ReadColumn(name, Kind.JSON if name == "Tags" else Kind.TEXT, value)
