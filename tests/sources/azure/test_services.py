"""Which service a use is of, and its category; how much of the open list the table covers."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from apportion.sources.allowed_values import ALLOWED_VALUES
from apportion.sources.azure.services import CATEGORY_OF, NAME_OF, SERVICES, service_of

OPEN_LIST = Path(__file__).parents[4] / "shared" / "data" / "open-data" / "Services.csv"

OTHERWISE = {
    "microsoft.automation": "we: governance; the list: integration",
    "microsoft.compute": "disks, snapshots and images: we say storage, the list compute",
    "microsoft.dashboard": "we: governance, beside Azure Monitor",
    "microsoft.eventgrid": "events about a resource are of Event Grid here, of the resource there",
    "microsoft.security": "watching over a resource is security here, of the resource there",
}
"""Providers whose category differs from that of the open list, and why."""


def test_a_service_has_one_category_that_focus_knows() -> None:
    assert set(SERVICES) <= set(ALLOWED_VALUES["ServiceCategory"])
    assert len(CATEGORY_OF) == sum(len(services) for services in SERVICES.values())
    assert set(NAME_OF.values()) <= set(CATEGORY_OF)
    assert all(key == key.lower() for key in NAME_OF)


@pytest.mark.parametrize(
    ("use", "name", "category"),
    [
        ("microsoft.cognitiveservices|microsoft.cognitiveservices/accounts",
         "Azure AI Services", "AI and Machine Learning"),
        ("microsoft.machinelearningservices|", "Azure Machine Learning", "AI and Machine Learning"),
        ("microsoft.compute|microsoft.compute/virtualmachines", "Virtual Machines", "Compute"),
        ("microsoft.compute|microsoft.compute/virtualmachinescalesets/virtualmachines",
         "Virtual Machine Scale Sets", "Compute"),
        ("microsoft.search|microsoft.search/searchservices", "Azure AI Search", "Analytics"),
        ("microsoft.storage|microsoft.compute/disks", "Storage Accounts", "Storage"),
    ],
)  # fmt: skip
def test_services(use: str, name: str, category: str) -> None:
    assert service_of(use) == name
    assert CATEGORY_OF[name] == category


def test_what_is_not_listed_has_no_service() -> None:
    assert service_of("microsoft.quantum|microsoft.quantum/workspaces") is None
    assert service_of("|") is None


def test_the_categories_are_those_of_the_open_list() -> None:
    """Where both know a use they agree, save for the named ones; how many we know is told."""
    if not OPEN_LIST.exists():
        pytest.skip(f"the open list of services isn't there: {OPEN_LIST}")
    with OPEN_LIST.open(encoding="utf-8-sig", newline="") as opened:
        rows = [row for row in csv.DictReader(opened) if row["ConsumedService"]]
    known, differing = 0, set()
    for row in rows:
        provider, kind = row["ConsumedService"].lower(), row["ResourceType"].lower()
        if name := service_of(f"{provider}|{kind}"):
            known += 1
            if CATEGORY_OF[name] != row["ServiceCategory"]:
                differing.add(f"{provider}|{kind}")
    print(f"the table knows {known} of {len(rows)} rows of the open list")  # noqa: T201
    assert known > len(rows) / 2
    providers = {use.partition("|")[0] for use in differing}
    assert providers - set(OTHERWISE) == set()
