"""Rules that punish what a policy demands: charges by quantities that teams can't choose."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from apportion.domain.amounts import sum_of
from apportion.domain.result import LineKind, PoolShare
from apportion.model.pools import Driver, Split


@dataclass(frozen=True)
class Demanded:
    """What a team is charged of a pool by a driver that a policy demands."""

    pool: str
    currency: str
    driver: str
    policy: str
    receiver: str
    amount: Fraction


def demanded(
    cost: Fraction,
    shares: Iterable[PoolShare],
    splits: Collection[Split],
    drivers: Collection[Driver],
) -> Iterator[Demanded]:
    """The part of each share of a pool that such drivers make.

    Of several drivers each makes its own part of a charge, in proportion to what the method
    gave by it; where a method doesn't tell its drivers apart, the charge as a whole counts.
    """
    gone_by = {name for split in splits for name in split.driver_names}
    for driver in drivers:
        if not driver.demanded_by or driver.name not in gone_by:
            continue
        apart = any(use.driver == driver.name for share in shares for use in share.uses)
        for share in shares:
            if share.kind is not LineKind.SHARED:
                continue
            part = _part_by(share, driver.name) if apart else Fraction(1)
            if part:
                yield Demanded(
                    share.pool,
                    share.currency,
                    driver.name,
                    driver.demanded_by,
                    share.receiver.name,
                    cost * share.fraction * part,
                )


def _part_by(share: PoolShare, driver: str) -> Fraction:
    parts = [(use.driver, use.weight * use.quantity / use.total) for use in share.uses if use.total]
    whole = sum_of(part for _, part in parts)
    return sum_of(part for name, part in parts if name == driver) / whole if whole else Fraction(0)
