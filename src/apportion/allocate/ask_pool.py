"""One pool's method asked over a span: dated splits, receivers, and what fills the gaps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property

from apportion.allocate.absent_teams import (
    AbsentRows,
    absent_rows,
    keep_absent,
    really,
    team_gone,
    while_existing,
)
from apportion.allocate.by_days import day_weights
from apportion.allocate.cut_span import cut_span
from apportion.allocate.day_table import DayTable
from apportion.allocate.driver import quantities
from apportion.allocate.even import days_of
from apportion.allocate.exempt_teams import exempt_teams
from apportion.allocate.methods import METHODS
from apportion.allocate.multipliers import multipliers
from apportion.allocate.no_answers import fell_back, nobody, refused
from apportion.allocate.question import Across, Answer, Gap, Question, blend, filled
from apportion.domain.amounts import Amounts, sum_of
from apportion.domain.commitments import NO_COMMITMENTS, CommitmentUse, PoolCommitments
from apportion.domain.finding import Finding
from apportion.domain.owner import UNALLOCATED
from apportion.domain.period import Span
from apportion.domain.usage_cells import PoolUsage
from apportion.errors import ConfigurationError, Place
from apportion.model.dated import Validity
from apportion.model.organisation import OrgUnit, UnitKind
from apportion.model.pools import Driver, Method, Pool, Split, WhenMissing
from apportion.model.project import Model

Part = tuple[Fraction, Question]
"""A part of a period, and what is asked for it."""


NOBODY = OrgUnit(UNALLOCATED.name, UnitKind.TEAM, "nobody known", Place("usage"))
"""Who carries a share for use by identities that the model doesn't know: it stays unallocated."""


def usage_names(usage: PoolUsage) -> frozenset[str]:
    """Everybody who used any of what a pool's charges are for."""
    return frozenset(name for cell in usage.cells for name in cell.weights)


@dataclass(frozen=True)
class Asked:
    """A pool's currency, the direct cost that may weigh it, and its own by day and service."""

    currency: str
    direct: Mapping[str, Amounts]
    across: Across | None
    by_day: Mapping[date, Amounts] = field(default_factory=dict)
    services: Mapping[str, Amounts] = field(default_factory=dict)
    all_services: frozenset[str] = frozenset()
    basis: str = "EffectiveCost"
    commitments: CommitmentUse = NO_COMMITMENTS
    usage: PoolUsage = field(default_factory=PoolUsage)


