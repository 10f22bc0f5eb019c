"""Share commitments: who bought them, who used them, or everybody by on-demand equivalent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from apportion.allocate.driver import by_driver
from apportion.allocate.fixed import fixed
from apportion.allocate.question import Answer, Question, Rest, blend, in_proportion, no_answer
from apportion.domain.amounts import Amounts, sum_of
from apportion.domain.commitments import NOBODY, UNUSED, ByName, named
from apportion.domain.finding import Finding, Level
from apportion.domain.result import LineKind
from apportion.model.digest import digest_of
from apportion.model.terms.commitment import Commitment, ShareBy

_Part = tuple[str, bool]
"""A commitment, and whether this is what wasn't used of it."""


def commitment(question: Question) -> Answer:
    """Each commitment's fees and unused amount, by one policy; what was unused is told apart.

    bought: who is stated to have bought it, or who would carry its fee by the rules.
    used: in proportion to the effective cost of the usage that it covers, or by a driver.
    on_demand: everybody, in proportion to what eligible usage costs on demand. What
    nobody owns is left out, and a finding tells how much that is.

    Source: FinOps Framework, Rate Optimization and Allocation (shared commitment discounts);
    FOCUS, CommitmentDiscountStatus.
    """
    terms = question.split.terms
    assert isinstance(terms, Commitment)
    costs = _costs(question)
    total = sum_of(costs.values())
    if not total:
        return no_answer("no charges of commitments fell into it")
    return blend(
        (cost / total, _of(question, terms, *part)) for part, cost in sorted(costs.items()) if cost
    )


def _costs(question: Question) -> Mapping[_Part, Fraction]:
    """What each part costs: on the run's cost basis, or billed where that sums to nothing.

    A plan that is used to the full costs nothing but its covered usage: its fee has
    billed cost only.
    """
    for basis in (question.basis, "BilledCost"):
        costs: dict[_Part, Fraction] = defaultdict(Fraction)
        for one in question.commitments.charges:
            costs[one.commitment, one.status == UNUSED] += one.amounts.of(basis)
        if sum_of(costs.values()):
            return costs
    return {}


def _of(question: Question, terms: Commitment, name: str, unused: bool) -> Answer:
    answer = _shared(question, terms, name)
    if not unused:
        return answer
    reason = f"unused part of {name or 'a commitment'}, by {_WORDS[terms.share_by]}"
    rests = tuple(
        Rest(part, LineKind.IDLE, reason, who, answer.uses.get(who, ()))
        for who, part in answer.fractions.items()
        if part and who not in question.pools
    )
    passed = {who: part for who, part in answer.fractions.items() if who in question.pools}
    uses = {who: used for who, used in answer.uses.items() if who in passed}
    found = (*answer.findings, *_spiral(question, terms))
    return replace(answer, fractions=passed, uses=uses, rests=rests, findings=found)


_WORDS = {
    ShareBy.BOUGHT: "who bought it",
    ShareBy.USED: "who used the rest",
    ShareBy.ON_DEMAND: "on-demand equivalent",
}


def _shared(question: Question, terms: Commitment, name: str) -> Answer:
    if terms.driver:
        return by_driver(question, terms.driver)
    if terms.share_by is ShareBy.BOUGHT:
        if question.split.percentages:
            return fixed(question)
        return _by(question, f"fee of {name}", *_bought(question, name))
    if terms.share_by is ShareBy.USED:
        covered = question.commitments.covered.get(name, {})
        return _by(question, f"covered usage of {name}", covered, "EffectiveCost")
    assert terms.eligible is not None
    eligible = question.commitments.eligible.get(digest_of(terms.eligible), {})
    return _by(question, f"eligible {terms.on}", eligible, terms.on)


def _bought(question: Question, name: str) -> tuple[ByName, str]:
    """Who would carry the fee, or whatever else of the commitment is billed or costs anything."""
    own = [one for one in question.commitments.charges if one.commitment == name]
    fees = [one for one in own if not one.status]
    for charges, basis in ((fees, "BilledCost"), (own, "EffectiveCost"), (own, "BilledCost")):
        by_name: dict[str, Amounts] = defaultdict(Amounts)
        for one in charges:
            by_name[named(one.owner)] += one.amounts
        if any(amounts.of(basis) for amounts in by_name.values()):
            return by_name, basis
    return {}, "BilledCost"


def _by(question: Question, label: str, by_name: ByName, basis: str) -> Answer:
    weights = {who: by_name.get(who, Amounts()).of(basis) for who in sorted(question.names)}
    answer = in_proportion(label, question.currency, weights)
    return replace(answer, findings=tuple(_ownerless(question, label, by_name, basis)))


def _ownerless(question: Question, label: str, by_name: ByName, basis: str) -> Iterator[Finding]:
    nobody = by_name.get(NOBODY, Amounts()).of(basis)
    if nobody:
        total = sum_of(amounts.of(basis) for amounts in by_name.values())
        yield Finding(
            "usage-without-owner",
            Level.WARNING,
            f"pool {question.pool}: {float(nobody):.2f} of {float(total):.2f} {question.currency} "
            f"({label}) belongs to nobody; the others carry its part",
            question.split.place,
            "give it an owner by a rule: see `apportion untagged`",
        )


def _spiral(question: Question, terms: Commitment) -> Iterator[Finding]:
    if terms.share_by is ShareBy.USED:
        yield Finding(
            "idle-by-use",
            Level.WARNING,
            f"pool {question.pool}: those who use commitments pay for what nobody uses of them",
            question.split.place,
            "share by `bought` or `on_demand`: a team that leaves makes it dearer for those who "
            "stay, until they leave too",
        )
