"""What a unit of the business costs: an order, a user, a document, by a counter of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from apportion.errors import Place
from apportion.model.dated import ALWAYS, Validity

TOKENS = "tokens"
"""The meter of all tokens of prompts and answers together."""


@dataclass(frozen=True)
class UnitCostSpec:
    """A cost, and the counter that it is divided by, while this holds.

    The cost are the statement lines of `teams` (those of `products` among them) that come from
    `pools` or are direct cost of `services`; what isn't named isn't asked. `meter` is a
    quantity of usage, of `sources` or of all, in steps of `per`.
    """

    name: str
    meter: str
    place: Place
    sources: tuple[str, ...] = ()
    per: int = 1
    teams: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    valid: Validity = ALWAYS
    because: str = ""
    responsible: str = ""
