"""What a method of splitting is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property

from apportion.allocate.day_table import DayTable
from apportion.allocate.multipliers import Factors
from apportion.domain.amounts import Amounts, sum_of
from apportion.domain.commitments import PoolCommitments
from apportion.domain.finding import Finding
from apportion.domain.period import Span
from apportion.domain.result import DriverUse, LineKind
from apportion.domain.usage_cells import PoolUsage
from apportion.errors import Place
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
    out. `absent` stand for quantities of teams that don't exist when they are used.
    `teams` are all teams that exist in the period, receivers or not, with the part of
    the days on which each does. `direct` is each
    team's and pool's direct cost of the whole period in the pool's currency,
    `across` that of all currencies where the run converts them. `multipliers` are
    of teams whose quantities count more or less; `day_weights` is what each day of
    the period weighs, where the split goes by the day, `day_tables` what was laid out
    for other questions of that kind, `services` the pool's own cost by service, and
    `all_services` those of its charges in any currency; `exempt` are the exemptions that
    hold on all of the days. `basis` is the run's cost basis; `commitments` tell whose the
    pool's charges would be without it, and `usage` who used what they are for; `period`
    are the days of the run, of which these are a part.
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
    absent: tuple[str, ...] = ()
    teams: Mapping[str, Fraction] = field(default_factory=dict)
    multipliers: Mapping[str, Factors] = field(default_factory=dict)
    day_weights: Mapping[date, Fraction] = field(default_factory=dict)
    day_tables: dict[object, DayTable] = field(default_factory=dict, compare=False)
    services: Mapping[str, Amounts] = field(default_factory=dict)
    all_services: frozenset[str] = frozenset()
    exempt: tuple[Exemption, ...] = ()
    basis: str = "EffectiveCost"
    commitments: PoolCommitments = field(default_factory=PoolCommitments)
    usage: PoolUsage = field(default_factory=PoolUsage)
    period: Span | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All among whom it is split, teams first."""
        return (*(team.name for team in self.receivers), *self.absent, *self.pools)


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
class Moved:
    """The part of the pool that an exemption takes off a team."""

    part: Fraction
    exemption: Exemption


@dataclass(frozen=True)
class Gap:
    """A part of the pool that the method can't split, and why.

    A `final` one stays in the pool, whatever the model says of missing quantities:
    it is known whose part it is, and that nobody is there to carry it. `place` is where
    the fault lies, if not in the split, and `hint` what to do.
    """

    part: Fraction
    reason: str
    final: bool = False
    place: Place | None = None
    hint: str = ""


@dataclass(frozen=True)
class Priced:
    """A part of the pool of which an amount of money is charged, on the run's cost basis.

    `charged` says by whom; `left` answers for what the part costs beyond that, or below
    it. Which fractions these are is known once the pool's full cost is. A `capped`
    amount is at most what the part costs.
    """

    part: Fraction
    money: Fraction
    charged: Answer
    left: Answer
    capped: bool = False


@dataclass(frozen=True)
class Answer:
    """The exact fraction of each receiver; with rests, gaps and what is priced they sum to 1.

    `notes` are printed beside a receiver's share: that it was sampled, say. `moved`
    are parts that others carry for exempt teams; they lie within the fractions and
    rests already. `methods` are those that decided on any part of it.
    """

    fractions: Mapping[str, Fraction] = field(default_factory=dict)
    uses: Mapping[str, tuple[DriverUse, ...]] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    rests: tuple[Rest, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    priced: tuple[Priced, ...] = ()
    moved: tuple[Moved, ...] = ()
    methods: tuple[str, ...] = ()

    @cached_property
    def whole(self) -> Fraction:
        """The part of the pool that is answered for, gaps included: 1, once all is put together."""
        gaps, rests = (gap.part for gap in self.gaps), (rest.part for rest in self.rests)
        priced = (one.part for one in self.priced)
        return sum_of((*self.fractions.values(), *gaps, *rests, *priced))


def no_answer(why: str | Gap, hint: str = "") -> Answer:
    """The method can't split the pool at all."""
    return Answer(gaps=(why if isinstance(why, Gap) else Gap(Fraction(1), why, hint=hint),))


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
    priced: list[Priced] = []
    moved: list[Moved] = []
    parts = tuple(parts)
    if len(parts) == 1 and parts[0][0] == 1:
        return parts[0][1]
    for part, answer in parts:
        for team, fraction in answer.fractions.items():
            fractions[team] = fractions.get(team, Fraction(0)) + part * fraction
        for team, used in answer.uses.items():
            uses[team] = uses.get(team, ()) + tuple(_weighed(use, part) for use in used)
        findings.extend(answer.findings)
        priced.extend(replace(one, part=part * one.part) for one in answer.priced)
        for team, note in answer.notes.items():
            notes.setdefault(team, {})[note] = None
        gaps.extend(replace(gap, part=part * gap.part) for gap in answer.gaps)
        moved.extend(Moved(part * one.part, one.exemption) for one in answer.moved)
        rests.extend(
            replace(
                rest,
                part=part * rest.part,
                uses=tuple(_weighed(use, part) for use in rest.uses),
            )
            for rest in answer.rests
        )
    told = {team: "; ".join(own) for team, own in notes.items()}
    return Answer(
        fractions,
        uses,
        tuple(gaps),
        tuple(rests),
        tuple(findings),
        told,
        tuple(priced),
        tuple(moved),
        tuple(dict.fromkeys(method for _, answer in parts for method in answer.methods)),
    )


def noted(answer: Answer, said: Mapping[str, str]) -> Answer:
    """An answer with more said beside the shares of some receivers."""
    before = answer.notes
    notes = {who: f"{before[who]}; {text}" if who in before else text for who, text in said.items()}
    return replace(answer, notes={**before, **notes})


def filled(answer: Answer, fill: Callable[[Gap], Answer]) -> Answer:
    """An answer whose gaps are answered by `fill`, except for final ones."""
    open_ = [gap for gap in answer.gaps if not gap.final]
    if not open_:
        return answer
    known = replace(answer, gaps=tuple(gap for gap in answer.gaps if gap.final))
    return blend([(Fraction(1), known), *((gap.part, fill(gap)) for gap in open_)])


def _weighed(use: DriverUse, part: Fraction) -> DriverUse:
    return DriverUse(use.driver, use.unit, use.quantity, use.total, use.weight * part)
