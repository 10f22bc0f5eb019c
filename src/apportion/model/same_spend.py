"""One spend that arrives on several bills: which of them counts."""

from __future__ import annotations

from dataclasses import dataclass

from apportion.errors import Place
from apportion.model.dated import ALWAYS, Validity
from apportion.model.rules import Condition


@dataclass(frozen=True)
class SameSpend:
    """Views of one spend: a provider's own report, a Marketplace row, a gateway's bill.

    The first of `views` that has charges in a month counts. `counted` is its place once
    that is known, and -1 before; what meets another view is left out then.
    """

    name: str
    place: Place
    views: tuple[Condition, ...]
    valid: Validity = ALWAYS
    because: str = ""
    responsible: str = ""
    counted: int = -1
