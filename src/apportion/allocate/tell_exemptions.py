"""What exemptions moved, in money: nobody is spared unseen."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.allocate.limit_findings import money
from apportion.allocate.pool_answer import PoolAnswer
from apportion.domain.finding import Finding, Level
from apportion.model.limits import Exemption

if TYPE_CHECKING:
    from apportion.allocate.settling import Settling


def tell_exemptions(answer: PoolAnswer, about: Settling) -> tuple[PoolAnswer, tuple[Finding, ...]]:
    """The amount that each exemption took off a team, who carries it, and why; moves nothing."""
    parts: dict[Exemption, Fraction] = defaultdict(Fraction)
    for moved in answer.answer.moved:
        parts[moved.exemption] += moved.part
    cost = about.full.of(about.basis)
    return answer, tuple(_told(answer, one, part * cost) for one, part in parts.items())


def _told(answer: PoolAnswer, one: Exemption, amount: Fraction) -> Finding:
    shown = f"{money(amount, answer.currency).removeprefix('+')} {answer.currency}"
    carried = one.charge_to or "all others, in proportion"
    return Finding(
        "team-exempted",
        Level.NOTE,
        f"{one.team} is exempt from {shown} of pool {answer.pool}, carried by {carried}: "
        f"{one.because} (until {one.valid.until})",
        one.place,
        "the exemption ends by itself; prolong it in the model where it still holds",
    )
