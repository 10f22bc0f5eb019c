"""What a pool's method answered, and the shares that follow from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from apportion.allocate.question import Answer, Rest
from apportion.domain.owner import UNALLOCATED, Owner, OwnerKind
from apportion.domain.result import DriverUse, LineKind, PoolShare

_NOBODY = "used by identities that the model doesn't know"


@dataclass(frozen=True)
class PoolAnswer:
    """The exact parts of one pool in one currency; those of `passes` go to other pools.

    `stated` is what the pool costs by a cost function of its splits, where they have one.
    """

    pool: str
    currency: str
    method: str
    answer: Answer
    passes: frozenset[str] = frozenset()
    stated: Fraction | None = None

    @property
    def passed(self) -> Mapping[str, Fraction]:
        """The fraction that each other pool receives."""
        return {name: part for name in self.passes if (part := self.answer.fractions[name])}

    def shares(self) -> Iterator[PoolShare]:
        """A share for each receiver, idle capacity and variance, and for what the pool keeps."""
        answer, own = self.answer, Owner(OwnerKind.POOL, self.pool)
        for name, fraction in sorted(answer.fractions.items()):
            if fraction:
                uses, note = answer.uses.get(name, ()), answer.notes.get(name, "")
                if name == UNALLOCATED.name:
                    kind = LineKind.UNALLOCATED
                    yield self._share(UNALLOCATED, fraction, uses, kind, note or _NOBODY)
                    continue
                to = OwnerKind.POOL if name in self.passes else OwnerKind.TEAM
                yield self._share(Owner(to, name), fraction, uses, note=note)
        for (kind, team), rests in sorted(_by_carrier(answer).items()):
            part = sum((rest.part for rest in rests), Fraction(0))
            if part:
                known = Owner(OwnerKind.TEAM, team) if team else own
                carrier = UNALLOCATED if team == UNALLOCATED.name else known
                uses = tuple(use for rest in rests for use in rest.uses)
                reasons = "; ".join(dict.fromkeys(rest.reason for rest in rests))
                yield self._share(carrier, part, uses, kind, reasons)
        left = sum((gap.part for gap in answer.gaps), Fraction(0))
        if left:
            reasons = "; ".join(dict.fromkeys(gap.reason for gap in answer.gaps))
            yield PoolShare(self.pool, self.currency, own, left, "kept", (), LineKind.KEPT, reasons)

    def _share(
        self,
        receiver: Owner,
        part: Fraction,
        uses: tuple[DriverUse, ...],
        kind: LineKind = LineKind.SHARED,
        note: str = "",
    ) -> PoolShare:
        return PoolShare(self.pool, self.currency, receiver, part, self.method, uses, kind, note)


def _by_carrier(answer: Answer) -> dict[tuple[LineKind, str], list[Rest]]:
    found: dict[tuple[LineKind, str], list[Rest]] = defaultdict(list)
    for rest in answer.rests:
        found[rest.kind, rest.team].append(rest)
    return found


def passed_by(answers: Iterable[PoolAnswer]) -> dict[str, Mapping[str, Fraction]]:
    """What pools of one currency pass to other pools."""
    return {one.pool: passed for one in answers if (passed := one.passed)}
