"""What all pages of a comparison say in the same words."""

from __future__ import annotations

from collections.abc import Iterable

from apportion.domain.owner import OwnerKind
from apportion.publish.compare_document import signed
from apportion.run.compare import Compared
from apportion.run.compare_values import Effect, LineDifference, OwnerDifference, PeriodComparison

TOP = 3
"""How many causes are named beside a figure."""


def owner_words(own: OwnerDifference) -> str:
    """Who carries it: a team by its title, what stays in a pool, or what is unallocated."""
    if own.owner.kind is OwnerKind.POOL:
        return f"stays in pool {own.owner.name}"
    return own.title if own.owner.kind is OwnerKind.TEAM else "unallocated"


def line_words(one: LineDifference) -> str:
    """What a line is."""
    line = one.line
    if not line.pool:
        return line.service or "(no service named)"
    kind = "" if str(line.kind) == "shared" else f", {line.kind}"
    return f"pool {line.pool}{kind}"


def cause_words(effects: Iterable[Effect], found: PeriodComparison, most: int = TOP) -> list[str]:
    """The largest causes of a difference, each with what it adds."""
    said = [f"{signed(one.amount)} {found.cause(one.cause)}" for one in effects if one.amount]
    return [*said[:most], f"and {len(said) - most} more"] if len(said) > most else said


def verdict(compared: Compared) -> str:
    """In one sentence, how many changes there are."""
    count = len(compared.changes)
    if not count:
        return "The two models say the same."
    return f"The models differ in {count} {'entry' if count == 1 else 'entries'}."


def sampled_words(found: PeriodComparison) -> str:
    """How sure causes are, where there are too many for every order of them."""
    from apportion.run.explain import rounded

    return (
        f"{len(found.causes)} changes are too many for every order of them: what each adds is a "
        f"mean over sampled orders, within {rounded(found.bound):,f} with 95 % confidence. "
        "Sums are exact."
    )
