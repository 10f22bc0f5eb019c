"""Every method of splitting, by its name in the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from apportion.allocate.activity import activity
from apportion.allocate.commitment import commitment
from apportion.allocate.direct_cost import direct_cost
from apportion.allocate.dominant_resource import dominant_resource
from apportion.allocate.driver import driver
from apportion.allocate.dual_rate import dual_rate
from apportion.allocate.even import even
from apportion.allocate.fixed import fixed
from apportion.allocate.head_count import head_count
from apportion.allocate.max_min import max_min
from apportion.allocate.practical_capacity import practical_capacity
from apportion.allocate.question import Answer, Question
from apportion.allocate.shapley import shapley
from apportion.allocate.standard_rate import standard_rate
from apportion.allocate.time_driven import time_driven
from apportion.allocate.usage_cost import usage_cost
from apportion.allocate.weighted import weighted
from apportion.model.pools import Method

METHODS: Mapping[Method, Callable[[Question], Answer]] = {
    Method.EVEN: even,
    Method.FIXED: fixed,
    Method.DIRECT_COST: direct_cost,
    Method.HEAD_COUNT: head_count,
    Method.DRIVER: driver,
    Method.WEIGHTED: weighted,
    Method.PRACTICAL_CAPACITY: practical_capacity,
    Method.STANDARD_RATE: standard_rate,
    Method.DUAL_RATE: dual_rate,
    Method.ACTIVITY: activity,
    Method.TIME_DRIVEN: time_driven,
    Method.COMMITMENT: commitment,
    Method.SHAPLEY: shapley,
    Method.MAX_MIN: max_min,
    Method.DOMINANT_RESOURCE: dominant_resource,
    Method.USAGE_COST: usage_cost,
}
"""Each answers a Question exactly."""
