"""Anomalies as values: what happened, what drove it, what it cost, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256

from apportion.insight.anomaly.tracks import Channel


class Cause(StrEnum):
    """spike: more than usual. new: a thing that wasn't there and runs on. price: a dearer unit."""

    SPIKE = "spike"
    NEW = "new"
    PRICE = "price"


@dataclass(frozen=True)
class Driver:
    """A thing behind an anomaly: a machine, a key, a job, with its part of the extra cost.

    `singles` are the single ones of a family, `who` the people behind them. `effect` says
    whether it is new, more of it was used (volume), or it became dearer (price).
    """

    name: str
    kind: str
    singles: tuple[str, ...]
    who: tuple[str, ...]
    extra: float
    effect: str


@dataclass(frozen=True)
class Anomaly:
    """Days on which an owner's cost of a service wasn't usual.

    `noticed` is the first day on which it could be told; `extra` the estimated cost beyond
    the usual so far, `usual` what a day usually costs, `by_day` the extra of each day from
    `first`. `running` says that it went on on the last day that is known.
    """

    channel: Channel
    owner: str
    service: str
    cause: Cause
    currency: str
    first: date
    noticed: date
    last: date
    extra: float
    usual: float
    by_day: tuple[float, ...]
    running: bool
    price_effect: float
    volume_effect: float
    drivers: tuple[Driver, ...] = ()

    @property
    def id(self) -> str:
        """A short name that stays: made of what it is and when it was noticed."""
        parts = (str(self.channel), self.owner, self.service, str(self.noticed))
        return sha256("\n".join(parts).encode()).hexdigest()[:8]

    @property
    def effect(self) -> str:
        """Whether it is rather the price or the volume."""
        return "price" if abs(self.price_effect) > abs(self.volume_effect) else "volume"
