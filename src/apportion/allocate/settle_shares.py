"""Fourth pass: terms in money, which can be applied only once the full cost of a pool is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from apportion.allocate.limit_shares import limit_shares
from apportion.allocate.pool_answer import PoolAnswer
from apportion.allocate.solve_pools import Full
from apportion.allocate.tell_exemptions import tell_exemptions
from apportion.domain.amounts import Amounts
from apportion.domain.finding import Finding
from apportion.domain.period import Span
from apportion.model.pools import Pool
from apportion.model.project import Model


@dataclass(frozen=True)
class Settling:
    """A pool whose full cost is known. `basis` is the cost basis that money terms are meant in."""

    pool: Pool
    full: Amounts
    model: Model
    span: Span
    basis: str


Settled = tuple[PoolAnswer, tuple[Finding, ...]]

STEPS: tuple[Callable[[PoolAnswer, Settling], Settled], ...] = (tell_exemptions, limit_shares)
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
    return tuple(settled), tuple(findings)


def _settle(answer: PoolAnswer, about: Settling) -> tuple[PoolAnswer, list[Finding]]:
    made, findings = answer, list[Finding]()
    for step in STEPS:
        made, told = step(made, about)
        findings.extend(told)
    if made.passed != answer.passed or made.answer.whole != 1:
        raise AssertionError(f"settling pool {answer.pool} lost or moved a part of it")
    return made, findings
