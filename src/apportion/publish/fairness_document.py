"""The fairness of pools as a JSON document. Amounts and parts are exact: decimal text, or n/d."""

from __future__ import annotations

from apportion.insight.demanded import Demanded
from apportion.insight.fairness import Fairness, PoolFairness, Standing
from apportion.insight.weight_moves import WeightMove
from apportion.publish.documents import Document, exact


def fairness_document(found: Fairness) -> Document:
    """The fairness of a run's pools; keys may be added, never renamed."""
    return {
        "period": found.period,
        "run": found.run,
        "basis": found.basis,
        "pools": [_pool(one) for one in found.pools],
        "demanded_by_policy": [_demanded(one) for one in found.demanded],
    }


def _pool(one: PoolFairness) -> Document:
    few = one.concentration
    return {
        "pool": one.pool,
        "currency": one.currency,
        "method": one.method,
        "cost": exact(one.cost),
        "held_against": one.words,
        "receivers": [_standing(each) for each in one.standings],
        "above_stand_alone": [each.receiver for each in one.standings if each.above_alone],
        "below_incremental": [each.receiver for each in one.standings if each.below_added],
        "concentration": None
        if few is None
        else {"hhi": exact(few.hhi), "top": few.top, "share": exact(few.share)},
        "per_point_of_weight": [_move(each) for each in one.moves],
    }


def _standing(one: Standing) -> Document:
    return {
        "receiver": one.receiver,
        "charge": exact(one.charge),
        "stand_alone": exact(one.alone),
        "incremental": exact(one.added),
    }


def _move(one: WeightMove) -> Document:
    return {
        "driver": one.driver,
        "weight": exact(one.weight),
        "moves": {who: exact(amount) for who, amount in one.moves.items()},
    }


def _demanded(one: Demanded) -> Document:
    return {
        "pool": one.pool,
        "currency": one.currency,
        "driver": one.driver,
        "policy": one.policy,
        "receiver": one.receiver,
        "amount": exact(one.amount),
    }
