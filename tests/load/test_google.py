"""Google Cloud's billing export in each of its containers: what it says is what is billed."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from apportion.domain.period import Period
from apportion.errors import SourceError
from apportion.sources.gcp.credits import CREDIT_TYPES
from google_bills import (
    Native,
    billed,
    credit,
    csv_text,
    flat,
    json_lines,
    json_text,
    parquet,
    python_text,
    usage,
)
from loads import House, codes, found

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "gcp"
BASES = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")

Charges = list[dict[str, Any]]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "project", format="gcp")
    yield made
    made.books.close()


def containers(rows: list[Native]) -> dict[str, str | bytes | pa.Table]:
    return {
        "lines.jsonl": json_lines(rows),
        "lines.json.gz": gzip.compress(json_lines(rows).encode()),
        "json in a.csv": csv_text(rows),
        "repr in a.csv": csv_text(rows, python_text),
        "underscores.csv": csv_text(rows).replace(
            ".", "_", csv_text(rows).split("\n")[0].count(".")
        ),
        "nested.parquet": parquet(rows),
        "flat.parquet": pa.Table.from_pylist([flat(row) for row in rows]),
    }


CONTAINERS = tuple(containers([usage("1")]))


def charges(house: House, rows: list[Native], container: str = "lines.jsonl") -> Charges:
    house.put(containers(rows)[container], container)
    house.load()
    return house.rows("charges")


def one(house: House, row: Native) -> dict[str, Any]:
    (charge,) = charges(house, [row])
    return charge


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_says_the_same(house: House, container: str) -> None:
    labels = [{"key": "team", "value": 'it\'s "ours", \\ ü'}, {"key": "k8s-label/app", "value": ""}]
    rows = [
        usage("10.5", credit("SUSTAINED_USAGE_DISCOUNT", "-2.25"), credit("PROMOTION", "-5e-06")),
        usage("3", labels=labels),
        usage("0.125", cost_type="tax", labels=labels, project={"id": None, "labels": []}),
    ]
    made = charges(house, rows, container)
    assert [charge["BilledCost"] for charge in made] == [
        Decimal(amount) for amount in ("10.5", "-2.25", "-0.000005", "3", "0.125")
    ]
    assert [charge["x_PartNumber"] for charge in made] == [0, 1, 2, 0, 0]
    assert [charge["x_CreditType"] for charge in made] == [
        None,
        "SUSTAINED_USAGE_DISCOUNT",
        "PROMOTION",
        None,
        None,
    ]
    assert [charge["ChargeCategory"] for charge in made] == [
        "Usage",
        "Usage",
        "Credit",
        "Usage",
        "Tax",
    ]
    assert [charge["SubAccountId"] for charge in made] == ["acme-nlp"] * 4 + [None]
    assert [charge["PricingQuantity"] for charge in made] == [1, None, None, 1, 1]
    assert {charge["ResourceId"] for charge in made} == {rows[0]["resource"]["global_name"]}
    assert {str(charge["BillingPeriodStart"]) for charge in made} == {"2026-10-01 00:00:00"}
    assert str(made[0]["ChargePeriodEnd"]) == "2026-10-05 11:00:00"
    assert house.totals().loaded["BilledCost"] == billed(rows)
    assert json.loads(made[3]["Tags"]) == {
        "compute.googleapis.com/cores": "8",
        "k8s-label/app": "",
        "team": 'it\'s "ours", \\ ü',
    }
    assert json.loads(made[1]["Tags"])["team"] == "nlp"


@pytest.mark.parametrize("name", ["standard_202610.csv", "resource_level_202610.csv"])
def test_the_samples_sum_to_what_plain_python_sums(house: House, name: str) -> None:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"the sample isn't there: {path}")
    with path.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    house.put(path.read_bytes())
    loaded = house.load()
    assert loaded.findings == ()
    expected = sum(
        (
            Decimal(row["cost"])
            + sum((each["amount"] for each in json.loads(row["credits"], parse_float=Decimal)), 0)
            for row in rows
        ),
        Decimal(0),
    )
    assert house.totals().loaded_rows == len(rows)
    for basis in BASES:
        assert house.totals().loaded[basis] == expected
    tagged = [json.loads(str(charge["Tags"])) for charge in house.rows("charges")]
    if name.startswith("resource"):
        assert all(tags["foo"] == "bar" for tags in tagged)
    assert sum("test_storage_key" in tags for tags in tagged) == sum(
        "test_storage_key" in row["labels"] for row in rows
    )


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_bill_full_of_credits_sums_to_what_plain_python_sums(
    house: House, container: str
) -> None:
    """Floats of up to 15 digits in Parquet; anything in texts."""
    chance = Random(7)
    kinds = [each.name for each in CREDIT_TYPES]
    rows = []
    for _ in range(300):
        cost = Decimal(chance.randrange(10**9)).scaleb(-chance.randrange(4, 12))
        given = [
            credit(chance.choice(kinds), str(-cost / 4)) for _ in range(chance.choice([0, 0, 1, 3]))
        ]
        currency = chance.choice(["USD", "EUR"])
        month = chance.choice(["202609", "202610"])
        rows.append(usage(str(cost), *given, currency=currency, invoice={"month": month}))
    house.put(containers(rows)[container], container)
    house.load()
    expected: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        expected[row["invoice"]["month"], row["currency"]] += billed([row])
    seen = {
        (str(snapshot.period).replace("-", ""), totals.currency): totals.loaded["BilledCost"]
        for snapshot in house.books.current()
        for unit in snapshot.units
        for totals in unit.totals
    }
    assert seen == expected


def test_amounts_keep_digits_that_a_float_would_lose(house: House) -> None:
    rows = [usage("1234567.123456789012345678", credit("DISCOUNT", "-234567.123456789012345679"))]
    charges(house, rows)
    assert house.totals().loaded["BilledCost"] == Decimal("999999.999999999999999999")


def test_a_19th_place_that_no_float_has_is_set_aside(house: House) -> None:
    house.take(json_lines([usage("0.1234567890123456789"), usage("1")]))
    (aside,) = house.quarantined()
    assert "more than 18 decimal places" in aside.reason
    assert house.totals().loaded["BilledCost"] == 1


def test_a_floats_digits_beyond_the_18th_place_are_cut(house: House) -> None:
    assert one(house, usage("0.000012345678901234567"))["BilledCost"] == Decimal(
        "0.000012345678901234"
    )


@pytest.mark.parametrize("kind", CREDIT_TYPES, ids=lambda kind: kind.name)
def test_a_credit_of_each_type(house: House, kind: Any) -> None:
    row, part = charges(house, [usage("10", credit(kind.name, "-4", "why"))])
    fee = kind.name == "FEE_UTILIZATION_OFFSET"
    category = "Purchase" if fee else "Usage"
    assert row["ChargeCategory"] == category
    assert part["ChargeCategory"] == (category if kind.stays else "Credit")
    assert part["CommitmentDiscountCategory"] == (kind.commitment or None)
    assert (part["x_CreditId"], part["x_CreditName"]) == (f"{kind.name}:1", "why")
    assert (part["ListCost"], part["ContractedCost"], part["EffectiveCost"]) == (0, 0, -4)
    for same in ("ResourceId", "Tags", "SubAccountId", "ServiceName", "ChargePeriodStart"):
        assert part[same] == row[same]


@pytest.mark.parametrize("kind", ["NEW_KIND", None])
def test_a_credit_that_nobody_knows_is_a_credit(house: House, kind: str | None) -> None:
    house.put(json_lines([usage("10", credit(kind, "-4"))]))
    told = house.load().findings
    _, part = house.rows("charges")
    assert (part["ChargeCategory"], part["x_CreditType"]) == ("Credit", kind)
    assert ("value-not-known" in codes(told)) == (kind is not None)
    if kind:
        assert f"say '{kind}'" in found(told, "value-not-known").message


@pytest.mark.parametrize(
    "bad",
    [
        "[{'amount': -1",
        "[{'type': 'PROMOTION'}]",
        "[{'amount': None, 'type': 'PROMOTION'}]",
        "[{'amount': 'much'}]",
        "[{'amount': float('nan')}]",
        '[{"amount": NaN}]',
        "[__import__('os').getcwd()]",
        "{'amount': -1}",
        "[-1]",
        "[" * 5000,
        "oops",
    ],
)
def test_credits_that_cant_be_read_set_the_row_aside(house: House, bad: str) -> None:
    rows = [usage("10"), usage("20"), usage("30")]
    text = csv_text([rows[0], {**rows[1], "credits": bad}, rows[2]])
    house.put(text)
    loaded = house.load()
    (aside,) = house.quarantined()
    assert (aside.line, aside.column, aside.row["credits"]) == (3, "credits", bad)
    finding = found(loaded.findings, "credits-unreadable")
    assert "so what the row costs is unknown" in finding.message
    totals = house.totals()
    assert totals.loaded["BilledCost"] == 40
    assert totals.read_rows == totals.loaded_rows + totals.quarantined_rows == 3


def test_repr_with_escapes_and_none_is_read(house: House) -> None:
    row = {**usage("10"), "credits": "[{'name': 'it\\'s \"x\"', 'amount': -2.50, 'id': None}]"}
    house.put(csv_text([row]))
    house.load()
    _, part = house.rows("charges")
    assert (part["x_CreditName"], part["BilledCost"]) == ('it\'s "x"', Decimal("-2.50"))


def test_labels_win_over_project_labels_then_tags_then_system_labels(house: House) -> None:
    def pairs(**named: str) -> list[Native]:
        return [{"key": key, "value": value} for key, value in named.items()]

    row = usage(
        "1",
        labels=pairs(a="label"),
        project={"id": "p", "labels": pairs(a="project", b="project")},
        tags=pairs(a="tag", b="tag", c="tag"),
        system_labels=pairs(a="system", b="system", c="system", d="system"),
    )
    assert json.loads(one(house, row)["Tags"]) == {
        "a": "label",
        "b": "project",
        "c": "tag",
        "d": "system",
    }


def test_labels_that_cant_be_read_are_told(house: House) -> None:
    house.put(csv_text([{**usage("1"), "labels": "[{'key': "}]))
    assert "tags-unreadable" in codes(house.load().findings)
    assert house.totals().loaded["BilledCost"] == 1


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({"cost_type": "tax"}, {"ChargeCategory": "Tax", "PricingCategory": None}),
        ({"cost_type": "adjustment"}, {"ChargeCategory": "Adjustment", "ChargeClass": None}),
        (
            {"cost_type": "rounding_error"},
            {"ChargeCategory": "Adjustment", "x_CostType": "rounding_error"},
        ),
        (
            {
                "cost_type": "adjustment",
                "adjustment_info": {"type": "USAGE_CORRECTION", "id": "7", "mode": "x"},
                "usage_start_time": "2026-09-03 00:00:00 UTC",
            },
            {"ChargeClass": "Correction", "x_AdjustmentType": "USAGE_CORRECTION"},
        ),
        (
            {"cost_type": "adjustment", "adjustment_info": {"type": "GOODWILL"}},
            {"ChargeCategory": "Adjustment", "ChargeClass": None},
        ),
        (
            {"sku": {"id": "1", "description": "Spot Preemptible A3 Instance Core"}},
            {"PricingCategory": "Dynamic"},
        ),
        (
            {"sku": {"id": "1", "description": "Commitment v1: A3 Cpu in Americas for 1 Year"}},
            {
                "ChargeCategory": "Purchase",
                "ChargeFrequency": "Recurring",
                "CommitmentDiscountCategory": "Usage",
                "CommitmentDiscountType": "Resource-based CUD",
                "CommitmentDiscountStatus": None,
                "PricingCategory": "Standard",
            },
        ),
        (
            {
                "sku": {"id": "1", "description": "Commitment - dollar based v1: GCE for 3 years"},
                "subscription": {"instance_id": "sub-9"},
            },
            {
                "ChargeCategory": "Purchase",
                "CommitmentDiscountCategory": "Spend",
                "CommitmentDiscountId": "sub-9",
            },
        ),
        (
            {"consumption_model": {"id": "D97B", "description": "Compute Flexible CUDs - 1 Year"}},
            {
                "ChargeCategory": "Usage",
                "PricingCategory": "Committed",
                "CommitmentDiscountCategory": "Spend",
                "CommitmentDiscountId": "D97B",
                "CommitmentDiscountName": "Compute Flexible CUDs - 1 Year",
                "CommitmentDiscountStatus": "Used",
            },
        ),
        (
            {"consumption_model": {"id": "7754", "description": "Default"}},
            {"PricingCategory": "Standard", "CommitmentDiscountId": None},
        ),
        (
            {"transaction_type": "THIRD_PARTY_RESELLER", "seller_name": "Vendor Inc"},
            {"PublisherName": "Vendor Inc", "ProviderName": "Google Cloud"},
        ),
        (
            {"service": {"id": "?", "description": "Cloud Run"}},
            {"ServiceCategory": "Compute", "ServiceName": "Cloud Run"},
        ),
        ({"service": {"id": "?", "description": "Maps"}}, {"ServiceCategory": "Other"}),
        (
            {
                "usage": {
                    "amount": Decimal("2.7e17"),
                    "unit": "byte-seconds",
                    "amount_in_pricing_units": Decimal("96.5"),
                    "pricing_unit": "gibibyte month",
                }
            },
            {"ConsumedQuantity": Decimal("96.5"), "ConsumedUnit": "gibibyte month"},
        ),
        (
            {
                "cost_at_list": Decimal("1.5"),
                "cost_at_effective_price_default": Decimal("1.25"),
                "price": {"list_price": "0.75", "effective_price_default": "0.625"},
            },
            {
                "BilledCost": 1,
                "EffectiveCost": 1,
                "ListCost": Decimal("1.5"),
                "ContractedCost": Decimal("1.25"),
                "ListUnitPrice": Decimal("0.75"),
            },
        ),
    ],
)
def test_what_kind_of_charge_a_row_is(
    house: House, over: dict[str, Any], expected: dict[str, Any]
) -> None:
    charge = one(house, usage("1", **over))
    assert {name: charge[name] for name in expected} == expected


def test_late_usage_counts_to_the_invoice_that_has_it(house: House) -> None:
    rows = [
        usage("1", usage_start_time="2026-09-30 23:00:00 UTC"),
        usage("2", usage_start_time="2026-09-30 23:00:00 UTC", invoice={"month": "202609"}),
    ]
    house.put(json_lines(rows), "b.jsonl")
    house.load()
    for month, amount in ((9, 2), (10, 1)):
        (charge,) = house.rows("charges", Period(2026, month))
        assert (charge["BilledCost"], str(charge["ChargePeriodStart"])[:7]) == (amount, "2026-09")


def test_times_with_different_offsets_in_one_file(house: House) -> None:
    starts = [
        "2026-10-05 10:00:00 UTC",
        "2026-10-05T10:00:00Z",
        "2026-10-05T10:00:00",
        "2026-10-05 03:00:00-07:00",
        "2026-10-05T12:00:00.000+02",
        "2026-10-05T15:30:00+0530",
    ]
    made = charges(house, [usage("1", usage_start_time=start) for start in starts])
    assert {str(charge["ChargePeriodStart"]) for charge in made} == {"2026-10-05 10:00:00"}


def test_an_invoice_month_that_is_none_is_set_aside(house: House) -> None:
    rows = [usage("1"), usage("2", invoice={"month": "202613"})]
    charges(house, rows)
    (aside,) = house.quarantined()
    assert (aside.line, aside.column) == (2, "invoice")


def test_a_broken_line_of_a_stream_is_set_aside(house: House) -> None:
    text = json_lines([usage("1"), usage("2", credit("PROMOTION", "-1"))])
    house.put(text.replace('"PROMOTION"', '"PROMOTION', 1) + json_text(usage("4")), "b.jsonl")
    loaded = house.load()
    assert str(found(loaded.findings, "row-malformed").place) == "bills/b.jsonl:2"
    assert house.totals().loaded["BilledCost"] == 5


def test_a_truncated_gzip_loads_nothing(house: House) -> None:
    whole = gzip.compress(json_lines([usage(str(n)) for n in range(2000)]).encode())
    house.put(whole[: len(whole) // 2], "b.json.gz")
    with pytest.raises(SourceError, match="cut short"):
        house.load()
    assert house.books.current() == ()


def test_parts_of_the_stream_that_overlap_are_told(house: House) -> None:
    hours = [
        usage(
            str(n),
            usage_start_time=f"2026-10-{n:02d} 01:00:00 UTC",
            resource={"name": f"vm-{n}", "global_name": f"//x/instances/{n}"},
        )
        for n in range(1, 21)
    ]
    house.put(json_lines(hours[:10]), "to the 10th.jsonl")
    house.put(json_lines(hours), "to the 20th.jsonl")
    (period,) = house.load().periods
    assert "overlapping-files" in codes(period.findings)


def test_the_same_file_twice_counts_once(house: House) -> None:
    text = json_lines([usage("1")])
    house.put(text, "a.jsonl")
    house.put(text, "b.jsonl")
    assert "duplicate-file" in codes(house.load().findings)
    assert house.totals().loaded["BilledCost"] == 1


def test_rows_multiplied_by_their_credits_are_refused(house: House) -> None:
    row = flat(usage("1"))
    del row["credits"]
    row |= {"credits.amount": "-1", "credits.type": "PROMOTION"}
    house.put(",".join(row) + "\n" + ",".join(f'"{text}"' for text in row.values()) + "\n")
    with pytest.raises(SourceError, match="credits are unnested"):
        house.load()


def test_a_bill_without_credits_says_so(house: House) -> None:
    row = usage("1")
    del row["credits"]
    house.put(json_lines([row]), "b.jsonl")
    loaded = house.load()
    assert "credits-missing" in codes(loaded.findings)
    assert house.totals().loaded["BilledCost"] == 1


def test_another_table_is_refused_with_what_is_missing(house: House) -> None:
    house.put("date,amount\n2026-10-01,1\n")
    with pytest.raises(SourceError, match=r"cost, currency, invoice\.month") as caught:
        house.load()
    assert "google-bills" in caught.value.hint
