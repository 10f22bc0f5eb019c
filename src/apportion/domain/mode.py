"""What a charge means for whoever receives it: information, a bill to see, or a bill to pay."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """shadow: information only, tried out. showback: shown, not booked. chargeback: booked.

    Source: FinOps Framework, Invoicing & Chargeback; neither of the last two is the
    more mature, accounting policy decides.
    """

    SHADOW = "shadow"
    SHOWBACK = "showback"
    CHARGEBACK = "chargeback"


_ORDER = tuple(Mode)


def least(*modes: Mode) -> Mode:
    """The mode that binds a receiver least: a charge is booked only if all sides are ready.

    >>> least(Mode.CHARGEBACK, Mode.SHADOW) is Mode.SHADOW
    True
    """
    return min(modes, key=_ORDER.index)
