"""Is it fair? Each charge of a pool beside what its receiver would pay alone, and what it adds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from apportion.allocate.ask_pool import Asked, Asking
from apportion.allocate.origins import origins
from apportion.allocate.question import Question
from apportion.domain.amounts import sum_of
from apportion.domain.owner import OwnerKind
from apportion.domain.result import LineKind, PoolShare, Run
from apportion.errors import NotLoaded, UsageError
from apportion.insight.demanded import Demanded, demanded
from apportion.insight.pool_costs import pool_costs
from apportion.insight.weight_moves import WeightMove, weight_moves
from apportion.model.pools import Pool
from apportion.model.project import Model


@dataclass(frozen=True)
class Standing:
    """What a team (or a pool that uses the pool) is charged, would pay alone, and adds.

    A charge above the stand-alone cost invites exit; one below the incremental cost lets
    others pay for what the receiver causes. Of a pool of credits both are mirrored.
    """

    receiver: str
    charge: Fraction
    alone: Fraction
    added: Fraction
    sign: int = 1

    @property
    def above_alone(self) -> bool:
        return (self.charge - self.alone) * self.sign > 0

    @property
    def below_added(self) -> bool:
        return (self.charge - self.added) * self.sign < 0


@dataclass(frozen=True)
class Concentration:
    """How few carry a pool: HHI = Σ (charge ÷ all charges)², from 1 ÷ n to 1, and who most."""

    hhi: Fraction
    top: str
    share: Fraction


@dataclass(frozen=True)
class PoolFairness:
    """One pool in one currency; `words` say which cost function charges are held against."""

    pool: str
    currency: str
    method: str
    cost: Fraction
    words: str
    standings: tuple[Standing, ...]
    concentration: Concentration | None
    moves: tuple[WeightMove, ...]


@dataclass(frozen=True)
class Fairness:
    """The pools of a saved run, and what is charged by what policies demand."""

    period: str
    run: str
    basis: str
    pools: tuple[PoolFairness, ...]
    demanded: tuple[Demanded, ...]


def find_fairness(run: Run, model: Model, pool: str = "") -> Fairness:
    """Read the fairness of a run's pools, or of one of them; changes nothing.

    Raises UsageError where the model has changed since the run, NotLoaded where the run has
    no such pool. Pools that policies fill are left out: they go by use of the provider.
    """
    if run.model != model.hash:
        raise UsageError(
            "the model has changed since this run",
            why="charges would be held against another cost function than that of their pool",
            hint=f"run again: `apportion run --period {run.period}`",
        )
    pools = {one.name: one for one in model.pools}
    shared: dict[tuple[str, str], list[PoolShare]] = defaultdict(list)
    for share in run.shares:
        if share.pool in pools and pool in {"", share.pool}:
            shared[share.pool, share.currency].append(share)
    if pool and not shared:
        raise NotLoaded(
            f"the run of {run.period} has no pool {pool!r}",
            hint=f"there is {', '.join(sorted({share.pool for share in run.shares})) or 'none'}",
        )
    costs = _costs(run)
    asking = Asking(model, run.span)
    found: list[PoolFairness] = []
    told: list[Demanded] = []
    for (name, currency), shares in sorted(shared.items()):
        cost = costs[currency, name]
        questions = _questions(asking, pools[name], currency, shares)
        splits = [question.split for _, question in questions]
        found.append(_pool(pools[name], cost, shares, questions))
        told += demanded(cost, shares, splits, model.drivers.values())
    return Fairness(str(run.period), run.id, run.basis, tuple(found), tuple(told))


def _costs(run: Run) -> Mapping[tuple[str, str], Fraction]:
    """The full cost of each pool: its own, and what other pools charge it."""
    own: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for part in run.attributed:
        if part.owner.kind is OwnerKind.POOL:
            own[part.currency, part.owner.name] += part.amounts.of(run.basis)
    return {
        (currency, pool): sum_of(own[currency, name] * part for name, part in whence.items())
        for (currency, pool), whence in origins(run.shares).items()
    }


def _questions(
    asking: Asking, pool: Pool, currency: str, shares: Iterable[PoolShare]
) -> Sequence[tuple[Fraction, Question]]:
    passed = {share.receiver.name for share in shares if share.passed}
    return tuple(asking.questions(pool, Asked(currency, {}, None), passed))


def _pool(
    pool: Pool,
    cost: Fraction,
    shares: Sequence[PoolShare],
    questions: Sequence[tuple[Fraction, Question]],
) -> PoolFairness:
    known = pool_costs(pool, questions)
    charges: dict[str, Fraction] = defaultdict(Fraction)
    for share in shares:
        if share.receiver.kind is OwnerKind.TEAM or share.passed:
            charges[share.receiver.name] += cost * share.fraction
    sign = -1 if cost < 0 else 1
    standings = tuple(
        Standing(
            name,
            charges.get(name, Fraction(0)),
            cost * known.alone.get(name, Fraction(0)),
            cost * known.added.get(name, Fraction(0)),
            sign,
        )
        for name in sorted({*charges, *known.alone})
    )
    splits = [question.split for _, question in questions]
    return PoolFairness(
        pool.name,
        shares[0].currency,
        next((one.method for one in shares if one.kind is not LineKind.KEPT), shares[0].method),
        cost,
        known.words,
        standings,
        _concentration(charges),
        tuple(_in_money(weight_moves(splits, shares), cost)),
    )


def _concentration(charges: Mapping[str, Fraction]) -> Concentration | None:
    """None where nothing is charged, or where some are charged and others credited."""
    total = sum_of(charges.values())
    if not total or any(charge * total < 0 for charge in charges.values()):
        return None
    parts = {name: charge / total for name, charge in charges.items()}
    top = max(sorted(parts), key=lambda name: parts[name])
    return Concentration(sum_of(part * part for part in parts.values()), top, parts[top])


def _in_money(moves: Iterable[WeightMove], cost: Fraction) -> Iterator[WeightMove]:
    for move in moves:
        yield WeightMove(
            move.driver, move.weight, {who: part * cost for who, part in move.moves.items()}
        )
