"""Write benchmark bills in the providers' own forms, as many rows as asked for, by DuckDB.

Half a per cent of the rows have a key of their own, as in the FOCUS bills. The
same question always gives the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from generate import DAYS, SHARE, TEAMS, WORK

_COST = "CAST((i * 48271 + 11) % 2147483647 % 90000000 + 1000 AS DECIMAL(18, 0)) * 0.0000000100"
_DAY = f"(DATE '2026-10-01' + CAST((n + k) % {DAYS} AS INTEGER))"
_AT = f"strftime({_DAY}, '%Y-%m-%dT00:00:00Z')"
_UNTIL = f"strftime({_DAY} + 1, '%Y-%m-%dT00:00:00Z')"
_TEAM = f"printf('team-%02d', (k * 7 + k // 10) % {TEAMS})"
_MACHINE = "printf('i-%017d', k)"

CUR = {
    "identity/LineItemId": "printf('%052d', i)",
    "identity/TimeInterval": f"{_AT} || '/' || {_UNTIL}",
    "bill/InvoiceId": "''",
    "bill/BillingEntity": "'AWS'",
    "bill/BillType": "'Anniversary'",
    "bill/PayerAccountId": "'123456789012'",
    "bill/BillingPeriodStartDate": "'2026-10-01T00:00:00Z'",
    "bill/BillingPeriodEndDate": "'2026-11-01T00:00:00Z'",
    "lineItem/UsageAccountId": "printf('%012d', k % 40)",
    "lineItem/LineItemType": "CASE WHEN k % 7 = 0 THEN 'SavingsPlanCoveredUsage' ELSE 'Usage' END",
    "lineItem/UsageStartDate": _AT,
    "lineItem/UsageEndDate": _UNTIL,
    "lineItem/ProductCode": "'AmazonEC2'",
    "lineItem/UsageType": "printf('USE2-BoxUsage:p5.%dxlarge', 4 + k % 44)",
    "lineItem/Operation": "'RunInstances'",
    "lineItem/AvailabilityZone": "'us-east-2' || chr(CAST(97 + k % 3 AS INTEGER))",
    "lineItem/ResourceId": _MACHINE,
    "lineItem/UsageAmount": "1 + i % 24",
    "lineItem/NormalizationFactor": "8.0000000000",
    "lineItem/NormalizedUsageAmount": "8.0 * (1 + i % 24)",
    "lineItem/CurrencyCode": "'USD'",
    "lineItem/UnblendedRate": "0.0123456789",
    "lineItem/UnblendedCost": _COST,
    "lineItem/BlendedRate": "0.0123456789",
    "lineItem/BlendedCost": _COST,
    "lineItem/LineItemDescription": "printf('$%d.%02d per On Demand Linux instance hour of size "
    "%d, US East (Ohio)', k % 9, k % 97, k % 40)",
    "lineItem/TaxType": "''",
    "lineItem/LegalEntity": "'Amazon Web Services, Inc.'",
    "product/ProductName": "'Amazon Elastic Compute Cloud'",
    "product/instanceType": "printf('p5.%dxlarge', 4 + k % 44)",
    "product/instanceFamily": "'GPU instance'",
    "product/location": "'US East (Ohio)'",
    "product/operatingSystem": "'Linux'",
    "product/physicalProcessor": "'AMD EPYC 7R13'",
    "product/productFamily": "'Compute Instance'",
    "product/region": "'us-east-2'",
    "product/servicecode": "'AmazonEC2'",
    "product/sku": "printf('SKU%010d', k % 500)",
    "pricing/RateCode": "printf('SKU%010d.JRTCKXETXF.6YS6EN2CT7', k % 500)",
    "pricing/RateId": "printf('%012d', k % 500)",
    "pricing/currency": "'USD'",
    "pricing/publicOnDemandCost": f"CAST(2 * {_COST} AS DECIMAL(20, 10))",
    "pricing/publicOnDemandRate": "0.0246913578",
    "pricing/term": "'OnDemand'",
    "pricing/unit": "'Hrs'",
    "reservation/ReservationARN": "''",
    "reservation/EffectiveCost": "''",
    "savingsPlan/SavingsPlanARN": "CASE WHEN k % 7 = 0 THEN printf("
    "'arn:aws:savingsplans::123456789012:savingsplan/%04d', k % 50) ELSE '' END",
    "savingsPlan/SavingsPlanEffectiveCost": f"CASE WHEN k % 7 = 0 THEN {_COST} ELSE 0 END",
    "resourceTags/aws:createdBy": "''",
    "resourceTags/user:team": f"CASE WHEN k % 10 = 0 THEN '' ELSE {_TEAM} END",
    "resourceTags/user:app": "printf('app-%03d', k % 400)",
    "resourceTags/user:env": "CASE WHEN k % 3 = 0 THEN 'prod' ELSE 'dev' END",
    "resourceTags/user:workload": "printf('w-%08d', k)",
}

AZURE = {
    "BillingAccountId": "'7654321'",
    "BillingAccountName": "'Benchmark'",
    "BillingPeriodStartDate": "'10/01/2026'",
    "BillingPeriodEndDate": "'10/31/2026'",
    "SubscriptionId": "printf('00000000-0000-4000-8000-%012d', k % 40)",
    "SubscriptionName": "printf('subscription-%02d', k % 40)",
    "Date": f"strftime({_DAY}, '%m/%d/%Y')",
    "Product": "'Virtual Machines NCads A100 v4 Series - NC24ads A100 v4 - US East'",
    "MeterId": "printf('00000000-1111-4000-8000-%012d', k % 500)",
    "ServiceFamily": "'Compute'",
    "MeterCategory": "'Virtual Machines'",
    "MeterSubCategory": "'NCads A100 v4 Series'",
    "MeterRegion": "'US East'",
    "MeterName": "printf('NC%dads A100 v4', 24 * (1 + k % 4))",
    "Quantity": "1 + i % 24",
    "EffectivePrice": "0.0123456789",
    "Cost": _COST,
    "UnitPrice": "0.0123456789",
    "BillingCurrency": "'USD'",
    "ResourceLocation": "'eastus'",
    "ConsumedService": "'Microsoft.Compute'",
    "ResourceId": "printf('/subscriptions/00000000-0000-4000-8000-%012d/resourceGroups/rg-%03d/"
    "providers/Microsoft.Compute/virtualMachines/vm-%08d', k % 40, k % 300, k)",
    "ResourceName": "printf('vm-%08d', k)",
    "AdditionalInfo": """'{"ServiceType":"Standard_NC24ads_A100_v4","VCPUs":24}'""",
    "Tags": f"""'"team": "' || {_TEAM} || '","env": "prod","app": "' """
    """|| printf('app-%03d', k % 400) || '"'""",
    "CostCenter": "printf('CC-%04d', k % 90)",
    "UnitOfMeasure": "'1 Hour'",
    "ResourceGroup": "printf('rg-%03d', k % 300)",
    "PublisherName": "'Microsoft'",
    "PublisherType": "'Azure'",
    "ChargeType": "'Usage'",
    "Frequency": "'UsageBased'",
    "PayGPrice": "0.0246913578",
    "PricingModel": "'OnDemand'",
}

_LABELS = f"""[{{'key': 'team', 'value': {_TEAM}}},
    {{'key': 'app', 'value': printf('app-%03d', k % 400)}}]"""

GOOGLE = {
    "billing_account_id": "'01A2B3-C4D5E6-F70819'",
    "service": "{'id': '6F81-5844-456A', 'description': 'Compute Engine'}",
    "sku": "{'id': printf('SKU-%04d', k % 500), 'description': "
    "'Nvidia H100 80GB GPU running in Americas'}",
    "usage_start_time": f"strftime({_DAY}, '%Y-%m-%d 00:00:00 UTC')",
    "usage_end_time": f"strftime({_DAY} + 1, '%Y-%m-%d 00:00:00 UTC')",
    "project": "{'id': printf('project-%02d', k % 40), 'number': printf('%012d', k % 40), "
    "'name': printf('project-%02d', k % 40), 'labels': [{'key': 'env', 'value': 'prod'}]}",
    "labels": _LABELS,
    "system_labels": "[{'key': 'compute.googleapis.com/machine_spec', 'value': 'a3-highgpu-8g'}]",
    "location": "{'location': 'us-central1', 'country': 'US', 'region': 'us-central1', "
    "'zone': 'us-central1-a'}",
    "export_time": "'2026-11-02 06:00:00 UTC'",
    "cost": _COST,
    "currency": "'USD'",
    "currency_conversion_rate": "1.0",
    "usage": "{'amount': 3600 * (1 + i % 24), 'unit': 'seconds', "
    "'amount_in_pricing_units': 1 + i % 24, 'pricing_unit': 'hour'}",
    "credits": f"""CASE WHEN k % 7 = 0 THEN [{{'name': 'Committed use discount',
        'amount': CAST(-0.25 * {_COST} AS DECIMAL(20, 12)), 'id': 'cud',
        'type': 'COMMITTED_USAGE_DISCOUNT'}}] ELSE [] END""",
    "invoice": "{'month': '202610'}",
    "cost_type": "'regular'",
    "resource": f"{{'name': {_MACHINE}, 'global_name': '//compute.googleapis.com/' || {_MACHINE}}}",
    "price": "{'effective_price': 0.0123456789, 'unit': 'hour', 'pricing_unit_quantity': 1}",
}


@dataclass(frozen=True)
class Native:
    """A bill in a provider's own form: its `format`, and how it is packed."""

    format: str
    kind: str
    rows: int

    @property
    def path(self) -> Path:
        return WORK / "bills" / f"{self.format}-{self.rows}.{self.kind}"


_COLUMNS = {"aws-cur": CUR, "azure": AZURE, "gcp": GOOGLE}
_OPTIONS = {
    "csv": "FORMAT csv, HEADER",
    "jsonl": "FORMAT json",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}


def generate_native(bill: Native) -> Path:
    """Write a bill unless it is there already."""
    if not bill.path.exists():
        bill.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = bill.path.with_suffix(".part")
        keys = max(1, round(bill.rows * SHARE))
        values = ", ".join(f'{value} AS "{name}"' for name, value in _COLUMNS[bill.format].items())
        with duckdb.connect() as connection:
            connection.execute(
                f"""
                COPY (SELECT {values} FROM (
                    SELECT range AS i, range % {keys} AS k, range // {keys} AS n
                    FROM range({bill.rows})
                )) TO '{unfinished}' ({_OPTIONS[bill.kind]})
                """
            )
        unfinished.rename(bill.path)
    return bill.path
