"""What is worth saying of a pool once its method has answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apportion.allocate.ask_pool import Part
from apportion.allocate.driver import unmeasured
from apportion.allocate.question import Answer
from apportion.domain.finding import Finding, Level
from apportion.domain.period import Span
from apportion.model.pools import Pool

_LEFT_OVER = "see in the model who is to carry it"


def pool_findings(
    pool: Pool, currency: str, answer: Answer, questions: Iterable[Part], span: Span
) -> Iterator[Finding]:
    """What a pool keeps, whom its drivers don't know, and what its method has to say."""
    yield from answer.findings
    yield from _exemptions(pool, span)
    yield from _takeovers(pool, questions)
    for gap in answer.gaps:
        yield Finding(
            "pool-kept",
            Level.WARNING,
            f"pool {pool.name} keeps {float(gap.part * 100):.2f} % of its cost in {currency}: "
            f"{gap.reason}",
            gap.place or pool.place,
            _LEFT_OVER if gap.final else gap.hint or "supply what is missing, or state a fallback",
        )
    for _, question in questions:
        for driver, team, asks in unmeasured(question):
            by_it = "it counts as 0 in" if asks else "by it, the team carries nothing of"
            yield Finding(
                "driver-without-team",
                Level.WARNING,
                f"the driver {driver.name} has no quantity for team {team} from "
                f"{question.span.start} until {question.span.until}: {by_it} pool {pool.name}",
                question.split.place,
                "add the quantity (0 where nothing was used), or name the team under `excluding`",
            )


def _exemptions(pool: Pool, span: Span) -> Iterator[Finding]:
    """Exemptions that ran out: they are charged again, perhaps unawares."""
    for one in pool.exempt:
        if one.valid.until and one.valid.until < span.until:
            yield Finding(
                "exemption-ended",
                Level.NOTE,
                f"the exemption of {one.team} from pool {pool.name} ended on {one.valid.until}: "
                "it is charged again",
                one.place,
                "prolong it, or take it out of the model",
            )


def _takeovers(pool: Pool, questions: Iterable[Part]) -> Iterator[Finding]:
    """How far a new split has taken over from the one before."""
    for _, question in questions:
        takeover = question.split.takeover
        part = takeover.part(question.span.start) if takeover else 1
        if part < 1:
            yield Finding(
                "split-grandfathered",
                Level.NOTE,
                f"pool {pool.name}: the new split decides {part} of it from {question.span.start}, "
                "the previous one the rest",
                question.split.place,
            )
