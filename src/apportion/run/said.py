"""Who said so: the place, the reason and the owner of what the model states, for a saved run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from apportion.allocate.absent_teams import while_existing
from apportion.domain.period import Span
from apportion.domain.result import DriverUse, Run
from apportion.errors import ConfigurationError
from apportion.model.dated import Validity
from apportion.model.policies import Policy
from apportion.model.pools import Driver, Pool, Split
from apportion.model.project import Model
from apportion.model.rules import Inheritance, Rule
from apportion.run.metered_model import is_metered, metered_model

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject

SHORT = 12
"""Letters of a model's digest that people are shown."""


@dataclass(frozen=True)
class Said:
    """One thing that the model states. `what` is a rule, an inheritance, a policy, a pool, a split.

    `place` is file, line and column in the project.
    """

    what: str
    name: str
    place: str
    because: str = ""
    responsible: str = ""
    valid: Validity = field(default_factory=Validity)
    method: str = ""


@dataclass(frozen=True)
class Measured:
    """A row of a driver's file that counts for a receiver."""

    place: str
    start: date
    until: date
    quantity: Fraction


@dataclass(frozen=True)
class Origin:
    """Where the quantity of a driver comes from: in words, and row by row for a driver's file."""

    words: str
    place: str = ""
    rows: tuple[Measured, ...] = ()


_COMPUTED = {
    "stated percentage": "the percentage that the model states",
    "days in the period": "the days on which each receiver exists",
    "head count": "head counts of the organisation, by the day",
    "usage of the same day and kind": "each charge by who used that kind on its day",
    "priced usage": "the usage at list and negotiated prices",
}
_DIRECT = "direct "
_DEFAULT = "default policy on "
_UNSTATED = "the model states no policy on it"


@dataclass(frozen=True)
class Sayings:
    """The model that stands in the project now, held against the one that a run was made with.

    `version` is the digest of the run's model, `now` that of the project's (empty
    where it can't be read). What the model states is told only where the two are
    one: else rules and places would not be the run's.
    """

    version: str
    now: str
    span: Span
    model: Model | None = None

    @classmethod
    def of(cls, project: OpenProject, run: Run) -> Sayings:
        """What the project's model says of a run."""
        try:
            model = project.model
        except ConfigurationError:
            return cls(run.model, "", run.span)
        if model.hash != run.model:
            return cls(run.model, model.hash, run.span)
        measured = metered_model(project.workspace, model, run.span) if is_metered(model) else model
        return cls(run.model, model.hash, run.span, measured)

    @property
    def same(self) -> bool:
        """Whether the model is the one that the run was made with."""
        return self.version == self.now

    def of_rule(self, name: str) -> tuple[Said, ...]:
        """What a rule, an inheritance, a policy or a pool of that name says; none where unknown."""
        if name.startswith(_DEFAULT) and self.model:
            return (Said("default policy", name, "", _UNSTATED),)
        return self._by_rule.get(name, ())

    def of_pool(self, name: str) -> tuple[Said, ...]:
        """A pool, and its splits on the days of the run."""
        pool = self._pools.get(name)
        if pool is not None:
            splits = (_split(name, one.value, one.valid) for one in pool.splits
                      if one.valid.meet(Validity(self.span.start, self.span.until)))  # fmt: skip
            return (_pool(pool), *splits)
        return self._policies_of(name)

    def title(self, pool: str) -> str:
        """What a pool is called for people."""
        found = self._pools.get(pool)
        return found.title if found and found.title else pool

    def origin(self, use: DriverUse, receiver: str, pool: str) -> Origin | None:
        """Where a quantity comes from; None where the model has changed or doesn't know it."""
        if self.model is None:
            return None
        if found := self.model.drivers.get(use.driver):
            there = while_existing(found, self.model.organisation)
            return _measured(there, receiver, self.span)
        if use.driver.startswith(_DIRECT):
            return Origin("the direct lines of this run, each receiver's own cost")
        words = _COMPUTED.get(use.driver)
        splits = [one.place for one in self.of_pool(pool) if one.what == "split"]
        return Origin(words, ", ".join(splits)) if words else None

    @cached_property
    def _pools(self) -> Mapping[str, Pool]:
        return {pool.name: pool for pool in self.model.pools} if self.model else {}

    @cached_property
    def _by_rule(self) -> Mapping[str, tuple[Said, ...]]:
        found: dict[str, tuple[Said, ...]] = {}
        for said in _rules(self.model) if self.model else ():
            found[said.name] = (*found.get(said.name, ()), said)
        return found

    def _policies_of(self, pool: str) -> tuple[Said, ...]:
        """The policies that fill a pool which the model doesn't name."""
        policies = self.model.policies if self.model else ()
        stated = tuple(_policy(one) for one in policies if _fills(one, pool))
        if stated or self.model is None:
            return stated
        return (Said("default policy", pool, "", _UNSTATED),)


def _fills(policy: Policy, pool: str) -> bool:
    label = policy.kind.label
    return pool in {f"central {label}", label} or pool.startswith(f"{label} of ")


def _rules(model: Model) -> Iterator[Said]:
    yield from (_rule(rule) for rule in model.rules)
    yield from (_inherit(one) for one in model.inherit)
    yield from (_policy(one) for one in model.policies)
    yield from (_pool(pool) for pool in model.pools)


def _rule(rule: Rule) -> Said:
    return Said("rule", rule.name, str(rule.place), rule.because, rule.responsible, rule.valid)


def _inherit(one: Inheritance) -> Said:
    return Said("inheritance", one.name, str(one.place), one.because, "", one.valid)


def _policy(one: Policy) -> Said:
    name = f"policy on {one.kind.label}"
    return Said("policy", name, str(one.place), one.because, one.responsible, one.valid)


def _pool(pool: Pool) -> Said:
    return Said("pool", pool.name, str(pool.place), pool.because, pool.responsible, pool.valid)


def _split(pool: str, split: Split, valid: Validity) -> Said:
    return Said(
        "split",
        pool,
        str(split.place),
        split.because,
        split.responsible,
        valid,
        str(split.method),
    )


def _measured(driver: Driver, receiver: str, span: Span) -> Origin:
    rows: Iterable[Measured] = (
        Measured(str(row.place), row.start, row.until, Fraction(row.quantity))
        for row in driver.rows
        if row.team == receiver and span.overlap(Span(row.start, row.until))
    )
    return Origin(f"quantities in {driver.file}", str(driver.place), tuple(rows))
