"""What terms in money are settled by: a pool whose full cost is known."""

from __future__ import annotations

from dataclasses import dataclass

from apportion.allocate.pool_answer import PoolAnswer
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
