"""The cost stack: whether cost is direct, indirect or a third party's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from apportion.errors import Place
from apportion.model.dated import ALWAYS, Validity
from apportion.model.rules import Condition


class Stack(StrEnum):
    """direct: what runs. indirect: people and overhead around it. third_party: vendors."""

    DIRECT = "direct"
    INDIRECT = "indirect"
    THIRD_PARTY = "third_party"


@dataclass(frozen=True)
class StackRule:
    """Charges that meet a condition lie in one part of the stack; the first match decides."""

    name: str
    position: int
    place: Place
    condition: Condition
    stack: Stack
    valid: Validity = ALWAYS
    because: str = ""
    responsible: str = ""