@dataclass
class Asking:
    """The methods of a model, asked over one span. Answers that must be equal are made once."""

    model: Model
    span: Span
    _receivers: dict[object, tuple[OrgUnit, ...]] = field(default_factory=dict)
    _even: dict[object, Answer] = field(default_factory=dict)
    _day_tables: dict[object, DayTable] = field(default_factory=dict)
    _told: dict[tuple[str, str, Span], Finding | None] = field(default_factory=dict)
    _existing: dict[Span, Mapping[str, Fraction]] = field(default_factory=dict)

    @cached_property
    def drivers(self) -> Mapping[str, Driver]:
        """The model's drivers, of which each row counts while its team exists."""
        units = self.model.organisation
        return {name: while_existing(one, units) for name, one in self.model.drivers.items()}

    def questions(self, pool: Pool, asked: Asked, open_: Collection[str]) -> Iterator[Part]:
        """A question for each split of a pool, with the part of the pool that it decides.

        Splits weigh by the days on which they hold; those that go by the day, by what
        the pool cost on these days. `open_` are the pools that may receive a part,
        perhaps the pool itself.
        """
        held = Validity(self.span.start, self.span.until)
        held = held.meet(pool.valid) or held
        days = Span(held.start or self.span.start, held.until or self.span.until)
        pieces = [
            (split, span)
            for split, part in _in_force(pool, days)
            for span in cut_span(part, pool, split, self.model.organisation)
        ]
        whole = None
        if pieces and all(split.by_day for split, _ in pieces):
            weights = day_weights(asked.by_day, pieces[0][0].on, days)
            whole = sum_of(weights.values())
        for split, span in pieces:
            if whole:
                own = (weight for day, weight in weights.items() if span.start <= day < span.until)
                share = sum_of(own) / whole
            else:
                share = Fraction(span.days, days.days)
            for weight, one in _taking_over(split, span):
                if share * weight:
                    yield share * weight, self._question(pool, one, span, asked, open_)

    def answer(self, pool: Pool, questions: Iterable[Part]) -> Answer:
        """The whole answer of a pool over a span, dated splits blended by their days.

        Invariant: all of the pool is answered for. What the pool uses of itself is
        passed on by the others in proportion.

        Raises ConfigurationError where a driver is missing and the model says error,
        and where the pool serves nobody but itself.
        """
        parts = [
            (part, exempt_teams(pool.name, self._ask(question), question.exempt, question.teams))
            for part, question in questions
        ]
        covered = sum((part for part, _ in parts), Fraction(0))
        if covered < 1:
            nothing = Answer(gaps=(Gap(Fraction(1), "no split holds on all days"),))
            parts.append((1 - covered, nothing))
        by_piece = (" and ".join(one.methods) for _, one in parts if one.methods)
        methods = tuple(dict.fromkeys(by_piece))
        answer = replace(blend(parts), methods=methods)
        if answer.whole != 1:
            raise AssertionError(f"pool {pool.name} is answered for {answer.whole}, not for all")
        return answer if self.model.organisation.is_team(pool.name) else _without_self(pool, answer)

    def _question(
        self, pool: Pool, split: Split, days: Span, asked: Asked, open_: Collection[str]
    ) -> Question:
        commitments = PoolCommitments()
        if split.terms and split.terms.by_owners:
            commitments = asked.commitments.of(pool.name, asked.currency)
        return Question(
            pool=pool.name,
            currency=asked.currency,
            split=split,
            span=days,
            receivers=(*self._teams(split, days), *self._unknown(split, days, asked.usage)),
            direct=asked.direct,
            drivers=self.drivers,
            across=asked.across,
            pools=self._pools(split, days, open_, [*commitments.names, *usage_names(asked.usage)]),
            closed=self._closed(split, open_),
            absent=self._absent(split, days),
            teams=self._teams_on(days),
            multipliers=multipliers(self.model.organisation, split.counting, days),
            day_weights=day_weights(asked.by_day, split.on, self.span) if split.by_day else {},
            day_tables=self._day_tables,
            services=asked.services,
            all_services=asked.all_services,
            exempt=tuple(one for one in pool.exempt if one.valid.covers(days.start)),
            basis=asked.basis,
            commitments=commitments,
            usage=asked.usage,
            period=self.span,
        )

    def _teams_on(self, days: Span) -> Mapping[str, Fraction]:
        if days not in self._existing:
            self._existing[days] = {
                team.name: Fraction(days_of(team, days), days.days)
                for team in self.model.organisation.teams
                if days_of(team, self.span)
            }
        return self._existing[days]

    def _absent(self, split: Split, days: Span) -> tuple[str, ...]:
        """Teams that may carry a part and have quantities of days on which they don't exist."""
        named = split.named
        used = {
            name
            for driver in split.driver_names
            for name in self._gone_rows[driver]
            if name in self.drivers[driver].quantities(days)
        }
        return tuple(
            name
            for name in sorted(used)
            if (not named or really(name) in named) and really(name) not in split.excluding
        )

    @cached_property
    def _gone_rows(self) -> Mapping[str, AbsentRows]:
        """By driver, its rows of absent teams."""
        stated = self.model.drivers
        return {
            name: {} if one is stated[name] else absent_rows(one)
            for name, one in self.drivers.items()
        }

    def _gone(self, question: Question) -> Iterator[Finding]:
        """For each driver and absent team its quantity and days; many pools share a driver."""
        for driver in dict.fromkeys(question.split.driver_names) if question.absent else ():
            found, rows = self.drivers[driver], self._gone_rows[driver]
            for name in question.absent:
                key = (driver, name, question.span)
                if name in rows and key not in self._told:
                    self._told[key] = team_gone(found, name, rows[name], question.span)
                if told := self._told.get(key):
                    yield told

    def _teams(self, split: Split, days: Span) -> tuple[OrgUnit, ...]:
        named = split.named
        key = (named, split.excluding, days)
        found = self._receivers.get(key)
        if found is None:
            found = self._receivers[key] = tuple(
                team
                for team in self.model.organisation.teams
                if (not named or team.name in named)
                and team.name not in split.excluding
                and days_of(team, days)
            )
        return found

    def _unknown(self, split: Split, days: Span, usage: PoolUsage) -> tuple[OrgUnit, ...]:
        """Nobody: carries what is used by identities that the model doesn't know."""
        if UNALLOCATED.name in split.excluding:
            return ()
        if any(UNALLOCATED.name in cell.weights for cell in usage.cells):
            return (NOBODY,)
        found = (self.drivers[name] for name in split.driver_names)
        if any(UNALLOCATED.name in quantities(one, days) for one in found if one.metered):
            return (NOBODY,)
        return ()

    def _receivers_of(self, fallback: Split, question: Question) -> tuple[OrgUnit, ...]:
        """Whom a fallback names itself; else those of the split that it stands in for."""
        if fallback.named:
            return self._teams(fallback, question.span)
        return tuple(one for one in question.receivers if one.name not in fallback.excluding)

    def _pools(
        self, split: Split, days: Span, open_: Collection[str], known: Collection[str]
    ) -> tuple[str, ...]:
        """Pools that the split names, of which its drivers have quantities, or that are known."""
        if not open_:
            return ()
        wanted = split.named or {
            *known,
            *(
                name
                for driver in split.driver_names
                for name in quantities(self.drivers[driver], days)
            ),
        }
        is_team = self.model.organisation.is_team
        return tuple(
            sorted(
                name
                for name in wanted
                if name in open_ and not is_team(name) and name not in split.excluding
            )
        )

    def _closed(self, split: Split, open_: Collection[str]) -> frozenset[str]:
        if not split.named:
            return frozenset()
        is_team, pools = self.model.organisation.is_team, {pool.name for pool in self.model.pools}
        named = {name for name in split.named if name in pools and not is_team(name)}
        return frozenset(named - set(open_))

    def _ask(self, question: Question) -> Answer:
        """Ask the split's method; its gaps are filled by the policy that the split states."""
        if not question.names:
            return self._by_policy(question, nobody(question))
        answer = keep_absent(question, self._answer_once(question))
        if told := tuple(self._gone(question)):
            answer = replace(answer, findings=(*answer.findings, *told))
        if not any(gap.part == 1 for gap in answer.gaps):
            answer = replace(answer, methods=(str(question.split.method),))
        return filled(answer, lambda gap: self._by_policy(question, gap))

    def _answer_once(self, question: Question) -> Answer:
        """Even splits among the same receivers are one answer, however many pools ask."""
        method = METHODS[question.split.method]
        split = question.split
        if split.method is not Method.EVEN or split.terms or split.counting:
            return method(question)
        key = (id(question.receivers), question.pools, question.span)
        found = self._even.get(key)
        if found is None:
            found = self._even[key] = method(question)
        return found

    def _by_policy(self, question: Question, gap: Gap) -> Answer:
        split = question.split
        if split.when_missing is WhenMissing.FALLBACK and split.fallback is not None:
            other = split.fallback
            gone = self._absent(other, question.span)
            who = self._receivers_of(other, question)
            made = self._ask(replace(question, split=other, absent=gone, receivers=who))
            methods = tuple(f"{one} (fallback)" for one in made.methods)
            told = (fell_back(question, gap), *made.findings)
            return replace(made, methods=methods, findings=told)
        if split.when_missing is WhenMissing.KEEP:
            return Answer(gaps=(replace(gap, part=Fraction(1)),))
        raise refused(question, gap)


def _in_force(pool: Pool, days: Span) -> Iterator[tuple[Split, Span]]:
    for dated in pool.splits:
        met = Validity(days.start, days.until).meet(dated.valid)
        if met and met.start and met.until:
            yield dated.value, Span(met.start, met.until)


def _taking_over(split: Split, days: Span) -> Iterator[tuple[Fraction, Split]]:
    """A split, and the one that it takes over from, by the part that each decides."""
    part = split.takeover.part(days.start) if split.takeover else Fraction(1)
    if split.previous:
        yield 1 - part, split.previous
    yield part, split


def _without_self(pool: Pool, answer: Answer) -> Answer:
    own = answer.fractions.get(pool.name)
    if own is None:
        return answer
    if own == 1:
        raise ConfigurationError(
            f"pool {pool.name} serves nobody but itself",
            place=pool.place,
            why="all of its use is its own, so nobody is left to pay",
            hint="add the quantities of those who use it, or exclude the pool from its own split",
        )
    part = 1 / (1 - own)
    others = {name: value for name, value in answer.fractions.items() if name != pool.name}
    return blend([(part, replace(answer, fractions=others))])
