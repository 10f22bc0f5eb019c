"""Capacity: what is used is charged by use, and what isn't by a policy that has a name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from apportion.allocate.by_presence import missing_days
from apportion.allocate.driver import quantities
from apportion.allocate.missing import below_zero, no_quantities
from apportion.allocate.question import Answer, Gap, Question, Rest, in_proportion, no_answer
from apportion.domain.amounts import sum_of
from apportion.domain.finding import Finding, Level
from apportion.domain.result import DriverUse, LineKind
from apportion.model.terms.idle import Capacity, Idle, IdleTo

Quantities = Mapping[str, Fraction]


@dataclass(frozen=True)
class Used:
    """How much of a capacity each one used; whoever isn't named used nothing.

    `parts` tell what a quantity is the sum of, where it is one.
    """

    name: str
    unit: str
    by: Quantities
    parts: Mapping[str, Sequence[tuple[str, Fraction]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """A capacity over some days: K that could be used, of which receivers used a part.

    `whole` is what the pool's cost is divided by: K less the use of those who carry
    nothing of the pool, or the receivers' own use where that is more.
    """

    used: Used
    practical: Fraction
    whole: Fraction
    receivers: Quantities
    reserved: Quantities

    @property
    def idle(self) -> Fraction:
        return self.whole - sum_of(self.receivers.values())

    def use(self, name: str, quantity: Fraction) -> DriverUse:
        return DriverUse(name, self.used.unit, quantity, self.whole)


def by_capacity(question: Question, used: Used, capacity: Capacity) -> Answer:
    """Charge = rate × use, with rate = cost ÷ practical capacity; the rest is idle.

    Where use is above the capacity, use is what the cost is divided by, and
    nothing is idle. Use of those who carry nothing of the pool is no idle
    capacity: its cost falls on all others in proportion.
    """
    measured = _measure(question, used, capacity)
    if isinstance(measured, Gap):
        return no_answer(measured)
    charged = Answer(
        {name: own / measured.whole for name, own in measured.receivers.items()},
        {
            name: tuple(measured.use(*part) for part in used.parts.get(name, ((used.name, own),)))
            for name, own in measured.receivers.items()
        },
        findings=tuple(_findings(question, measured, capacity.idle)),
    )
    return _with_idle(charged, question, measured, capacity.idle) if measured.idle else charged


def _measure(question: Question, used: Used, capacity: Capacity) -> Measured | Gap:
    """The capacity over the days, or why it can't be divided by."""
    reserved: Quantities = {}
    if capacity.reserved:
        driver = question.drivers[capacity.reserved]
        reserved = quantities(driver, question.span)
        if not reserved:
            return no_quantities(driver)
    for name, by in ((used.name, used.by), (capacity.reserved, reserved)):
        known = question.drivers.get(name)
        if known and (negative := below_zero(known, by, by, question.span)):
            return negative
    if capacity.practical:
        practical = capacity.practical.over(question.span)
    else:
        practical = sum_of(reserved.values())
    own = {name: used.by.get(name, Fraction(0)) for name in sorted(question.names)}
    receiving = sum_of(own.values())
    others = sum_of(used.by.values()) - receiving
    whole = max(receiving, practical - others)
    if not whole:
        what = f"{used.name} has no capacity, and no receiver used any"
        return Gap(Fraction(1), what, hint="state `capacity`, or supply the quantities")
    return Measured(used, practical, whole, own, reserved)


def _with_idle(charged: Answer, question: Question, measured: Measured, idle: Idle) -> Answer:
    if idle.to is IdleTo.RESERVER:
        return _told(charged, question, idle, tuple(_by_reserver(question, measured)))
    part = measured.idle / measured.whole
    if idle.to is IdleTo.CENTRAL:
        use = measured.use(f"unused {measured.used.name}", measured.idle)
        return _told(charged, question, idle, (_Unused("", part, "capacity not used", (use,)),))
    if idle.to is IdleTo.USE:
        split = in_proportion(measured.used.name, measured.used.unit, measured.receivers)
    else:
        split = _by_quota(question, idle.quota)
    named = f"capacity not used, by {idle.quota or 'use'}"
    unused = (
        _Unused(
            name, part * own, named, tuple(replace(use, weight=part) for use in split.uses[name])
        )
        for name, own in split.fractions.items()
        if own
    )
    made = _told(charged, question, idle, tuple(unused))
    return replace(made, gaps=tuple(replace(gap, part=part * gap.part) for gap in split.gaps))


