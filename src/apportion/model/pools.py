"""Pools of shared cost, and how each is split."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from apportion.errors import Place
from apportion.model.dated import ALWAYS, Dated, Validity
from apportion.model.rules import Condition


class Method(StrEnum):
    """How a pool is split: the FinOps Framework's and cost accounting's plain methods."""

    EVEN = "even"
    FIXED = "fixed"
    DIRECT_COST = "direct_cost"
    HEAD_COUNT = "head_count"
    DRIVER = "driver"
    WEIGHTED = "weighted"


class WhenMissing(StrEnum):
    """What happens when a driver has no, zero or negative quantities. No silent even split."""

    ERROR = "error"
    KEEP = "keep"
    FALLBACK = "fallback"


@dataclass(frozen=True)
class Split:
    """How a pool is split while this holds.

    `among` names the receiving teams (empty: every team of the period), less
    `excluding`. `percentages` belong to `fixed` and sum to 100. `drivers`
    holds one driver for `driver`, and drivers with weights that sum to 1 for
    `weighted`. `on` is the cost basis that `direct_cost` weighs by.
    """

    method: Method
    place: Place
    among: tuple[str, ...] = ()
    excluding: tuple[str, ...] = ()
    percentages: tuple[tuple[str, Fraction], ...] = ()
    drivers: tuple[tuple[str, Fraction], ...] = ()
    on: str = "EffectiveCost"
    when_missing: WhenMissing = WhenMissing.ERROR
    fallback: Split | None = None


@dataclass(frozen=True)
class Pool:
    """Shared cost: the charges that meet its condition, or all that a team was given.

    Pools claim charges before attribution rules do, in the order of the model.
    """

    name: str
    position: int
    title: str
    place: Place
    splits: tuple[Dated[Split], ...]
    condition: Condition | None = None
    from_team: str = ""
    valid: Validity = ALWAYS
    because: str = ""
    responsible: str = ""


@dataclass(frozen=True)
class DriverRow:
    """A team's quantity over the days from `start` to `until` (a month, or a single day)."""

    team: str
    start: date
    until: date
    quantity: Decimal
    place: Place


@dataclass(frozen=True)
class Driver:
    """Quantities that split a pool, with their unit and where they come from."""

    name: str
    unit: str
    file: str
    place: Place
    rows: tuple[DriverRow, ...] = ()
