"""Pools of shared cost, and how each is split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from apportion.domain.mode import Mode
from apportion.domain.period import Span
from apportion.errors import Place
from apportion.model.cost_behaviour import CostBehaviour
from apportion.model.counting import CostStructure, Counting, Takeover
from apportion.model.dated import ALWAYS, Dated, Validity
from apportion.model.limits import Exemption, Limits
from apportion.model.metered import Metered
from apportion.model.rules import Condition


class Method(StrEnum):
    """How a pool is split: the FinOps Framework's and cost accounting's methods."""

    EVEN = "even"
    FIXED = "fixed"
    DIRECT_COST = "direct_cost"
    HEAD_COUNT = "head_count"
    DRIVER = "driver"
    WEIGHTED = "weighted"
    PRACTICAL_CAPACITY = "practical_capacity"
    STANDARD_RATE = "standard_rate"
    DUAL_RATE = "dual_rate"
    ACTIVITY = "activity"
    TIME_DRIVEN = "time_driven"
    COMMITMENT = "commitment"
    SHAPLEY = "shapley"
    MAX_MIN = "max_min"
    DOMINANT_RESOURCE = "dominant_resource"
    USAGE_COST = "usage_cost"


class WhenMissing(StrEnum):
    """What happens when a driver has no, zero or negative quantities. No silent even split."""

    ERROR = "error"
    KEEP = "keep"
    FALLBACK = "fallback"


class BetweenPools(StrEnum):
    """What becomes of the use that pools make of other pools.

    direct: it is left out, teams carry everything. step_down: pools close one
    after the other, each passes cost to those still open. reciprocal: all pools
    charge each other, solved as simultaneous equations.
    """

    DIRECT = "direct"
    STEP_DOWN = "step_down"
    RECIPROCAL = "reciprocal"


@dataclass(frozen=True)
class Between:
    """How pools charge each other; `order` is that in which they close in a step-down.

    Pools that `order` doesn't name close after those that it does, the one that
    renders most service to others first.
    """

    method: BetweenPools = BetweenPools.RECIPROCAL
    order: tuple[str, ...] = ()
    because: str = ""


@dataclass(frozen=True)
class Terms:
    """What one method of splitting needs to know besides the receivers; a method has its own."""

    @property
    def driver_names(self) -> tuple[str, ...]:
        """The drivers that the method goes by."""
        return ()

    @property
    def measured_by(self) -> tuple[str, ...]:
        """Those among them by which a team without a row carries nothing."""
        return self.driver_names

    @property
    def measured_together(self) -> bool:
        """Whether a row of any of these is enough for a team to carry something."""
        return False

    @property
    def in_money(self) -> bool:
        """Whether they hold rates or amounts, so that fractions depend on what the pool costs."""
        return False

    @property
    def by_owners(self) -> bool:
        """Whether they ask who would carry the pool's charges if there were no pool."""
        return False

    @property
    def by_services(self) -> bool:
        """Whether they tell parts of the pool by its services, each of which goes its own way."""
        return False

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Conditions on charges that they hold."""
        return ()

    @property
    def names(self) -> tuple[str, ...]:
        """The teams and pools that the terms name: nobody else receives a part."""
        return ()

    @property
    def accounts(self) -> tuple[str, ...]:
        """Teams that carry what nobody used, whoever else receives a part."""
        return ()


@dataclass(frozen=True)
class Split:
    """How a pool is split while this holds.

    `among` names the receiving teams and pools (empty: every team of the period,
    and the pools that the drivers have quantities of), less `excluding`.
    `percentages` belong to `fixed` and sum to 100. `drivers` holds one driver for
    `driver`, and drivers with weights that sum to 1 for `weighted`. `on` is the
    cost basis that `direct_cost` weighs by, and days where the split goes by the
    day (`by_day`). `counting` says what quantities count as, `structure` what
    drivers stand for. While `takeover` lasts, `previous` decides in part. `terms`
    are those of the methods that have more to say. `because` and `responsible` are
    those of a split of its own days.
    """

    method: Method
    place: Place
    among: tuple[str, ...] = ()
    excluding: tuple[str, ...] = ()
    percentages: tuple[tuple[str, Fraction], ...] = ()
    drivers: tuple[tuple[str, Fraction], ...] = ()
    on: str = "EffectiveCost"
    when_missing: WhenMissing = WhenMissing.ERROR
    fallback: Split | None = None
    terms: Terms | None = None
    counting: Counting | None = None
    structure: CostStructure | None = None
    by_day: bool = False
    takeover: Takeover | None = None
    previous: Split | None = None
    because: str = ""
    responsible: str = ""

    @property
    def driver_names(self) -> tuple[str, ...]:
        """The drivers that the split goes by."""
        named = tuple(name for name, _ in self.drivers)
        return (*named, *self.terms.driver_names) if self.terms else named

    @property
    def measured_by(self) -> tuple[str, ...]:
        """Those among them by which a team without a row carries nothing."""
        return self.terms.measured_by if self.terms else self.driver_names

    @property
    def in_money(self) -> bool:
        """Whether its fractions depend on what the pool costs."""
        return self.terms is not None and self.terms.in_money

    @property
    def by_services(self) -> bool:
        """Whether parts of the pool go their own ways, told by its services."""
        decides = self.structure is not None and self.structure.decides
        return decides or (self.terms is not None and self.terms.by_services)

    @property
    def nested(self) -> Iterator[Split]:
        """The split itself, and all that stand in for it: fallbacks, and those before it."""
        yield self
        for other in (self.fallback, self.previous):
            if other is not None:
                yield from other.nested

    @property
    def named(self) -> frozenset[str]:
        """The teams and pools that it names as receivers; empty where any may be."""
        own = self.terms.names if self.terms else ()
        return frozenset((*self.among, *own, *(name for name, _ in self.percentages)))


@dataclass(frozen=True)
class Pool:
    """Shared cost: the charges that meet its condition, or all that a team was given.

    Pools claim charges before attribution rules do, in the order of the model.
    """

    name: str
    position: int
    title: str
    place: Place
    splits: tuple[Dated[Split], ...]
    condition: Condition | None = None
    from_team: str = ""
    valid: Validity = ALWAYS
    because: str = ""
    responsible: str = ""
    mode: tuple[Dated[Mode], ...] = ()
    limits: tuple[Dated[Limits], ...] = ()
    exempt: tuple[Exemption, ...] = ()
    behaviour: CostBehaviour | None = None


@dataclass(frozen=True)
class DriverRow:
    """A team's or pool's quantity over the days from `start` to `until` (a month, or one day).

    Of metered usage, `team` may be ``unallocated``: of whom isn't known; `outcome` says how it
    was lost (failed, cancelled, preempted), and is empty for all else.
    """

    team: str
    start: date
    until: date
    quantity: Decimal | Fraction
    place: Place
    outcome: str = ""

    @property
    def span(self) -> Span:
        return Span(self.start, self.until)


@dataclass(frozen=True)
class Driver:
    """Quantities that split a pool, with their unit and where they come from.

    `demanded_by` is the policy that makes teams have these quantities, if one does.
    `metered` says which usage makes them, where no file does.
    """

    name: str
    unit: str
    file: str
    place: Place
    rows: tuple[DriverRow, ...] = ()
    demanded_by: str = ""
    metered: Metered | None = None

    def quantities(self, span: Span) -> Mapping[str, Fraction]:
        """Each receiver's quantity over some days; those without rows are absent.

        A row that reaches beyond the days counts by the days it has in common with them.

        >>> row = DriverRow("nlp", date(2026, 10, 1), date(2026, 11, 1), Decimal(62), Place("d"))
        >>> driver = Driver("gb", "GB", "d.csv", Place("d"), (row,))
        >>> driver.quantities(Span(date(2026, 10, 1), date(2026, 10, 2)))
        {'nlp': Fraction(2, 1)}
        """
        if span not in self._summed:
            self._summed[span] = self._sum(span)
        return self._summed[span]

    def lost(self, span: Span) -> Mapping[str, Mapping[str, Fraction]]:
        """Of each receiver's quantity, what was lost, by outcome; whoever lost nothing is absent.

        >>> row = DriverRow("nlp", date(2026, 10, 1), date(2026, 10, 2), Decimal(8), Place("d"),
        ...                 "failed")
        >>> Driver("gpu", "GPU hours", "", Place("d"), (row,)).lost(row.span)
        {'nlp': {'failed': Fraction(8, 1)}}
        """
        found: dict[str, dict[str, Fraction]] = {}
        for row in self.rows:
            if row.outcome and (days := span.overlap(row.span)):
                part = Fraction(row.quantity) * Fraction(days, row.span.days)
                own = found.setdefault(row.team, {})
                own[row.outcome] = own.get(row.outcome, Fraction(0)) + part
        return found

    def by_day(self, span: Span) -> Mapping[date, Mapping[str, Fraction]]:
        """Each receiver's quantity on each day of a span that has any.

        A row of several days counts evenly by day.

        >>> row = DriverRow("nlp", date(2026, 10, 1), date(2026, 11, 1), Decimal(62), Place("d"))
        >>> driver = Driver("gb", "GB", "d.csv", Place("d"), (row,))
        >>> driver.by_day(Span(date(2026, 10, 31), date(2026, 11, 2)))
        {datetime.date(2026, 10, 31): {'nlp': Fraction(2, 1)}}
        """
        if span not in self._by_day:
            self._by_day[span] = self._apart(span)
        return self._by_day[span]

    @cached_property
    def _by_day(self) -> dict[Span, dict[date, dict[str, Fraction]]]:
        """What was asked before."""
        return {}

    def _apart(self, span: Span) -> dict[date, dict[str, Fraction]]:
        found: dict[date, dict[str, Fraction]] = {}
        for row in self.rows:
            first, until = max(row.start, span.start), min(row.until, span.until)
            days = (until - first).days
            if days < 1:
                continue
            length, part = (row.until - row.start).days, Fraction(row.quantity)
            if length > 1:
                part /= length
            for number in range(days):
                day = first + timedelta(days=number) if number else first
                own = found.setdefault(day, {})
                own[row.team] = own[row.team] + part if row.team in own else part
        return found

    @cached_property
    def _summed(self) -> dict[Span, dict[str, Fraction]]:
        """What was asked before: many pools go by one driver."""
        return {}

    def _sum(self, span: Span) -> dict[str, Fraction]:
        total: dict[str, Fraction] = {}
        for row in self.rows:
            days = span.overlap(Span(row.start, row.until))
            if days:
                length = (row.until - row.start).days
                part = Fraction(row.quantity)
                if days != length:
                    part *= Fraction(days, length)
                total[row.team] = total[row.team] + part if row.team in total else part
        return total
