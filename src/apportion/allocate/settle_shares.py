"""Fourth pass: terms in money, which can be applied only once the full cost of a pool is known."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from apportion.allocate.limit_shares import limit_shares
from apportion.allocate.pool_answer import PoolAnswer
from apportion.allocate.settle_priced import settle_priced, without_cost
from apportion.allocate.settling import Settled, Settling
from apportion.allocate.solve_pools import Full
from apportion.allocate.tell_exemptions import tell_exemptions
from apportion.allocate.tell_lost import tell_lost
from apportion.domain.amounts import Amounts
from apportion.domain.finding import Finding
from apportion.domain.period import Span
from apportion.model.dated import Validity
from apportion.model.project import Model

STEPS: tuple[Callable[[PoolAnswer, Settling], Settled], ...] = (
    settle_priced,
    tell_exemptions,
    limit_shares,
    tell_lost,
)
"""What is applied to each pool, in order."""


def settle_shares(
    answers: Iterable[PoolAnswer], full: Full, model: Model, span: Span, basis: str
) -> tuple[tuple[PoolAnswer, ...], tuple[Finding, ...]]:
    """Apply to every pool's answer what its model states in money.

    Invariants: what a pool passes to other pools stays as it was, and all of the
    pool is still answered for.
    """
    pools = {pool.name: pool for pool in model.pools}
    settled: list[PoolAnswer] = []
    findings: list[Finding] = []
    for answer in answers:
        made = answer
        if pool := pools.get(answer.pool):
            about = Settling(pool, full[answer.currency, answer.pool], model, span, basis)
            made, told = _settle(answer, about)
            findings.extend(told)
        settled.append(made)
    nothing = _without_cost({answer.pool for answer in settled}, model, span, basis)
    return tuple(settled), (*findings, *nothing)


def _without_cost(
    asked: Collection[str], model: Model, span: Span, basis: str
) -> Iterator[Finding]:
    """Pools with rates into which nothing fell at all."""
    days = Validity(span.start, span.until)
    for pool in model.pools:
        rated = (one for one in pool.splits if one.value.in_money and one.valid.meet(days))
        if pool.name not in asked and any(rated):
            yield without_cost(pool.name, "", Settling(pool, Amounts(), model, span, basis))


def _settle(answer: PoolAnswer, about: Settling) -> tuple[PoolAnswer, list[Finding]]:
    made, findings = answer, list[Finding]()
    for step in STEPS:
        made, told = step(made, about)
        findings.extend(told)
    if made.passed != answer.passed or made.answer.whole != 1:
        raise AssertionError(f"settling pool {answer.pool} lost or moved a part of it")
    return made, findings
