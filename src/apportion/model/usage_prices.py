"""Prices of usage that a contract or a rate card states, over those of the catalogue.

The first entry that fits what was used decides, as with rules: a price of its own, or a
discount on what the catalogue says. What no entry fits has the catalogue's price.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from apportion.domain.usage import QUANTITIES
from apportion.errors import Place
from apportion.model.dated import ALWAYS, Validity

ANY = "*"
STANDARD = "standard"
"""The service tier of what is neither batch nor any other kind of processing."""

GPU_MODEL, GPU_TYPE, INSTANCE_TYPE = "gpu_model", "gpu_type", "instance_type"
RESOURCE_ATTRIBUTES = (GPU_MODEL, GPU_TYPE, INSTANCE_TYPE)
"""Attributes of a record that say what kind of thing its ResourceId is; Slurm says `gpu_type`."""

LEVEL_PLACES = 6
"""Decimal places of a price where the quantity itself isn't whole: GPU hours, GB, Wh."""


@dataclass(frozen=True)
class UsageKind:
    """What a price is for: patterns with ``*`` and ``?``, case is free.

    `provider` and `model` are as the usage writes them, or as the catalogue calls them.
    `resource` is a GPU model, an instance type, or a ResourceId.
    """

    provider: str = ANY
    model: str = ANY
    service_tier: str = ANY
    region: str = ANY
    resource: str = ANY


@dataclass(frozen=True)
class UsagePrice:
    """One entry of `prices`: a `price` of a `meter`, a `discount` on the catalogue, or what a
    name stands for in it (`same_as`, PROVIDER/MODEL).

    `price` is in `currency` for `per` units. `min_input` is the least size of a prompt, in
    tokens, that pays it. A discount without a meter is one on all; a negative one adds.
    """

    kind: UsageKind
    position: int
    place: Place
    meter: str = ""
    price: Decimal | None = None
    per: int = 1
    currency: str = ""
    min_input: int = 0
    discount: Fraction | None = None
    same_as: str = ""
    valid: Validity = ALWAYS
    because: str = ""
    responsible: str = field(default="")

    @property
    def subject(self) -> tuple[str, ...]:
        """What two entries have in common that must not hold on the same day."""
        what = "same_as" if self.same_as else "discount" if self.discount is not None else "price"
        kind = self.kind
        patterns = (kind.provider, kind.model, kind.service_tier, kind.region, kind.resource)
        return (what, *(one.casefold() for one in patterns), self.meter, str(self.min_input))


def usual_per(meter: str) -> int:
    """For how many units a meter's price is usually stated: a million tokens, one of all else.

    >>> usual_per("output_tokens"), usual_per("gpu_hours")
    (1000000, 1)
    """
    known = QUANTITIES.get(meter)
    return 1_000_000 if known and known.unit == "tokens" else 1


def is_whole(meter: str) -> bool:
    """Whether a meter's quantities are whole numbers (tokens, requests, seconds)."""
    known = QUANTITIES.get(meter)
    return known is not None and known.sql_type == "BIGINT"


def attributes_of(prices: Iterable[UsagePrice]) -> frozenset[str]:
    """The attributes of records that prices look at: they must be part of the usage keys."""
    asked = any(price.kind.resource != ANY for price in prices)
    return frozenset(RESOURCE_ATTRIBUTES) if asked else frozenset()
