"""The sample company's bills: conforming, repeatable, and true to their story."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from apportion.demo import LAST_PERIOD, write_demo
from apportion.demo.company import RUNAWAY
from apportion.demo.usage_of_features import METERS, quantities
from apportion.domain.charge import FOCUS_COLUMNS, version_of
from apportion.domain.period import Period
from apportion.errors import UsageError
from apportion.publish.export_focus import export_focus
from apportion.run.bring_in import bring_in, bring_in_usage
from apportion.run.evaluate import evaluate
from apportion.run.open_project import OpenProject
from apportion.run.reconcile import reconcile

Row = dict[str, str]

COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    write_demo(folder)
    return folder


def rows_of(folder: Path, period: str) -> list[Row]:
    with gzip.open(folder / "bills" / "aws" / f"{period}.csv.gz", "rt", newline="") as file:
        return list(csv.DictReader(file))


def table(path: Path) -> list[Row]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def total(rows: list[Row], column: str, where: Callable[[Row], bool] = lambda _: True) -> Decimal:
    return sum((Decimal(row[column]) for row in rows if where(row)), Decimal(0))


def months(first: Period, last: Period) -> Iterator[str]:
    while first <= last:
        yield str(first)
        first = first.next()


@pytest.fixture(scope="module")
def owner_of(company: Path) -> dict[str, str]:
    return {row["ResourceId"]: row["owner"] for row in table(company / "truth" / "resources.csv")}


def test_there_are_twenty_six_months_of_bills(company: Path) -> None:
    names = sorted(path.name for path in (company / "bills" / "aws").iterdir())
    assert names == [f"{month}.csv.gz" for month in months(Period(2024, 9), Period(2026, 10))]
    assert len(names) == 26


@pytest.mark.parametrize("period", ["2024-09", "2025-08", "2026-05", "2026-10"])
def test_a_bill_sums_to_its_invoice_to_the_last_digit(company: Path, period: str) -> None:
    invoices = {row["period"]: row for row in table(company / "invoices" / "aws.csv")}
    assert invoices[period]["currency"] == "USD"
    assert total(rows_of(company, period), "BilledCost") == Decimal(invoices[period]["amount"])


def test_rows_conform_to_focus_1_2(company: Path) -> None:
    rows = rows_of(company, "2026-10")
    wanted = [column.name for column in FOCUS_COLUMNS if column.known_in("1.2")]
    assert list(rows[0]) == wanted
    assert version_of(rows[0]) == "1.2"
    filled = """BilledCost BillingAccountId BillingCurrency BillingPeriodEnd BillingPeriodStart
        ChargeCategory ChargeFrequency ChargePeriodEnd ChargePeriodStart ContractedCost
        EffectiveCost InvoiceIssuerName ListCost ProviderName PublisherName ServiceCategory
        ServiceName ServiceSubcategory BillingAccountType PricingCurrency
        PricingCurrencyEffectiveCost""".split()
    for row in rows:
        assert all(row[name] for name in filled), row
        assert row["ChargeCategory"] in {"Usage", "Purchase", "Tax", "Credit", "Adjustment"}
        assert row["ChargeFrequency"] in {"One-Time", "Recurring", "Usage-Based"}
        assert row["ChargeClass"] in {"", "Correction"}
        assert row["CommitmentDiscountStatus"] in {"", "Used", "Unused"}
        assert row["PricingCategory"] in {"", "Standard", "Committed"}
        assert row["ChargePeriodStart"] < row["ChargePeriodEnd"]
        assert row["BillingPeriodStart"] == "2026-10-01T00:00:00Z"
        assert row["BillingPeriodEnd"] == "2026-11-01T00:00:00Z"
        assert not row["Tags"] or isinstance(json.loads(row["Tags"]), dict)
        for cost in COSTS:
            assert "E" not in row[cost]


def test_cost_of_use_is_price_times_quantity(company: Path) -> None:
    for row in rows_of(company, "2026-10"):
        if row["ChargeCategory"] == "Usage" and row["CommitmentDiscountStatus"] != "Unused":
            quantity = Decimal(row["PricingQuantity"])
            assert Decimal(row["ListCost"]) == Decimal(row["ListUnitPrice"]) * quantity
            assert Decimal(row["ContractedCost"]) == Decimal(row["ContractedUnitPrice"]) * quantity


@pytest.mark.parametrize("period", ["2024-09", "2025-11", "2026-10"])
def test_savings_plan_is_billed_once_and_spread_whole(company: Path, period: str) -> None:
    rows = rows_of(company, period)

    def of_plan(row: Row) -> bool:
        return row["CommitmentDiscountType"] == "Savings Plan"

    billed, effective = (total(rows, cost, of_plan) for cost in ("BilledCost", "EffectiveCost"))
    assert billed == effective > 0


def test_reservation_is_billed_in_one_month_and_spread_over_its_year(company: Path) -> None:
    def of_reservation(row: Row) -> bool:
        return row["CommitmentDiscountType"] == "Reserved Node"

    year = [rows_of(company, month) for month in months(Period(2025, 9), Period(2026, 8))]
    billed = [total(rows, "BilledCost", of_reservation) for rows in year]
    effective = [total(rows, "EffectiveCost", of_reservation) for rows in year]
    assert [bool(amount) for amount in billed] == [True] + [False] * 11
    assert all(effective)
    assert sum(billed) == sum(effective)


def test_late_usage_is_that_of_the_month_before(company: Path) -> None:
    starts = {row["ChargePeriodStart"][:7] for row in rows_of(company, "2026-10")}
    assert starts == {"2026-09", "2026-10"}
    late = [r for r in rows_of(company, "2026-10") if r["ChargePeriodStart"] < "2026-10"]
    assert {row["ChargeClass"] for row in late} == {""}


def test_about_a_third_of_the_shared_account_bears_no_team(company: Path) -> None:
    rows = [r for r in rows_of(company, "2026-10") if r["SubAccountName"] == "ml-shared"]

    def untagged(row: Row) -> bool:
        return row["ChargeCategory"] == "Usage" and not {"team", "Team", "squad"} & set(
            json.loads(row["Tags"] or "{}")
        )

    part = total(rows, "EffectiveCost", untagged) / total(rows, "EffectiveCost")
    assert Decimal("0.25") < part < Decimal("0.42")


def test_tags_are_misspelt_in_several_ways(company: Path) -> None:
    values = defaultdict(set)
    for row in rows_of(company, "2026-10"):
        for key, value in json.loads(row["Tags"] or "{}").items():
            values[key].add(value)
    assert {"team", "Team", "squad"} <= set(values)
    spelt = values["team"] | values["Team"]
    assert {"nlp", "cv", "rec"} < spelt
    assert len(spelt) >= 10


def test_the_feature_store_costs_about_fifty_thousand_a_month(company: Path) -> None:
    for month in months(Period(2025, 11), Period(2026, 10)):
        rows = rows_of(company, month)
        cost = total(rows, "EffectiveCost", lambda row: row["SubAccountName"] == "feature-platform")
        assert 42_000 < cost < 56_000, (month, cost)


def test_the_runaway_sweep_more_than_doubles_nlp(company: Path, owner_of: dict[str, str]) -> None:
    cost = {
        month: total(
            rows_of(company, month),
            "EffectiveCost",
            lambda row: owner_of.get(row["ResourceId"]) == "nlp",
        )
        for month in ("2026-04", "2026-05", "2026-06")
    }
    assert cost["2026-05"] > 2 * cost["2026-04"]
    assert cost["2026-05"] > 2 * cost["2026-06"]


def test_the_bill_grows(company: Path) -> None:
    invoices = [Decimal(row["amount"]) for row in table(company / "invoices" / "aws.csv")]
    assert sum(invoices[-12:]) > sum(invoices[:12]) * Decimal("1.5")
    assert 100_000 < min(invoices) < max(invoices) < 1_000_000


def test_credits_are_negative_and_fees_are_there(company: Path) -> None:
    rows = rows_of(company, "2026-10")
    by_category = {row["ChargeCategory"] for row in rows}
    assert by_category == {"Usage", "Purchase", "Tax", "Credit", "Adjustment"}
    assert total(rows, "BilledCost", lambda row: row["ChargeCategory"] == "Credit") < 0
    assert total(rows, "BilledCost", lambda row: "Support" in row["ServiceName"]) > 0


def test_the_truth_knows_every_resource_of_the_bills(
    company: Path, owner_of: dict[str, str]
) -> None:
    for month in ("2024-09", "2025-08", "2026-05", "2026-10"):
        named = {row["ResourceId"] for row in rows_of(company, month)} - {""}
        assert named <= set(owner_of)


def test_drivers_have_each_team_and_month(company: Path) -> None:
    for name in ("storage_gb", "materialisation_hours"):
        rows = table(company / "model" / "drivers" / f"{name}.csv")
        assert len({(row["team"], row["period"]) for row in rows}) == len(rows) == 5 * 26
        assert all(int(row["quantity"]) > 0 for row in rows)


def test_the_vendor_bills_in_focus_1_3_parquet(company: Path) -> None:
    import pyarrow.parquet as pq

    found = pq.read_table(company / "bills" / "example-models" / "2026-10.parquet")
    assert found.column_names == [c.name for c in FOCUS_COLUMNS if c.known_in("1.3")]
    assert version_of(found.column_names) == "1.3"
    assert set(found["ServiceProviderName"].to_pylist()) == {"Example Models"}
    assert isinstance(found["BilledCost"][0].as_py(), Decimal)
    assert 10_000 < sum(found["BilledCost"].to_pylist()) < 60_000


def test_the_same_seed_gives_the_same_bytes(company: Path, tmp_path: Path) -> None:
    """And a month's content doesn't depend on how many months are written."""
    written = write_demo(tmp_path / "again", months=2)
    for path in written:
        part = path.relative_to(tmp_path / "again")
        whole = (company / part).read_bytes()
        if part.parts[0] == "bills" and part.suffix == ".csv":  # a sheet of many months
            assert set(path.read_bytes().splitlines()) <= set(whole.splitlines()), part
        elif part.parts[0] in {"bills", "truth"}:
            assert path.read_bytes() == whole, part


def test_another_seed_gives_another_bill(company: Path, tmp_path: Path) -> None:
    write_demo(tmp_path / "other", months=1, seed=2)
    assert rows_of(tmp_path / "other", "2026-10") != rows_of(company, "2026-10")


def test_larger_bills_have_the_same_totals(company: Path, tmp_path: Path) -> None:
    write_demo(tmp_path / "large", months=1, rows_per_month=12_000)
    small, large = rows_of(company, "2026-10"), rows_of(tmp_path / "large", "2026-10")
    assert len(large) >= 12_000 > len(small)
    for cost in COSTS:
        assert total(large, cost) == total(small, cost)


def test_the_last_period_is_the_default(company: Path) -> None:
    assert (company / "bills" / "aws" / f"{LAST_PERIOD}.csv.gz").exists()


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(UsageError, match="something else"):
        write_demo(tmp_path, months=1)
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_the_model_reads_without_a_fault(company: Path) -> None:
    from apportion.model.read_model import read_model
    from apportion.model.read_project import read_project

    project = read_project(company)
    model = read_model(project)
    formats = {source.format for source in project.sources.values()}
    assert formats == {"focus", "azure", "gcp", "oracle", "table", "openai-costs"}
    used = {source.format for source in project.usage.values()}
    assert used == {"slurm", "openai-usage", "csv"}
    assert len(project.sources["aws"].control) == 26
    assert {team.name for team in model.organisation.teams} == {
        "nlp", "cv", "rec", "search", "fraud", "platform"
    }  # fmt: skip


ELSEWHERE = {"azure": "EUR", "google": "USD", "oracle": "USD"}


def test_every_bill_is_proven_to_its_invoice_or_to_its_file(tmp_path: Path) -> None:
    """All sellers side by side: each source, in each currency and on each basis."""
    write_demo(tmp_path, months=1)
    with OpenProject(tmp_path) as project:
        bring_in(project)
        bring_in_usage(project)
        run = evaluate(project.workspace, project.model, LAST_PERIOD)
        found = reconcile(project.settings, project.books, run)
    assert found.ok
    assert found.complete
    proofs = {(one.source, one.currency, one.basis): one for one in found.proofs}
    assert {source for source, _, _ in proofs} == set(project.settings.sources)
    for source, currency in ELSEWHERE.items():
        billed = proofs[source, currency, "BilledCost"]
        invoice = table(tmp_path / "invoices" / f"{source}.csv")[0]
        assert billed.control == billed.read == Decimal(invoice["amount"])
    # What is owned has no bill, and is paid for all the same.
    machines = proofs["machines", "USD", "EffectiveCost"]
    assert proofs["machines", "USD", "BilledCost"].read == 0
    # 144,000 over 24 months, and 28,500 over 18, of which October is the eighth.
    eighth = Decimal("12666.67") - Decimal("11083.33")
    assert machines.read == machines.direct == Decimal("6000.00") + eighth


def test_a_pair_of_exports_goes_out_as_focus_once(tmp_path: Path) -> None:
    """Azure's actual and amortised exports tell the same charges on different bases."""
    write_demo(tmp_path, months=1)
    with OpenProject(tmp_path) as project:
        bring_in(project, ["azure"])
        made = export_focus(
            project.books, project.lake, period=LAST_PERIOD, version="1.2", path=tmp_path / "o.csv"
        )
    invoice = Decimal(table(tmp_path / "invoices" / "azure.csv")[0]["amount"])
    written = table(made.path)
    for basis in ("BilledCost", "EffectiveCost"):
        assert made.totals["EUR", basis] == invoice == total(written, basis)


