"""What a method of splitting is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property

from apportion.domain.amounts import Amounts, sum_of
from apportion.domain.finding import Finding
from apportion.domain.period import Span
from apportion.domain.result import DriverUse, LineKind
from apportion.model.limits import Exemption
from apportion.model.organisation import OrgUnit
from apportion.model.pools import Driver, Split


@dataclass(frozen=True)
class Across:
    """Direct cost over all currencies, in the reporting currency.

    `currencies` are those in which a team has direct cost, and `lacking` those
    among them that no rate converts.
    """

    currency: str
    direct: Mapping[str, Amounts]
    currencies: Mapping[str, Collection[str]]
    lacking: Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Question:
    """Who carries which part of a pool over some days?

    `receivers` are the teams that may carry it; each exists on at least one of
    the days. `pools` are other pools that may, and the pool itself where it is
    charged for its own use; `closed` are those that the method between pools leaves
    out. `teams` are all teams that exist, receivers or not. `direct` is each
    team's and pool's direct cost of the whole period in the pool's currency,
    `across` that of all currencies where the run converts them. `multipliers` are
    of teams whose quantities count more or less; `by_day` is the pool's own cost
    day by day, where the split goes by the day, and `services` by service; `exempt`
    are the exemptions that hold on all of the days.
    """

    pool: str
    currency: str
    split: Split
    span: Span
    receivers: tuple[OrgUnit, ...]
    direct: Mapping[str, Amounts]
    drivers: Mapping[str, Driver]
    across: Across | None = None
    pools: tuple[str, ...] = ()
    closed: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    multipliers: Mapping[str, Fraction] = field(default_factory=dict)
    by_day: Mapping[date, Amounts] = field(default_factory=dict)
    services: Mapping[str, Amounts] = field(default_factory=dict)
    exempt: tuple[Exemption, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All who may carry it, teams first."""
        return (*(team.name for team in self.receivers), *self.pools)


@dataclass(frozen=True)
class Rest:
    """A part of the pool that is told apart from what is charged by use.

    Idle capacity, or the variance of a standard rate. `team` carries it, or the
    pool itself does where that is empty; `reason` is printed beside it.
    """

    part: Fraction
    kind: LineKind
    reason: str
    team: str = ""
    uses: tuple[DriverUse, ...] = ()


@dataclass(frozen=True)
class Gap:
    """A part of the pool that the method can't split, and why."""

    part: Fraction
    reason: str


@dataclass(frozen=True)
class Answer:
    """The exact fraction of each receiver; with the rests and the gaps they sum to 1.

    `notes` say by name what else must be known of a fraction: that it was sampled, say.
    """

    fractions: Mapping[str, Fraction] = field(default_factory=dict)
    uses: Mapping[str, tuple[DriverUse, ...]] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    rests: tuple[Rest, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def whole(self) -> Fraction:
        """The part of the pool that is answered for, gaps included: 1, once all is put together."""
        others = (*(gap.part for gap in self.gaps), *(rest.part for rest in self.rests))
        return sum_of((*self.fractions.values(), *others))


def no_answer(reason: str) -> Answer:
    """The method can't split the pool at all."""
    return Answer(gaps=(Gap(Fraction(1), reason),))


def in_proportion(driver: str, unit: str, weights: Mapping[str, Fraction]) -> Answer:
    """Split in proportion to weights, none of which is negative; they must not all be zero."""
    below = sorted(team for team, weight in weights.items() if weight < 0)
    total = sum_of(weights.values())
    if below:
        return no_answer(f"{driver} is negative for {', '.join(below)}")
    if not total:
        return no_answer(f"{driver} is zero for every receiver")
    return Answer(
        {team: weight / total for team, weight in weights.items()},
        {team: (DriverUse(driver, unit, weight, total),) for team, weight in weights.items()},
    )


def blend(parts: Iterable[tuple[Fraction, Answer]]) -> Answer:
    """Answers that each hold for a part of the pool, as one.

    >>> half = Answer({"a": Fraction(1)}), Answer({"a": Fraction(1, 2), "b": Fraction(1, 2)})
    >>> blend((Fraction(1, 2), answer) for answer in half).fractions["a"]
    Fraction(3, 4)
    """
    fractions: dict[str, Fraction] = {}
    uses: dict[str, tuple[DriverUse, ...]] = {}
    gaps: list[Gap] = []
    rests: list[Rest] = []
    findings: list[Finding] = []
    notes: dict[str, dict[str, None]] = {}
    parts = tuple(parts)
    if len(parts) == 1 and parts[0][0] == 1:
        return parts[0][1]
    for part, answer in parts:
        for team, fraction in answer.fractions.items():
            fractions[team] = fractions.get(team, Fraction(0)) + part * fraction
        for team, used in answer.uses.items():
            uses[team] = uses.get(team, ()) + tuple(_weighed(use, part) for use in used)
        findings.extend(answer.findings)
        for team, note in answer.notes.items():
            notes.setdefault(team, {})[note] = None
        gaps.extend(Gap(part * gap.part, gap.reason) for gap in answer.gaps)
        rests.extend(
            replace(
                rest,
                part=part * rest.part,
                uses=tuple(_weighed(use, part) for use in rest.uses),
            )
            for rest in answer.rests
        )
    told = {team: "; ".join(own) for team, own in notes.items()}
    return Answer(fractions, uses, tuple(gaps), tuple(rests), tuple(findings), told)


def filled(answer: Answer, fill: Callable[[Gap], Answer]) -> Answer:
    """An answer whose gaps are answered by `fill`."""
    if not answer.gaps:
        return answer
    known = replace(answer, gaps=())
    return blend([(Fraction(1), known), *((gap.part, fill(gap)) for gap in answer.gaps)])


def _weighed(use: DriverUse, part: Fraction) -> DriverUse:
    return DriverUse(use.driver, use.unit, use.quantity, use.total, use.weight * part)
