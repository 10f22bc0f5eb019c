"""Pools by rates and capacity, and what came out, for tests with figures by hand."""

from __future__ import annotations

from fractions import Fraction

from apportion.allocate import Allocation
from apportion.domain.owner import OwnerKind
from apportion.domain.result import LineKind
from apportion.model.pools import Method, Pool, Split, Terms
from companies import HERE, pool

Carried = dict[str, Fraction]


def split(method: Method, terms: Terms, **how: object) -> Split:
    return Split(method, HERE, terms=terms, **how)  # type: ignore[arg-type]


def by(method: Method, terms: Terms, **how: object) -> Pool:
    return pool("p", split(method, terms, **how))


def carried(made: Allocation, kind: LineKind = LineKind.SHARED, name: str = "p") -> Carried:
    """What each carries of a pool as lines of one kind, on effective cost; the pool as ``""``."""
    return {
        "" if line.owner.kind is OwnerKind.POOL else line.owner.name: line.amounts.EffectiveCost
        for line in made.lines
        if line.kind is kind and line.pool == name
    }


def idle(made: Allocation, name: str = "p") -> Carried:
    return carried(made, LineKind.IDLE, name)


def variance(made: Allocation, name: str = "p") -> Fraction:
    found = carried(made, LineKind.VARIANCE, name)
    assert set(found) <= {""}
    return found.get("", Fraction(0))


def notes(made: Allocation) -> str:
    return "; ".join(share.note for share in made.shares if share.note)


def codes(made: Allocation) -> set[str]:
    return {finding.code for finding in made.findings}