def test_the_store_counts_what_the_teams_read(company: Path) -> None:
    """The days of a month add up to the quantities that the story tells."""
    rows = table(company / "usage" / "feature-store" / "2026-10.csv")
    assert len(rows) == 5 * 31
    read = {team: 0 for team, _ in quantities(METERS[-1], Period(2026, 10), 1)}
    for row in rows:
        read[row["TeamLabel"]] += int(row["feature_reads"])
    assert read == {
        team: 1_000_000 * count for team, count in quantities(METERS[-1], Period(2026, 10), 1)
    }


def test_what_is_shared_is_charged_by_use(tmp_path: Path) -> None:
    """Cluster, model API and feature store; what nobody known used stays unallocated."""
    write_demo(tmp_path, months=6)
    with OpenProject(tmp_path) as project:
        bring_in(project)
        bring_in_usage(project)
        run = evaluate(project.workspace, project.model, RUNAWAY)
    shares = {(one.pool, one.receiver.name, str(one.kind)): one for one in run.shares}
    for pool in ("gpu-cluster", "llm-api"):
        assert shares[pool, "unallocated", "unallocated"].fraction > 0
        own = [one.fraction for (name, *_), one in shares.items() if name == pool]
        assert sum(own) == 1
    lost = shares["gpu-cluster", "nlp", "lost"]
    assert "cancelled: 17,390.9333 GPU hours" in lost.note
    assert all(proof.ok for proof in run.proofs)


def test_elapsed_time_of_jobs_is_what_passed_also_over_a_clock_change(company: Path) -> None:
    """Else a job would count as suspended for an hour, or beyond its end."""
    for path in sorted((company / "usage" / "cluster").glob("sacct-*.txt")):
        header, *lines = path.read_text().splitlines()
        said = [dict(zip(header.split("|"), line.split("|"), strict=True)) for line in lines]
        for job in said:
            start, end = (
                datetime.fromisoformat(job[name]).replace(tzinfo=ZoneInfo("Europe/Berlin"))
                for name in ("Start", "End")
            )
            assert int(job["ElapsedRaw"]) == end.timestamp() - start.timestamp()
