"""Peer (c): cloud-cost-allocation 2.3.4 from PyPI, unpatched, in an environment of its own.

It reads FOCUS rows into objects, allocates one day and one currency a run, and
writes a CSV. A month is a run for each day, as its users must do; reading is
done once.

Its services are our teams and platforms, its allocation keys our quantities.

    .work/cca/bin/python bench/peers/cloud_cost_allocation_peer.py BILL.csv KEYS.csv OUT
"""

from __future__ import annotations

import csv
import logging
import sys
from collections import defaultdict
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

from cloud_cost_allocation.cloud_cost_allocator import CloudCostAllocator
from cloud_cost_allocation.config import Config
from cloud_cost_allocation.cost_items import CostItemFactory
from cloud_cost_allocation.reader.csv_cost_allocation_keys_reader import (
    CSV_CostAllocationKeysReader,
)
from cloud_cost_allocation.reader.csv_focus_reader import CSV_FocusReader
from cloud_cost_allocation.utils.utils import read_csv, write_csv_file
from cloud_cost_allocation.writer.csv_allocated_cost_writer import CSV_AllocatedCostWriter
from report import lap, report

SETTINGS = """
[General]
DateFormat = %%Y-%%m-%%d
DefaultService = unallocated
Amounts = AmortizedCost,OnDemandCost
AllocationKeys = Key
AmountAllocationKeys = AmortizedCost:Key,OnDemandCost:Key
Dimensions = Environment

[TagKey]
Service = team
Environment = env

[FocusUnusedCommitment]
UnusedCommitmentService = unallocated
"""


def main(bill: str, keys: str, out: str) -> None:
    logging.disable(logging.ERROR)
    parser = ConfigParser()
    parser.read_string(SETTINGS)
    config = Config(parser)
    factory = CostItemFactory(config)
    items: list[object] = []
    read_csv(bill, CSV_FocusReader(factory), items)
    lap("read")
    by_day = defaultdict(list)
    for item in items:
        by_day[item.date_str].append(item)  # type: ignore[attr-defined]
    totals: dict[str, float] = defaultdict(float)
    Path(out).mkdir(parents=True, exist_ok=True)
    for day, of_day in sorted(by_day.items()):
        allocator = CloudCostAllocator(factory)
        allocator.currency, allocator.date_str = "USD", day
        consumers = list(_consumers(factory, keys, day))
        if not allocator.allocate(consumers, of_day, config.amounts):
            raise SystemExit(f"{day} could not be allocated")
        _add(totals, allocator)
        writer = CSV_AllocatedCostWriter(allocator.service_instances, config)
        write_csv_file(f"{out}/{day}.csv", writer)
    lap("allocate and write")
    report("cloud-cost-allocation", totals, rows=len(items), days=len(by_day))


def _consumers(factory: CostItemFactory, keys: str, day: str) -> Iterator[object]:
    reader = CSV_CostAllocationKeysReader(factory)
    with Path(keys).open(newline="") as file:
        for row in csv.DictReader(file):
            yield reader.read_item(
                {
                    "Date": day,
                    "ProviderService": row["pool"],
                    "ConsumerService": row["team"],
                    "Key": row["quantity"],
                }
            )


def _add(totals: dict[str, float], allocator: CloudCostAllocator) -> None:
    for instance in allocator.service_instances.values():
        if not instance.service.startswith("platform-"):
            name = "" if instance.service == "unallocated" else instance.service
            totals[name] += sum(item.amounts[0] for item in instance.cost_items)


if __name__ == "__main__":
    main(*sys.argv[1:])
