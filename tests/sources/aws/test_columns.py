"""Columns of charges from a Cost and Usage Report: tags, services, commitments, issuers, times."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from apportion.errors import SourceError
from curs import Row, athena, columns_of, cur2_csv, cur2_parquet, legacy, line, tagged
from loads import House, codes, found

SPELLINGS: dict[str, Callable[[Iterable[Row]], Any]] = {
    "legacy CSV": legacy,
    "Athena Parquet": athena,
    "CUR 2.0 CSV": cur2_csv,
    "CUR 2.0 Parquet": cur2_parquet,
}


def tags(house: House) -> list[dict[str, str]]:
    """The tags of the keys, in the order of their texts."""
    return [json.loads(text) for text in sorted(str(key["Tags"]) for key in house.rows("keys"))]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_tags_are_called_what_their_owner_called_them(house: House, spelling: str) -> None:
    rows = [
        tagged(line("1", resource="a"), team="nlp") | {"resourceTags/aws:createdBy": "root"},
        tagged(line("1", resource="b"), team='a "b", {c}', env="dev"),
        line("1", resource="c"),
    ]
    house.take(SPELLINGS[spelling](rows))
    created = "aws:created_by" if spelling == "Athena Parquet" else "aws:createdBy"
    expected = [{"env": "dev", "team": 'a "b", {c}'}, {"team": "nlp", created: "root"}, {}]
    assert sorted(map(str, tags(house))) == sorted(map(str, map(_sorted, expected)))


def _sorted(tags_of_row: dict[str, str]) -> dict[str, str]:
    return dict(sorted(tags_of_row.items()))


def test_a_key_within_a_value_is_left_alone(house: House) -> None:
    row = tagged(line("1"), note='x","user_team":"y') | {"resourceTags/user:user_x": "1"}
    house.take(cur2_csv([row]))
    assert tags(house) == [{"note": 'x","user_team":"y', "user_x": "1"}]


def test_tags_of_the_caller(house: House) -> None:
    """The newer map `tags`, and the principal that made the call."""
    more = {
        "tags": ['{"iamPrincipal/owner": "ada"}'],
        "line_item_iam_principal": ["arn:aws:sts::1:assumed-role/nlp/ada"],
    }
    house.take(cur2_csv([tagged(line("1"), team="nlp")], **more))
    assert tags(house) == [{"iamPrincipal/owner": "ada", "team": "nlp"}]
    (charge,) = house.rows("charges")
    assert charge["x_PrincipalId"] == "arn:aws:sts::1:assumed-role/nlp/ada"


def test_tags_that_differ_in_case_alone_are_two(house: House) -> None:
    house.take(legacy([tagged(line("1"), team="a", Team="b")]))
    assert tags(house) == [{"Team": "b", "team": "a"}]


def test_nine_hundred_tag_columns(house: House) -> None:
    wide = {f"key {n}": f"v{n}" for n in range(900)}
    rows = [tagged(line("1"), **wide), tagged(line("2", resource="b"), **{"key 7": "x"})]
    house.take(legacy(rows))
    assert tags(house) == [dict(sorted(wide.items())), {"key 7": "x"}]
    assert house.totals().loaded["BilledCost"] == 3


def test_tag_columns_that_changed_within_the_month(house: House) -> None:
    """Two parts of one bill: since the second, the tag `project` is activated too."""
    house.put(legacy([tagged(line("1"), team="nlp")]), "part-1.csv")
    house.put(legacy([tagged(line("2"), project="p", team="cv")]), "part-2.csv")
    loaded = house.load()
    assert "overlapping-files" not in codes(loaded.findings)
    assert tags(house) == [{"project": "p", "team": "cv"}, {"team": "nlp"}]
    (period,) = loaded.periods
    assert sum(totals.loaded["BilledCost"] for totals in period.totals) == 3


def test_hours_and_days_of_one_month_are_noticed(house: House) -> None:
    """Two reports of the same use, one by hours and one by days: together they double it."""
    hours = [
        line("0.5", resource=f"i-{n}", start=f"2026-10-05T{hour:02d}:00:00Z")
        for n in range(5)
        for hour in range(24)
    ]
    days = [line("12", resource=f"i-{n}", start="2026-10-05T00:00:00Z") for n in range(5)]
    house.put(legacy(hours), "hourly.csv")
    house.put(legacy(days), "daily.csv")
    assert "overlapping-files" in codes(house.load().findings)
    assert "overlapping-files" in codes(house.load().findings)


@pytest.mark.parametrize("spelling", ["legacy CSV", "CUR 2.0 CSV", "CUR 2.0 Parquet"])
def test_cost_categories(house: House, spelling: str) -> None:
    house.take(SPELLINGS[spelling]([line("1") | {"costCategory/Team": "nlp"}]))
    (charge,) = house.rows("charges")
    assert json.loads(str(charge["x_CostCategories"])) == {"Team": "nlp"}


def test_native_columns_that_rules_can_see(house: House) -> None:
    row = line("1") | {
        "product/instanceType": "p5.48xlarge",
        "product/servicecode": "AmazonEC2",
        "product/gpu": "8",
        "product/regionCode": "us-east-1",
        "bill/InvoiceId": "EU-1",
        "pricing/RateCode": "rate",
    }
    house.take(legacy([row]), "x_InstanceType")
    (charge,) = house.rows("charges")
    expected = {
        "x_InstanceType": "p5.48xlarge",
        "x_ServiceCode": "AmazonEC2",
        "x_Gpu": "8",
        "x_Operation": "RunInstances",
        "x_UsageType": "BoxUsage:p5.48xlarge",
        "x_LineItemType": "Usage",
        "RegionId": "us-east-1",
        "InvoiceId": "EU-1",
        "SkuPriceId": "rate",
        "SkuMeter": "BoxUsage:p5.48xlarge",
        "PricingQuantity": Decimal(1),
        "ConsumedQuantity": Decimal(1),
        "PricingUnit": "Hrs",
        "BillingAccountId": "900",
        "SubAccountId": "100",
    }
    assert {name: charge[name] for name in expected} == expected
    (key,) = house.rows("keys")
    assert key["x_InstanceType"] == "p5.48xlarge"


KINDS: list[tuple[Row, tuple[str | None, ...]]] = [
    (line("1"), ("Usage", None, "Usage-Based", "Standard")),
    (line("1", usage_type="USW2-SpotUsage:p5"), ("Usage", None, "Usage-Based", "Dynamic")),
    (
        line("0", type="DiscountedUsage", reservation="arn:r", reserved="1"),
        ("Usage", None, "Usage-Based", "Committed"),
    ),
    (
        line("1", type="RIFee", reservation="arn:r", unused_recurring="0"),
        ("Purchase", None, "Recurring", "Committed"),
    ),
    (line("1", type="Fee"), ("Purchase", None, "One-Time", "Standard")),
    (line("1", type="Fee", code="AWSSupportBusiness"), ("Purchase", None, "Recurring", "Standard")),
    (line("1", type="Tax"), ("Tax", None, "One-Time", None)),
    (line("-1", type="Credit"), ("Credit", None, "One-Time", None)),
    (line("-1", type="Refund"), ("Adjustment", "Correction", "One-Time", None)),
]


def test_what_kind_of_charge_a_row_is(house: House) -> None:
    house.take(legacy([row for row, _ in KINDS]))
    names = ("ChargeCategory", "ChargeClass", "ChargeFrequency", "PricingCategory")
    kinds = [tuple(charge[name] for name in names) for charge in house.rows("charges")]
    assert kinds == [kind for _, kind in KINDS]


def test_commitments_are_named(house: House) -> None:
    rows = [
        line("0", type="DiscountedUsage", reservation="arn:r", reserved="1"),
        line("1", type="SavingsPlanCoveredUsage", plan="arn:p", planned="1"),
        line("1", type="SavingsPlanRecurringFee", plan="arn:p", committed="2", used="1"),
        line("1"),
    ]
    house.take(athena(rows))  # whose ARN columns end in _a_r_n
    found_there = [
        tuple(charge[f"CommitmentDiscount{part}"] for part in ("Id", "Type", "Category", "Status"))
        for charge in house.rows("charges")
    ]
    assert found_there == [
        ("arn:r", "Reserved Instance", "Usage", "Used"),
        ("arn:p", "Savings Plan", "Spend", "Used"),
        ("arn:p", "Savings Plan", "Spend", "Unused"),
        (None, None, None, None),
    ]


def test_services_by_name_and_by_code(house: House) -> None:
    marketplace = line("1", code="3xk9", name="Claude Sonnet 4.6 (Amazon Bedrock Edition)")
    rows = [
        line("1"),
        line("1", name="", code="AmazonBedrock"),
        marketplace
        | {"lineItem/LegalEntity": "Anthropic, PBC", "bill/BillingEntity": "AWS Marketplace"},
        line("1", name="", code="AmazonNova"),
    ]
    house.take(legacy(rows))
    names = ("ServiceName", "ServiceCategory", "InvoiceIssuerName", "ProviderName")
    assert [tuple(charge[name] for name in names) for charge in house.rows("charges")] == [
        ("Amazon Elastic Compute Cloud", "Compute", "AWS", "AWS"),
        ("Amazon Bedrock", "AI and Machine Learning", "AWS", "AWS"),
        (
            "Claude Sonnet 4.6 (Amazon Bedrock Edition)",
            "AI and Machine Learning",
            "AWS Marketplace",
            "AWS",
        ),
        ("AmazonNova", "Other", "AWS", "AWS"),
    ]


def test_times_in_all_their_spellings(house: House) -> None:
    """A row that isn't usage may have no time of its own: then its interval's counts."""
    written = ["2026-10-05T10:00:00Z", "2026-10-05 10:00:00+00:00", "2026-10-05T10:00:00.000Z", ""]
    house.take(legacy([line("1", start=text) for text in written]))
    starts = {charge["ChargePeriodStart"] for charge in house.rows("charges")}
    assert starts == {datetime(2026, 10, 5, 10)}  # noqa: DTZ001 -- UTC


def test_a_zipped_report(house: House) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cur-00001.csv", legacy([line("1"), line("2")]))
    house.put(packed.getvalue(), "cur-00001.csv.zip")
    house.load()
    assert house.totals().loaded["BilledCost"] == 3


def test_floats_are_told(house: House) -> None:
    loaded = house.take(athena([line("0.1"), line("0.2")]))
    assert found(loaded.findings, "cost-float").level == "note"
    assert house.totals().loaded["BilledCost"] == Decimal("0.3")


def test_a_report_without_a_needed_column(house: House) -> None:
    columns = columns_of([line("1")])
    columns.remove("lineItem/LineItemType")
    rows = [{name: value for name, value in line("1").items() if name in columns}]
    with pytest.raises(SourceError, match="line_item_line_item_type"):
        house.take(legacy(rows, columns))


def test_an_export_in_focus_is_told_by_its_columns(house: House) -> None:
    with pytest.raises(SourceError) as fault:
        house.take("BilledCost,EffectiveCost\n1,1\n")
    assert "format: focus" in fault.value.hint


def test_a_cost_that_is_there_in_two_spellings(house: House) -> None:
    row = line("1") | {"line_item_unblended_cost": "2"}
    with pytest.raises(SourceError, match="twice"):
        house.take(legacy([row]))
