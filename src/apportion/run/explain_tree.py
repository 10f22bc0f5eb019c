"""The tree from a statement line through its pools down to the rules; its parts sum exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from apportion.allocate.origins import Origins, passing_through
from apportion.allocate.solve_loops import loops
from apportion.domain.owner import Evidence, OwnerKind
from apportion.domain.result import PoolShare, Run


@dataclass(frozen=True)
class Reason:
    """Part of a cost that one rule decided, on evidence of a stated strength; exact.

    `pool` is the pool that the charges fell into, for a share of a pool; it may be
    one that charges the line's pool. `meant` is the owner that the rule gave, where the
    evidence was too weak to charge it.
    """

    rule: str
    evidence: Evidence
    source: str
    service: str
    charges: int
    amount: Fraction
    pool: str = ""
    meant: str = ""


class NodeKind(StrEnum):
    """What a part of a line is.

    line: the whole. pool: what comes out of a pool's full cost. loop: what a pool
    brings into a loop of pools that charge each other. own: charges that fell into
    a pool. rule: those of them that one rule decided.
    """

    LINE = "line"
    POOL = "pool"
    LOOP = "loop"
    OWN = "own"
    RULE = "rule"


@dataclass(frozen=True)
class Node:
    """A part of a line, in money of the line, and what it is made of.

    A pool, a loop and own charges are `share` of `of`, a cost of the pool `name`.
    `passed` is what that pool charges to the one above it in the tree: a fraction of its
    full cost; in a loop that of what it brings in, once it has gone round. `again`
    says that the same pool is taken apart elsewhere in the tree.

    Invariant: parts sum to their node, and share times of is the amount.
    """

    kind: NodeKind
    name: str
    amount: Fraction
    share: Fraction | None = None
    of: Fraction | None = None
    passed: Fraction | None = None
    parts: tuple[Node, ...] = ()
    reason: Reason | None = None
    again: bool = False

    def check(self) -> None:
        """Raise AssertionError if parts don't sum to their node (a fault of the program)."""
        if self.parts and sum((part.amount for part in self.parts), Fraction(0)) != self.amount:
            raise AssertionError(f"the parts of {self.kind} {self.name} don't sum to it")
        if self.share is not None and self.of is not None and self.share * self.of != self.amount:
            raise AssertionError(f"{self.kind} {self.name} isn't its share of the whole")
        for part in self.parts:
            part.check()


@dataclass(frozen=True)
class Received:
    """What another pool charges a pool: `part` of that pool's full cost, which is `of`."""

    pool: str
    part: Fraction
    of: Fraction

    @property
    def amount(self) -> Fraction:
        return self.part * self.of


ReasonsOf = Callable[[str], tuple[Reason, ...]]
"""By pool, which rules gave it its own charges."""


