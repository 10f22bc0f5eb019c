"""Second pass: the exact fraction of every pool that each receiver carries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from apportion.allocate.direct_cost import direct_cost
from apportion.allocate.driver import driver, unmeasured
from apportion.allocate.even import days_of, even
from apportion.allocate.fixed import fixed
from apportion.allocate.gather_costs import Costs
from apportion.allocate.head_count import head_count
from apportion.allocate.policy_pools import NO_POLICIES, Policies, as_pool, kept, told
from apportion.allocate.question import Across, Answer, Gap, Question, blend, filled
from apportion.allocate.weighted import weighted
from apportion.domain.amounts import Amounts
from apportion.domain.finding import Finding, Level
from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.period import Span
from apportion.domain.result import PoolShare
from apportion.errors import ConfigurationError
from apportion.model.dated import Validity
from apportion.model.organisation import OrgUnit
from apportion.model.pools import Method, Pool, Split, WhenMissing
from apportion.model.project import Model

METHODS: Mapping[Method, Callable[[Question], Answer]] = {
    Method.EVEN: even,
    Method.FIXED: fixed,
    Method.DIRECT_COST: direct_cost,
    Method.HEAD_COUNT: head_count,
    Method.DRIVER: driver,
    Method.WEIGHTED: weighted,
}
"""Every method by its name in the model. Each answers a Question exactly."""


def share_pools(
    costs: Costs, model: Model, span: Span, policies: Policies = NO_POLICIES
) -> tuple[tuple[PoolShare, ...], tuple[Finding, ...]]:
    """Ask each pool's method who carries it, and fill what it leaves open by the model's policy.

    Dated splits weigh by the days on which they hold; days that no split
    covers stay in the pool. Invariant: the fractions of a pool in a currency,
    what it keeps included, sum to 1.

    Raises ConfigurationError where a driver is missing and the model says error.
    """
    shares: list[PoolShare] = []
    findings: list[Finding] = []
    pools = {pool.name: pool for pool in model.pools}
    direct = {currency: costs.direct_of(currency) for currency, _ in costs.pools}
    for (currency, name), amounts in sorted(costs.pools.items()):
        if amounts.is_zero and costs.converted.get((currency, name), Amounts()).is_zero:
            continue
        asked = _Asked(currency, direct[currency], costs.across)
        pool = pools.get(name)
        if pool is None:
            policy = policies.pools[name]
            findings.extend(told(policy))
            if not policy.shared:
                shares.append(kept(policy, currency))
                continue
            pool = as_pool(policy)
            asked = _Asked(currency, policies.used(policy, currency), None)
        questions = list(_questions(pool, asked, model, span))
        answer = _answer(pool, questions)
        shares.extend(_shares(pool, currency, answer))
        findings.extend(_findings(pool, answer))
        findings.extend(_unmeasured(pool, questions))
    return tuple(shares), tuple(dict.fromkeys(findings))


@dataclass(frozen=True)
class _Asked:
    """A pool's currency, and the direct cost that may weigh it."""

    currency: str
    direct: Mapping[str, Amounts]
    across: Across | None


_Part = tuple[Fraction, Question]
"""A part of a period, and what is asked for it."""


def _questions(pool: Pool, asked: _Asked, model: Model, span: Span) -> Iterator[_Part]:
    """A question for each split of a pool, with the part of the days on which it holds."""
    held = Validity(span.start, span.until).meet(pool.valid) or Validity(span.start, span.until)
    days = Span(held.start or span.start, held.until or span.until)
    for split, part in _in_force(pool, days):
        question = Question(
            pool=pool.name,
            currency=asked.currency,
            split=split,
            span=part,
            receivers=_receivers(split, part, model),
            direct=asked.direct,
            drivers=model.drivers,
            across=asked.across,
        )
        yield Fraction(part.days, days.days), question


def _answer(pool: Pool, questions: Iterable[_Part]) -> Answer:
    """The whole answer of a pool over a span, dated splits blended by their days."""
    parts = [(part, _ask(question)) for part, question in questions]
    covered = sum((part for part, _ in parts), Fraction(0))
    if covered < 1:
        parts.append((1 - covered, Answer(gaps=(Gap(Fraction(1), "no split holds on all days"),))))
    answer = blend(parts)
    if answer.whole != 1:
        raise AssertionError(f"pool {pool.name} is answered for {answer.whole}, not for all of it")
    return answer


def _in_force(pool: Pool, days: Span) -> Iterator[tuple[Split, Span]]:
    for dated in pool.splits:
        met = Validity(days.start, days.until).meet(dated.valid)
        if met and met.start and met.until:
            yield dated.value, Span(met.start, met.until)


def _receivers(split: Split, days: Span, model: Model) -> tuple[OrgUnit, ...]:
    named = set(split.among) | {team for team, _ in split.percentages}
    return tuple(
        team
        for team in model.organisation.teams
        if (not named or team.name in named)
        and team.name not in split.excluding
        and days_of(team, days)
    )


def _ask(question: Question) -> Answer:
    """Ask the split's method; its gaps are filled by the policy that the split states."""
    split = question.split
    if not question.receivers:
        return _by_policy(question, Gap(Fraction(1), "none of its receivers exists in the period"))
    return filled(METHODS[split.method](question), lambda gap: _by_policy(question, gap))


def _by_policy(question: Question, gap: Gap) -> Answer:
    split = question.split
    if split.when_missing is WhenMissing.FALLBACK and split.fallback is not None:
        return _ask(replace(question, split=split.fallback))
    if split.when_missing is WhenMissing.KEEP:
        return Answer(gaps=(Gap(Fraction(1), gap.reason),))
    raise ConfigurationError(
        f"pool {question.pool} can't be split: {gap.reason}",
        place=split.place,
        why=f"the split `{split.method}` has nothing to go by from {question.span.start} "
        f"until {question.span.until}, and the model says `when_missing: error`",
        hint="supply the quantities, or state `when_missing: keep` or "
        "`when_missing: {fallback: {by: even}}`",
    )


def _shares(pool: Pool, currency: str, answer: Answer) -> Iterator[PoolShare]:
    method = " then ".join(dict.fromkeys(str(dated.value.method) for dated in pool.splits))
    for team, fraction in sorted(answer.fractions.items()):
        if fraction:
            owner = Owner(OwnerKind.TEAM, team)
            uses = answer.uses.get(team, ())
            yield PoolShare(pool.name, currency, owner, fraction, method, uses)
    kept = sum((gap.part for gap in answer.gaps), Fraction(0))
    if kept:
        yield PoolShare(pool.name, currency, Owner(OwnerKind.POOL, pool.name), kept, "kept")


def _findings(pool: Pool, answer: Answer) -> Iterator[Finding]:
    for gap in answer.gaps:
        yield Finding(
            "pool-kept",
            Level.WARNING,
            f"pool {pool.name} keeps {float(gap.part * 100):.2f} % of its cost: {gap.reason}",
            pool.place,
            "supply what is missing, or state a fallback under `when_missing`",
        )


def _unmeasured(pool: Pool, questions: Iterable[_Part]) -> Iterator[Finding]:
    for _, question in questions:
        for driver_, team in unmeasured(question):
            yield Finding(
                "driver-without-team",
                Level.WARNING,
                f"the driver {driver_.name} has no quantity for team {team} from "
                f"{question.span.start} until {question.span.until}: by it, the team carries "
                f"nothing of pool {pool.name}",
                question.split.place,
                "add the quantity (0 where nothing was used), or name the team under `excluding`",
            )
