"""What is said of a split that has no answer: refused, or another decides in its place."""

from __future__ import annotations

from fractions import Fraction

from apportion.allocate.question import Gap, Question
from apportion.domain.finding import Finding, Level
from apportion.errors import ConfigurationError


def nobody(question: Question) -> Gap:
    """Nobody is left to share it: on these days, or by what the split says of receivers."""
    if any(question.teams.values()) and not question.split.named:
        what = "`excluding` leaves no team to share it"
        return Gap(Fraction(1), what, hint="let somebody share it")
    return Gap(
        Fraction(1),
        "none of its receivers exists in the period",
        hint="correct the days of the teams, or who shares it",
    )


def refused(question: Question, gap: Gap) -> ConfigurationError:
    """A fault of the model, at the quantity that is wrong, if one is."""
    split = question.split
    at = f" at {split.place}" if gap.place else ""
    return ConfigurationError(
        f"pool {question.pool} can't be split in {question.currency}: {gap.reason}",
        place=gap.place or split.place,
        why=f"from {question.span.start} until {question.span.until} the split "
        f"`{split.method}`{at} has no answer, and the model says `when_missing: error`",
        hint=f"{gap.hint or 'supply what is missing'}; `when_missing: keep` leaves the cost "
        f"in the pool{'' if gap.place else ', a fallback splits it otherwise'}",
    )


def fell_back(question: Question, gap: Gap) -> Finding:
    """Another method decided than the one that the model means to: why, and where the fault is."""
    split = question.split
    assert split.fallback is not None
    days = f"from {question.span.start} until {question.span.until}"
    part = "" if gap.part == 1 else f"{float(gap.part * 100):.2f} % of "
    return Finding(
        "split-fell-back",
        Level.WARNING,
        f"{part}pool {question.pool} {days} is split by the fallback `{split.fallback.method}` in "
        f"place of `{split.method}`: {gap.reason}",
        gap.place or split.place,
        gap.hint or "supply what is missing",
    )
