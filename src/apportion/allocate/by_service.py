"""Parts of a pool told by the services of its charges."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from apportion.allocate.question import Gap, Question
from apportion.domain.amounts import sum_of
from apportion.domain.finding import Finding, Level


@dataclass(frozen=True)
class ServiceParts:
    """The part of a pool that each group of services is; `left` is what no group names.

    `unmatched` are patterns that no service meets.
    """

    parts: Mapping[str, Fraction]
    left: Fraction
    others: tuple[str, ...]
    unmatched: tuple[str, ...]


def by_service(question: Question, groups: Mapping[str, Sequence[str]]) -> ServiceParts | Gap:
    """Parts of the pool's own cost on the run's cost basis, or why it has none.

    A service belongs to the first group with a pattern that it meets. What other
    pools charge the pool follows the same parts. Invariant: the parts sum to 1.
    """
    own = {name: amounts.of(question.basis) for name, amounts in question.services.items()}
    total = sum_of(own.values())
    if not total:
        return nets_to_zero(question)
    costs = dict.fromkeys(groups, Fraction(0))
    others: list[str] = []
    for service, cost in sorted(own.items()):
        group = next((name for name, some in groups.items() if _meets(service, some)), None)
        if group is None:
            others.append(service)
        else:
            costs[group] += cost
    patterns = (one for some in groups.values() for one in some)
    everywhere = question.all_services | question.services.keys()
    unmatched = tuple(one for one in patterns if not any(_meets(s, [one]) for s in everywhere))
    parts = {name: cost / total for name, cost in costs.items()}
    return ServiceParts(parts, 1 - sum_of(parts.values()), tuple(others), unmatched)


def nets_to_zero(question: Question) -> Gap:
    """Services whose costs cancel out, or cost nothing: no fraction of nothing tells them apart."""
    own = question.services.values()
    what = "nets to zero" if any(amounts.of(question.basis) for amounts in own) else "is zero"
    return Gap(
        Fraction(1),
        f"its own {question.basis} {what}, so its services are no parts of it",
        hint="make a pool of each part",
    )


def unmatched_services(question: Question, found: ServiceParts) -> Iterator[Finding]:
    """A warning for each pattern that no service of the pool meets."""
    everywhere = question.all_services | question.services.keys()
    for pattern in found.unmatched:
        yield Finding(
            "service-unmatched",
            Level.WARNING,
            f"no service of pool {question.pool} is called {pattern!r}",
            question.split.place,
            f"its services are {', '.join(sorted(everywhere)) or 'none'}",
        )


def _meets(service: str, patterns: Sequence[str]) -> bool:
    return any(_regex(pattern).fullmatch(service) for pattern in patterns)


@lru_cache(maxsize=1024)
def _regex(pattern: str) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."}
    return re.compile(
        "".join(wild.get(one, re.escape(one)) for one in pattern), re.DOTALL | re.IGNORECASE
    )