@dataclass(frozen=True)
class _Unused:
    """A part of the pool for idle capacity, and who carries it: a receiver, or nobody."""

    name: str
    part: Fraction
    reason: str
    uses: tuple[DriverUse, ...]


def _by_quota(question: Question, quota: str) -> Answer:
    driver = question.drivers[quota]
    known = quantities(driver, question.span)
    if not known:
        return no_answer(no_quantities(driver))
    if negative := below_zero(driver, known, question.names, question.span):
        return no_answer(negative)
    names = sorted(question.names)
    return in_proportion(quota, driver.unit, {one: known.get(one, Fraction(0)) for one in names})


def _by_reserver(question: Question, measured: Measured) -> Iterator[_Unused]:
    """Each reserver's own unused reservation, as far as others didn't use it.

    Use beyond a reservation takes first from capacity that nobody reserved, then from
    all unused reservations in proportion. Invariant: the parts sum to what is idle.
    """
    used, reserved = measured.used.by, measured.reserved
    unused = {who: max(Fraction(0), own - used.get(who, 0)) for who, own in reserved.items()}
    beyond = sum_of(max(Fraction(0), own - reserved.get(who, 0)) for who, own in used.items())
    free = measured.practical - sum_of(reserved.values()) - beyond
    common = min(measured.idle, max(Fraction(0), free))
    left = sum_of(unused.values())
    label = f"unused {measured.used.name}"
    for who, own in sorted(unused.items()):
        quantity = own * (measured.idle - common) / left if own else own
        if quantity:
            known = who in question.names
            reason = "reserved, not used"
            yield _Unused(
                who if known else "",
                quantity / measured.whole,
                reason if known else f"{reason}, by {who} which carries nothing of the pool",
                (measured.use(label, quantity),),
            )
    if common:
        use = measured.use(label, common)
        yield _Unused("", common / measured.whole, "neither reserved nor used", (use,))


def _told(charged: Answer, question: Question, idle: Idle, unused: tuple[_Unused, ...]) -> Answer:
    """An answer with idle capacity told apart.

    What a pool carries of it is part of what that pool costs; what nobody carries
    goes to the central account, for the days on which its team exists.
    """
    fractions, uses = dict(charged.fractions), dict(charged.uses)
    rests: list[Rest] = []
    account = question.teams.get(idle.account, Fraction(0))
    why = f" ({idle.because})" if idle.because else ""
    for one in unused:
        if one.name in question.pools:
            fractions[one.name] += one.part
            uses[one.name] += one.uses
        else:
            reason = f"{one.reason}{why}"
            whole = Rest(one.part, LineKind.IDLE, reason, one.name, one.uses)
            rests += [whole] if one.name else _central(whole, idle.account, account)
    return replace(charged, fractions=fractions, uses=uses, rests=tuple(rests))


def _central(rest: Rest, account: str, there: Fraction) -> Iterator[Rest]:
    """To the central account for the part of the days on which its team is there, else the pool."""
    for team, part in ((account, there), ("", 1 - there)):
        if part:
            uses = tuple(replace(use, weight=use.weight * part) for use in rest.uses)
            yield replace(rest, team=team, part=rest.part * part, uses=uses)


def _findings(question: Question, measured: Measured, idle: Idle) -> Iterator[Finding]:
    name, place = measured.used.name, question.split.place
    total = sum_of(measured.used.by.values())
    if total > measured.practical:
        yield Finding(
            "use-above-capacity",
            Level.WARNING,
            f"pool {question.pool}: {name} is {float(total):g} from {question.span.start} until "
            f"{question.span.until}, above the capacity of {float(measured.practical):g}; cost is "
            "divided by the use",
            place,
            "correct the capacity, or the quantities",
        )
    if measured.idle and idle.to is IdleTo.USE:
        yield Finding(
            "idle-by-use",
            Level.WARNING,
            f"pool {question.pool}: those who use {name} pay for what nobody uses",
            place,
            "let the reserver or a central account carry it: a team that leaves makes it dearer "
            "for those who stay, until they leave too",
        )
    if measured.idle and idle.account and question.teams.get(idle.account) != 1:
        there = idle.account in question.teams
        when = missing_days(question, idle.account) if there else "doesn't exist in the period"
        yield Finding(
            "account-without-team",
            Level.WARNING,
            f"pool {question.pool}: the team {idle.account} of the account for idle capacity "
            f"{when}; the pool keeps {'its part' if there else 'it'}",
            place,
            "name a team that exists",
        )
