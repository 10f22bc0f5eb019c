"""The daily cost of those pools whose split goes by the day; read only where there are any."""

from __future__ import annotations

from apportion.allocate.gather_costs import PoolDays
from apportion.attribute import Attribution
from apportion.attribute.pool_days import pool_days
from apportion.model.pools import Split
from apportion.model.project import Model
from apportion.run.workspace import Charges, Workspace


def days_of_pools(
    workspace: Workspace, charges: Charges, attribution: Attribution, *models: Model
) -> PoolDays:
    """By currency and pool, its own cost day by day, for pools that any of the models so splits."""
    named = {
        pool.name
        for model in models
        for pool in model.pools
        if any(_by_day(one.value) for one in pool.splits)
    }
    if not named:
        return {}
    return pool_days(
        workspace.engine,
        named,
        attributed=attribution.relation,
        daily=charges.daily,
        keys=charges.keys,
    )


def _by_day(split: Split) -> bool:
    others = (split.previous, split.fallback)
    return split.by_day or any(_by_day(other) for other in others if other)
