"""Split cost allocation: pods' rows replace their part of the instance, and never add to it."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from random import Random

from curs import Row, legacy, line, summed
from loads import House, codes, found, table_of

HOUR = "2026-10-05T11:00:00Z"


def pod(name: str, split: str, unused: str = "0", **over: str) -> Row:
    """A pod's row: no unblended cost, and its part of the instance."""
    known = {
        "resource": f"arn:pod/{name}",
        "parent": "i-1",
        "code": "AmazonEKS",
        "usage_type": "EKS-EC2-vCPU-Hours",
        "operation": "EKSPod-EC2",
        "public_split": split,
        "public_unused": unused,
    }
    return line("0", split=split, unused=unused, **known | over)


def costs(house: House, basis: str = "EffectiveCost") -> dict[str, Decimal]:
    """The cost of each resource, over all files."""
    total: dict[str, Decimal] = defaultdict(Decimal)
    for unit in house.snapshot().units:
        for charge in table_of(house.lake, unit, "charges").to_pylist():
            total[charge["ResourceId"]] += charge[basis]
    return dict(total)


def test_the_instance_keeps_what_no_pod_carries(house: House) -> None:
    """An instance of 10.00; its pods carry 5.00 + 1.00 and 2.00: 2.00 stay with it."""
    house.take(legacy([line("10"), pod("a", "5", "1"), pod("b", "2")]))
    assert costs(house) == {"i-1": 2, "arn:pod/a": 6, "arn:pod/b": 2}
    assert costs(house, "ListCost") == {"i-1": 2, "arn:pod/a": 6, "arn:pod/b": 2}
    assert costs(house, "BilledCost") == {"i-1": 10, "arn:pod/a": 0, "arn:pod/b": 0}


def test_pods_and_instance_in_different_files(house: House) -> None:
    house.put(legacy([pod("a", "5", "1")]), "part-1.csv")
    house.put(legacy([line("10"), line("3", resource="i-2")]), "part-2.csv")
    house.put(legacy([pod("b", "2")]), "part-3.csv")
    (period,) = house.load().periods
    assert costs(house) == {"i-1": 2, "i-2": 3, "arn:pod/a": 6, "arn:pod/b": 2}
    assert sum(totals.loaded["EffectiveCost"] for totals in period.totals) == 13


def test_what_is_taken_off_looks_like_the_instance(house: House) -> None:
    """Whoever owns the instance is relieved: by its tags, account and service."""
    instance = line("10") | {"resourceTags/user:team": "platform"}
    house.take(legacy([instance, pod("a", "4")]))
    (key,) = (key for key in house.rows("keys") if "Carried" in str(key["ChargeDescription"]))
    assert (key["Tags"], key["ResourceId"], key["ServiceName"]) == (
        '{"team":"platform"}',
        "i-1",
        "Amazon Elastic Compute Cloud",
    )


def test_an_instance_that_is_partly_covered(house: House) -> None:
    """Two rows of an hour, 6.00 by a plan and 3.00 on demand: pods carry 7.00, the dearer first."""
    covered = line("8", type="SavingsPlanCoveredUsage", plan="arn:p", planned="6")
    transfer = line("1", usage_type="DataTransfer-Out-Bytes", operation="RunInstances")
    house.take(legacy([covered, line("3"), transfer, pod("a", "7")]))
    assert costs(house) == {"i-1": 3, "arn:pod/a": 7}
    taken = {
        charge["x_LineItemType"]: charge["EffectiveCost"]
        for unit in house.snapshot().units
        for charge in table_of(house.lake, unit, "charges").to_pylist()
        if "Carried" in str(charge["ChargeDescription"])
    }
    assert taken == {"SavingsPlanCoveredUsage": -6, "Usage": -1}


def test_each_hour_has_its_own_part(house: House) -> None:
    rows = [line("10"), line("10", start=HOUR), pod("a", "4", start=HOUR)]
    house.take(legacy(rows))
    assert costs(house) == {"i-1": 16, "arn:pod/a": 4}


def test_pods_whose_instance_is_not_in_the_bill_carry_nothing(house: House) -> None:
    loaded = house.take(
        legacy([line("10"), pod("a", "4", parent="i-9"), pod("b", "1", start=HOUR)])
    )
    assert costs(house) == {"i-1": 10, "arn:pod/a": 0, "arn:pod/b": 0}
    assert found(loaded.findings, "split-without-instance").rows == 2


def test_net_columns_are_split_too(house: House) -> None:
    net = {"splitLineItem/NetSplitCost": "3.6", "splitLineItem/NetUnusedCost": "0"}
    house.take(legacy([line("10", net="9"), pod("a", "4") | net]))
    assert costs(house) == {"i-1": Decimal("5.4"), "arn:pod/a": Decimal("3.6")}


def test_loading_again_changes_nothing(house: House) -> None:
    house.put(legacy([line("10"), pod("a", "4")]), "part-1.csv")
    house.load()
    before = house.snapshot()
    again = house.load()
    assert house.snapshot() == before
    assert (again.files_read, again.files_known) == (0, 1)


def test_a_pod_that_arrives_later_lowers_the_instance_that_was_loaded(house: House) -> None:
    house.put(legacy([line("10")]), "part-1.csv")
    house.load()
    house.put(legacy([pod("a", "4")]), "part-2.csv")
    loaded = house.load()
    assert loaded.files_known == 1
    assert costs(house) == {"i-1": 6, "arn:pod/a": 4}


def test_a_bill_without_pods_has_no_further_unit(house: House) -> None:
    loaded = house.take(legacy([line("10")]))
    assert len(house.snapshot().units) == 1
    assert "split-without-instance" not in codes(loaded.findings)


def test_whatever_is_split_the_totals_are_those_of_the_bill(house: House) -> None:
    chance = Random(3)

    def money(most: int) -> str:
        return str(Decimal(chance.randrange(most)).scaleb(-10))

    instances = [
        line(money(10**12), resource=f"i-{n % 7}", start=f"2026-10-05T1{n % 5}:00:00Z")
        for n in range(60)
    ]
    pods = [
        pod(
            f"p{n}",
            money(10**11),
            money(10**11),
            parent=f"i-{n % 9}",  # two of them aren't in the bill
            start=f"2026-10-05T1{n % 6}:00:00Z",
        )
        for n in range(90)
    ]
    house.put(legacy(instances[:30] + pods[:50]), "part-1.csv")
    house.put(legacy(instances[30:] + pods[50:]), "part-2.csv")
    (period,) = house.load().periods
    (totals,) = period.totals
    assert totals.loaded["EffectiveCost"] == totals.loaded["BilledCost"] == summed(instances)
    assert totals.read == totals.loaded
