"""What splits ask for beyond a pool's cost: its days, and splits of other models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from apportion.allocate.suspend_weak import DaysByEvidence
from apportion.attribute import Attribution
from apportion.attribute.pool_days import pool_days
from apportion.model.pools import Split
from apportion.model.project import Model
from apportion.run.workspace import Charges, Workspace


def days_of_pools(
    workspace: Workspace, charges: Charges, attribution: Attribution, *models: Model
) -> DaysByEvidence:
    """What pools cost day by day, on what evidence, for pools that any of the models so splits."""
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


def with_splits_of(model: Model, others: Iterable[Model]) -> Model:
    """A model whose pools have the splits of others besides: for what any of them asks for."""
    more = {
        name: tuple(split for other in others for pool in other.pools if pool.name == name
                    for split in pool.splits)
        for name in {pool.name for pool in model.pools}
    }  # fmt: skip
    return replace(
        model,
        pools=tuple(replace(pool, splits=(*pool.splits, *more[pool.name])) for pool in model.pools),
    )


def _by_day(split: Split) -> bool:
    others = (split.previous, split.fallback)
    return split.by_day or any(_by_day(other) for other in others if other)
