"""Policies on the model itself: exemptions that end, reviews that are due, who answers for what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.errors import Place
from apportion.govern.judged import Judged, Question
from apportion.model.governance import GovernancePolicy
from apportion.model.project import Model
from apportion.store.books.model_reviews import last_review


@dataclass(frozen=True)
class _Exempt:
    """An exemption of any kind: who is exempt from what, until when."""

    who: str
    place: Place
    start: date | None
    until: date | None


def judge_exemptions(policy: GovernancePolicy, question: Question) -> Judged:
    """Exemptions have an end that lies ahead, and end soon enough; who ends soon is told of."""
    found = (
        finding
        for one in _exemptions(question.project.model)
        for finding in _of_exemption(policy, one, question.today)
    )
    return Judged(policy, findings=tuple(found))


def _of_exemption(policy: GovernancePolicy, one: _Exempt, today: date) -> Iterator[Finding]:
    if one.until is None:
        yield Finding(
            "exemption-without-end",
            policy.level,
            f"{one.who} has no end; policy {policy.name!r} demands one",
            one.place,
            hint="write `until`",
        )
    elif one.until <= today:
        yield Finding(
            "exemption-ended",
            policy.level,
            f"{one.who} ended on {one.until}",
            one.place,
            hint="take it out of the model, or prolong it with a reason",
        )
    elif one.until <= today + timedelta(days=policy.warn_days):
        yield Finding(
            "exemption-ends-soon",
            Level.WARNING,
            f"{one.who} ends on {one.until}",
            one.place,
            hint="tell the team; prolong it in time if it must go on",
        )
    begun = one.start or today
    if policy.months and one.until and one.until > months_after(begun, policy.months):
        yield Finding(
            "exemption-too-long",
            policy.level,
            f"{one.who} runs until {one.until}: longer than the {policy.months} months of policy "
            f"{policy.name!r}",
            one.place,
            hint="end it earlier; it can be prolonged",
        )


def judge_review(policy: GovernancePolicy, question: Question) -> Judged:
    """Somebody looked through the model as it is now, and not longer ago than the policy says."""
    project = question.project
    with project.books.reading() as connection:
        review = last_review(connection)
    if review is None:
        what = "nobody has looked through the model yet"
    elif months_after(review.at.date(), policy.months) <= question.today:
        what = f"the model was last looked through on {review.at.date()}, by {review.actor}"
    elif review.model != project.model.hash:
        what = f"the model has changed since {review.actor} looked through it, {review.at.date()}"
    else:
        return Judged(policy)
    finding = Finding(
        "model-not-reviewed",
        policy.level,
        f"{what}; policy {policy.name!r} demands it every {policy.months} months",
        policy.place,
        hint="take changes in by `apportion change`, or look through it and say so: "
        "`apportion change reviewed --because …`",
    )
    return Judged(policy, findings=(finding,))


def judge_reasons(policy: GovernancePolicy, question: Question) -> Judged:
    """Every rule, split and policy says why it is so, and who answers for it."""
    found = (
        Finding(
            "reason-missing",
            policy.level,
            f"{what} doesn't say {lacks}",
            place,
            hint="add `because: …` and `owner: …`",
        )
        for what, place, because, responsible in _answered(question.project.model)
        if (lacks := _lacks(because, responsible))
    )
    return Judged(policy, findings=tuple(found))


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month.

    >>> months_after(date(2026, 11, 30), 3)
    datetime.date(2027, 2, 28)
    """
    month = Period(day.year, day.month)
    for _ in range(months):
        month = month.next()
    return min(month.start + timedelta(days=day.day - 1), month.until - timedelta(days=1))


def _exemptions(model: Model) -> Iterator[_Exempt]:
    for pool in model.pools:
        for one in pool.exempt:
            who = f"the exemption of team {one.team} from pool {pool.name}"
            yield _Exempt(who, one.place, one.valid.start, one.valid.until)
    for policy in model.governance:
        for left in policy.exempt:
            named = left.account or left.service or left.team
            who = f"the exemption of {named} from policy {policy.name!r}"
            yield _Exempt(who, left.place, policy.valid.start, left.until)


def _answered(model: Model) -> Iterator[tuple[str, Place, str, str]]:
    """What somebody has to answer for: what it is, its place, reason, and who does."""
    for rule in model.rules:
        yield f"rule {rule.name!r}", rule.place, rule.because, rule.responsible
    for pool in model.pools:
        for dated in pool.splits:
            split = dated.value
            because = split.because or pool.because
            responsible = split.responsible or pool.responsible
            yield f"the split of pool {pool.name!r}", split.place, because, responsible
    for policy in model.policies:
        what = f"the policy on {policy.kind.label}"
        yield what, policy.place, policy.because, policy.responsible


def _lacks(because: str, responsible: str) -> str:
    lacking = [
        words for said, words in ((because, "why"), (responsible, "who answers for it")) if not said
    ]
    return " and ".join(lacking)
