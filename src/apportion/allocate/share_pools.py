"""Second pass: the exact fraction of every pool that each receiver carries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import groupby

from apportion.allocate.ask_pool import Asked, Asking
from apportion.allocate.gather_costs import Costs
from apportion.allocate.known import NOTHING, Known
from apportion.allocate.policy_pools import as_pool, kept, told
from apportion.allocate.pool_answer import PoolAnswer
from apportion.allocate.pool_findings import pool_findings
from apportion.allocate.stated_cost import stated_cost
from apportion.allocate.suspend_weak import SUSPENSE
from apportion.domain.amounts import Amounts
from apportion.domain.finding import Finding, Level
from apportion.domain.period import Span
from apportion.domain.usage_cells import PoolUsage
from apportion.model.pools import BetweenPools
from apportion.model.project import Model


def share_pools(
    costs: Costs,
    model: Model,
    span: Span,
    known: Known = NOTHING,
    basis: str = "EffectiveCost",
) -> tuple[tuple[PoolAnswer, ...], tuple[Finding, ...]]:
    """Ask each pool's method who carries it, and fill what it leaves open by the model's policy.

    Dated splits weigh by the days on which they hold; days that no split
    covers stay in the pool. Pools that receive cost from others are asked as
    well. Which pools may receive is what the method between pools says: none
    (direct), those still open (step-down), or all (reciprocal). Invariant: the
    fractions of a pool in a currency, what it keeps included, sum to 1.

    Raises ConfigurationError where a driver is missing and the model says error.
    """
    asking = Asking(model, span)
    answers: list[PoolAnswer] = []
    findings: list[Finding] = []
    for currency in sorted({money for money, _ in costs.pools}):
        desk = _Desk(costs, currency, asking, known, basis)
        for answer, found in desk.answers():
            answers.append(answer)
            findings.extend(found)
    return tuple(answers), tuple(dict.fromkeys(findings))


_Answered = tuple[PoolAnswer, list[Finding]]


class _Desk:
    """The pools of one currency."""

    def __init__(
        self,
        costs: Costs,
        currency: str,
        asking: Asking,
        known: Known,
        basis: str,
    ) -> None:
        self.costs, self.currency = costs, currency
        self.asking, self.known = asking, known
        self.pools = {pool.name: pool for pool in asking.model.pools}
        own = {name: amounts for (money, name), amounts in costs.pools.items() if money == currency}
        self.asked = Asked(
            currency,
            {**own, **costs.direct_of(currency)},
            costs.across,
            basis=basis,
            commitments=known.commitments,
        )

    def answers(self) -> Iterator[_Answered]:
        between = self.asking.model.between(self.asking.span.start)
        if between.method is BetweenPools.DIRECT:
            yield from (self.answer(name, ()) for name in self.charged())
        elif between.method is BetweenPools.RECIPROCAL:
            yield from self.reached()
        else:
            yield from self.stepped(between.order)

    def charged(self) -> list[str]:
        """Pools with cost of their own, or with parts that come to nothing together."""
        return sorted(
            name
            for (money, name), amounts in self.costs.pools.items()
            if money == self.currency
            and not (
                amounts.is_zero
                and self.costs.converted.get((money, name), Amounts()).is_zero
                and not self.netting(name)
            )
        )

    def netting(self, name: str) -> bool:
        """Whether a pool of no cost is split by services that do cost something."""
        pool, services = self.pools.get(name), self.costs.services.get((self.currency, name), {})
        if pool is None or all(amounts.is_zero for amounts in services.values()):
            return False
        return any(split.by_services for one in pool.splits for split in one.value.nested)

    def reached(self) -> list[_Answered]:
        """Pools with cost of their own, and those that receive some, by name."""
        found: dict[str, _Answered] = {}
        ahead = self.charged()
        while ahead:
            name = ahead.pop()
            if name not in found:
                found[name] = self.answer(name, self.pools)
                ahead.extend(found[name][0].passed)
        return [found[name] for name in sorted(found)]

    def stepped(self, order: Collection[str]) -> Iterator[_Answered]:
        """Each pool passes cost to those that close after it."""
        reached = {answer.pool: answer for answer, _ in self.reached()}
        rank = {name: place for place, name in enumerate(order)}
        last = len(rank)
        closing = sorted(
            reached, key=lambda name: (rank.get(name, last), -_service(reached[name]), name)
        )
        for place, name in enumerate(closing):
            answer, found = self.answer(name, closing[place + 1 :])
            if place == 0 and len(closing) > 1:
                tied = _tied([one for one in closing if one not in rank], reached)
                found = [*found, self.order_found(closing, bool(rank), tied)]
            yield answer, found

    def order_found(self, closing: list[str], stated: bool, tied: str) -> Finding:
        why = "as the model says" if stated else "by most service rendered to other pools"
        why += f"; {tied}" if tied else ""
        return Finding(
            "step-down-order",
            Level.NOTE,
            f"pools close in the order {', '.join(closing)} ({why}, {self.currency})",
            None,
            "state it under `order` where another one is meant",
        )

    def answer(self, name: str, open_: Collection[str]) -> _Answered:
        pool, asked, told_of = self.pools.get(name), self.asked, list[Finding]()
        if name == SUSPENSE and pool is None:
            return kept(name, self.currency, "evidence too weak to be charged"), told_of
        if pool is None:
            policy = self.known.policies.pools[name]
            told_of = list(told(policy))
            if not policy.shared:
                return kept(policy.name, self.currency, "kept by policy"), told_of
            pool = as_pool(policy)
            asked = Asked(self.currency, self.known.policies.used(policy, self.currency), None)
        else:
            key = (self.currency, name)
            days, services = self.costs.by_day.get(key, {}), self.costs.services.get(key, {})
            used = self.known.usage.get(key, PoolUsage())
            everywhere = self.costs.services_of(name)
            asked = replace(
                asked, by_day=days, services=services, all_services=everywhere, usage=used
            )
        questions = list(self.asking.questions(pool, asked, open_))
        answer = self.asking.answer(pool, questions)
        stated = (str(one.value.method) for one in pool.splits)
        method = " then ".join(answer.methods or dict.fromkeys(stated))
        passes = {other for _, question in questions for other in question.pools} - {name}
        to_pools = frozenset(passes & answer.fractions.keys())
        made = PoolAnswer(name, self.currency, method, answer, to_pools, stated_cost(questions))
        return made, [
            *told_of,
            *pool_findings(pool, self.currency, answer, questions, self.asking.span),
        ]


def _tied(names: Iterable[str], reached: Mapping[str, PoolAnswer]) -> str:
    """Pools that render the same service, of which another order would be as good."""
    by_service = groupby(names, key=lambda name: _service(reached[name]))
    ties = (list(same) for service, same in by_service if service)
    return "; ".join(
        f"{' and '.join(same)} render the same, so they go by name"
        for same in ties
        if len(same) > 1
    )


def _service(answer: PoolAnswer) -> Fraction:
    """The part of its service that a pool renders to other pools."""
    return sum(answer.passed.values(), Fraction(0))
