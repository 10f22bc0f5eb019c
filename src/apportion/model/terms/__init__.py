"""The terms of methods that have more to say than who receives: one file for each."""

from __future__ import annotations

from collections.abc import Mapping

from apportion.model.pools import Method
from apportion.model.terms.activity import ACTIVITY
from apportion.model.terms.commitment import COMMITMENT
from apportion.model.terms.dual_rate import DUAL_RATE
from apportion.model.terms.fair_shares import DOMINANT_RESOURCE, MAX_MIN
from apportion.model.terms.method_terms import MethodTerms
from apportion.model.terms.practical_capacity import PRACTICAL_CAPACITY
from apportion.model.terms.shapley import SHAPLEY
from apportion.model.terms.standard_rate import STANDARD_RATE
from apportion.model.terms.time_driven import TIME_DRIVEN
from apportion.model.terms.usage_cost import USAGE_COST

TERMS: Mapping[Method, MethodTerms] = {
    Method.PRACTICAL_CAPACITY: PRACTICAL_CAPACITY,
    Method.STANDARD_RATE: STANDARD_RATE,
    Method.DUAL_RATE: DUAL_RATE,
    Method.ACTIVITY: ACTIVITY,
    Method.TIME_DRIVEN: TIME_DRIVEN,
    Method.COMMITMENT: COMMITMENT,
    Method.SHAPLEY: SHAPLEY,
    Method.MAX_MIN: MAX_MIN,
    Method.DOMINANT_RESOURCE: DOMINANT_RESOURCE,
    Method.USAGE_COST: USAGE_COST,
}
"""By method, what it reads besides the receivers."""
