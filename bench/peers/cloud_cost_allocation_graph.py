"""Peer: cloud-cost-allocation 2.3.4 on a graph of pools, cycles broken as its configuration allows.

.work/cca/bin/python bench/peers/cloud_cost_allocation_graph.py GRAPH.json
"""

from __future__ import annotations

import json
import logging
import sys
from collections import defaultdict
from configparser import ConfigParser
from pathlib import Path

from cloud_cost_allocation.cloud_cost_allocator import CloudCostAllocator
from cloud_cost_allocation.config import Config
from cloud_cost_allocation.cost_items import CostItemFactory
from cloud_cost_allocation.reader.csv_cost_allocation_keys_reader import (
    CSV_CostAllocationKeysReader,
)
from report import lap, report

SETTINGS = """
[General]
DateFormat = %%Y-%%m-%%d
DefaultService = unallocated
Amounts = AmortizedCost
AllocationKeys = Key
AmountAllocationKeys = AmortizedCost:Key
Dimensions = Environment

[TagKey]
Service = team
Environment = env

[Cycles]
MaxBreaks = 1000000
ServicePrecedenceList = """

DAY = "2026-10-01"


def main(graph: str) -> None:
    logging.basicConfig(level=logging.ERROR)
    asked = json.loads(Path(graph).read_text(encoding="utf-8"))
    pools = list(asked["costs"])
    parser = ConfigParser()
    parser.read_string(SETTINGS + ",".join(pools) + "\n")
    factory = CostItemFactory(Config(parser))
    costs = []
    for pool, amount in asked["costs"].items():
        item = factory.create_cloud_cost_item()
        item.date_str, item.currency = DAY, "USD"
        item.service = item.instance = pool
        item.amounts = [float(amount)]
        item.tags = {}
        costs.append(item)
    reader = CSV_CostAllocationKeysReader(factory)
    consumers = [
        reader.read_item(
            {"Date": DAY, "ProviderService": pool, "ConsumerService": to, "Key": str(quantity)}
        )
        for pool, to, quantity in asked["edges"]
    ]
    lap("read")
    allocator = CloudCostAllocator(factory)
    allocator.currency, allocator.date_str = "USD", DAY
    done = allocator.allocate(consumers, costs, ["AmortizedCost"])
    lap("allocate")
    totals: dict[str, float] = defaultdict(float)
    for instance in allocator.service_instances.values():
        if instance.service not in asked["costs"]:
            totals[instance.service] += sum(item.amounts[0] for item in instance.cost_items)
    report("cloud-cost-allocation", totals if done else None, done=done)


if __name__ == "__main__":
    main(sys.argv[1])
