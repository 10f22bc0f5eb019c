"""A pool's charges held against the usage that caused them: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from apportion.domain.amounts import Amounts


@dataclass(frozen=True)
class UsageCell:
    """Charges of a pool of one day and kind, and who used what they are for.

    `kind` is what they say of themselves (model, kind of token, project …), by the names of
    :data:`apportion.model.terms.usage_cost.MATCHES`. `matched` are those of them by which
    usage was found, and `weights` by owner what it would cost, or its quantity where no price
    is known; empty where there is no usage at all. `given_up` is what it says and no usage of its
    model and day agrees in, `untold` what the usage that was found says nothing of.
    """

    day: date
    kind: tuple[tuple[str, str], ...]
    cost: Amounts
    matched: tuple[str, ...] = ()
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    given_up: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()


@dataclass(frozen=True)
class PricedKind:
    """What usage of a provider and model would cost by list and negotiated prices.

    `cost` is in the pool's currency; `unpriced` counts what has no price, by meter.
    """

    provider: str
    model: str
    cost: Fraction
    unpriced: Mapping[str, Fraction] = field(default_factory=dict)
    by_day: Mapping[date, Fraction] = field(default_factory=dict)


@dataclass(frozen=True)
class PoolUsage:
    """A pool's charges by cell, and what the usage of its sources would cost.

    `priced` is by owner, `kinds` the same by provider and model. `foreign` is the currency of
    prices, where it isn't the pool's: then amounts can't be held against each other.
    `left_out` counts records of sources for which another stood, by source and provider.
    `teams` are those among the owners that are teams, whether they exist or not. `models` are
    the names by which cells and usage are compared, by other spellings of them.
    """

    cells: tuple[UsageCell, ...] = ()
    priced: Mapping[str, Fraction] = field(default_factory=dict)
    kinds: tuple[PricedKind, ...] = ()
    foreign: str = ""
    left_out: Mapping[tuple[str, str, str], Fraction] = field(default_factory=dict)
    teams: frozenset[str] = frozenset()
    models: Mapping[str, str] = field(default_factory=dict)


UsageCells = Mapping[tuple[str, str], PoolUsage]
"""By currency and pool."""
