"""What calls of models cost: one that succeeded, one attempt, a million tokens of each class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction

from apportion.allocate.usage_cost import AT_PRICES, DRIVER
from apportion.domain.amounts import sum_of
from apportion.domain.usage import LOST
from apportion.insight.carried import TOKEN_METERS, KeyDay
from apportion.insight.trace_lines import Piece
from apportion.insight.unit_cost_values import (
    NOT_METERED,
    Scope,
    UnitCost,
    cost_of,
    days_of,
)

MILLION = 1_000_000
REQUESTS = ("requests", "failed_requests")

PER_SUCCESS = "per successful inference"
PER_ATTEMPT = "per attempt"
PER_TOKENS = "per 1M tokens"

_SUCCESS = "cost carried for calls ÷ calls that succeeded"
_ATTEMPT = "cost carried for calls ÷ all calls, failed ones too"
_CLASS = "cost carried for tokens of the class ÷ tokens of the class × 1,000,000"
_BLENDED = "cost carried for tokens ÷ tokens of prompts and answers × 1,000,000"


def call_costs(scope: Scope) -> Iterator[UnitCost]:
    """Costs per call and per million tokens.

    Invariant: the costs by class of tokens sum to the blended cost, exactly.
    """
    for (currency, group), pieces in scope.grouped(lambda one: _is_call(scope, one)).items():
        counted = [one for one in pieces if _counts_requests(scope, one)]
        if counted:
            yield from _per_call(scope, currency, group, counted)
        rest = cost_of(pieces) - cost_of(counted)
        if rest:
            yield UnitCost(PER_SUCCESS, _SUCCESS, currency, rest, None, "requests", group=group,
                           note=f"{NOT_METERED}: the source counts no requests")  # fmt: skip
        yield from _per_tokens(scope, currency, group, pieces)


def _is_call(scope: Scope, piece: Piece) -> bool:
    """Usage of a model: it names one, or has tokens."""
    if not piece.key or piece.day is None:
        return False
    meters = scope.found.quantities.get((piece.key, piece.day), {})
    return bool(scope.found.about(piece.key, "ModelId")) or any(m in meters for m in TOKEN_METERS)


def _counts_requests(scope: Scope, piece: Piece) -> bool:
    assert piece.day is not None
    return "requests" in scope.found.quantities.get((piece.key, piece.day), {})


def _per_call(
    scope: Scope, currency: str, group: str, pieces: Sequence[Piece]
) -> Iterator[UnitCost]:
    days = days_of(pieces)
    cost, calls = cost_of(pieces), scope.quantity(days, "requests")
    failed = sum_of(_failed(scope, one) for one in days)
    yield UnitCost(PER_SUCCESS, _SUCCESS, currency, cost, calls - failed, "successful requests",
                   group=group)  # fmt: skip
    yield UnitCost(PER_ATTEMPT, _ATTEMPT, currency, cost, calls, "requests", group=group)


def _failed(scope: Scope, day: KeyDay) -> Fraction:
    """Calls that failed: as counted, or all of what ended so as a whole."""
    meters = scope.found.quantities[day]
    if "failed_requests" in meters:
        return meters["failed_requests"]
    lost = scope.found.about(day[0], "Status") in LOST
    return meters["requests"] if lost else Fraction(0)


def _per_tokens(
    scope: Scope, currency: str, group: str, pieces: Sequence[Piece]
) -> Iterator[UnitCost]:
    costs = by_class(scope, pieces)
    if not costs:
        return
    days = days_of(pieces)
    whole = Fraction(0)
    for meter in (one for one in TOKEN_METERS if one in costs):
        tokens = scope.quantity(days, meter)
        whole += tokens
        yield UnitCost(PER_TOKENS, _CLASS, currency, costs[meter], tokens, "tokens", MILLION,
                       class_name(meter), group)  # fmt: skip
    yield UnitCost(PER_TOKENS, _BLENDED, currency, sum_of(costs.values()), whole, "tokens",
                   MILLION, "blended", group)  # fmt: skip


def class_name(meter: str) -> str:
    """A class of tokens in words.

    >>> class_name("cache_write_5m_tokens")
    'cache write 5m'
    """
    return meter.removesuffix("_tokens").replace("_", " ")


def by_class(scope: Scope, pieces: Sequence[Piece]) -> dict[str, Fraction]:
    """What was carried for each class of tokens.

    A piece that fell on a class is its; another is spread over the classes of its key and day
    in proportion to what they would cost, or where no price is known, to the tokens.
    """
    found: dict[str, Fraction] = defaultdict(Fraction)
    for piece in pieces:
        for meter, amount in _spread(scope, piece):
            found[meter] += amount
    used = {meter for one in days_of(pieces) for meter, n in scope.found.quantities[one].items()
            if n and meter in TOKEN_METERS}  # fmt: skip
    return {meter: found.get(meter, Fraction(0)) for meter in TOKEN_METERS
            if found.get(meter) or meter in used}  # fmt: skip


def _spread(scope: Scope, piece: Piece) -> Iterator[tuple[str, Fraction]]:
    assert piece.day is not None
    if piece.driver in {DRIVER, AT_PRICES}:
        if piece.meter in TOKEN_METERS:
            yield piece.meter, piece.amount
        return
    held = scope.found.quantities[piece.key, piece.day]
    tokens = {meter: n for meter, n in held.items() if meter in TOKEN_METERS and n}
    weights = scope.found.costs.get((piece.key, piece.day), {})
    if not any(weights.values()):
        weights = tokens
    whole = sum_of(weights.values())
    for meter, weight in weights.items() if whole else ():
        yield meter, piece.amount * weight / whole