@dataclass(frozen=True)
class PoolTree:
    """What pools of one currency charge each other, and what each costs by itself and in full."""

    passed: Mapping[str, Mapping[str, Fraction]]
    own: Mapping[str, Fraction]
    reasons: ReasonsOf
    _through: dict[str, Origins] = field(default_factory=dict)
    _full: dict[str, Fraction] = field(default_factory=dict)
    _loops: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run, currency: str, basis: str, reasons: ReasonsOf) -> PoolTree:
        """The pools of a run, on one cost basis."""
        own: dict[str, Fraction] = defaultdict(Fraction)
        for part in run.attributed:
            if part.currency == currency and part.owner.kind is OwnerKind.POOL:
                own[part.owner.name] += part.amounts.of(basis)
        return cls(_passed(run.shares, currency), own, reasons)

    def through(self, pool: str) -> Origins:
        """Where a pool's full cost comes from, itself first; see `passing_through`."""
        if pool not in self._through:
            found = passing_through(pool, self.passed)
            order = sorted(found, key=lambda name: (name != pool, name))
            self._through[pool] = {name: found[name] for name in order}
        return self._through[pool]

    def full(self, pool: str) -> Fraction:
        """A pool's own cost and what other pools charge it."""
        if pool not in self._full:
            parts = self.through(pool).items()
            self._full[pool] = sum((self.cost(name) * part for name, part in parts), Fraction(0))
        return self._full[pool]

    def cost(self, pool: str) -> Fraction:
        """A pool's own cost: the charges that fell into it."""
        return self.own.get(pool, Fraction(0))

    def givers(self, pool: str) -> list[tuple[str, Fraction]]:
        """The pools that charge it, and which fraction of their full cost."""
        found = ((name, to[pool]) for name, to in self.passed.items() if pool in to)
        return sorted((name, part) for name, part in found if part)

    def received(self, pool: str) -> tuple[Received, ...]:
        """What each pool charges it; with its own cost these sum to its full cost."""
        found = tuple(Received(name, part, self.full(name)) for name, part in self.givers(pool))
        whole = sum((one.amount for one in found), self.cost(pool))
        if whole != self.full(pool):
            raise AssertionError(f"pool {pool} isn't its own cost and what others charge it")
        return found

    def loop(self, pool: str) -> frozenset[str]:
        """The pools that a pool charges and is charged by, itself included."""
        if not self._loops:
            for found in loops(self.passed, self.own):
                self._loops.update(dict.fromkeys(found, frozenset(found)))
        return self._loops.get(pool, frozenset({pool}))

    def draw(self, pool: str, share: Fraction) -> Node:
        """A share of a pool's full cost, taken apart."""
        return self._pool(pool, share, share, set())

    def _pool(self, pool: str, share: Fraction, passed: Fraction, seen: set[str]) -> Node:
        of = self.full(pool)
        if pool in seen:
            return Node(NodeKind.POOL, pool, share * of, share, of, passed, again=True)
        seen.add(pool)
        members = self.loop(pool)
        if len(members) == 1:
            parts = tuple(self._inflow(pool, share, members, seen))
        else:
            seen |= members
            parts = tuple(self._round(pool, share, members, seen))
        return Node(NodeKind.POOL, pool, share * of, share, of, passed, parts)

    def _round(
        self, pool: str, share: Fraction, members: frozenset[str], seen: set[str]
    ) -> Iterator[Node]:
        """What each pool of a loop brings into it, as far as it passes through the pool."""
        for name, part in self.through(pool).items():
            if name in members:
                parts = tuple(self._inflow(name, share * part, members, seen))
                amount = sum((one.amount for one in parts), Fraction(0))
                of = amount / (share * part)
                if parts:
                    yield Node(NodeKind.LOOP, name, amount, share * part, of, part, parts)

    def _inflow(
        self, pool: str, share: Fraction, members: frozenset[str], seen: set[str]
    ) -> Iterator[Node]:
        """A pool's own charges, and those of pools outside of its loop that charge it."""
        reasons = self.reasons(pool)
        if reasons:
            cost = self.cost(pool)
            yield Node(
                NodeKind.OWN,
                pool,
                cost * share,
                share,
                cost,
                parts=tuple(rule_node(reason, share) for reason in reasons),
            )
        for name, part in self.givers(pool):
            if name not in members:
                yield self._pool(name, share * part, part, seen)


def rule_node(reason: Reason, share: Fraction = Fraction(1)) -> Node:
    """The charges that one rule decided; `share` of them is part of the line."""
    return Node(NodeKind.RULE, reason.rule, reason.amount * share, share, reason.amount,
                reason=reason)  # fmt: skip


def _passed(shares: Iterable[PoolShare], currency: str) -> dict[str, dict[str, Fraction]]:
    found: dict[str, dict[str, Fraction]] = defaultdict(dict)
    for share in shares:
        if share.passed and share.currency == currency:
            found[share.pool][share.receiver.name] = share.fraction
    return dict(found)
