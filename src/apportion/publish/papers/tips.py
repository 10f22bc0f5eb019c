"""What a team can do about its cost: only what its own figures say, each with the amount."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from apportion.domain.money import minor_digits
from apportion.domain.owner import Evidence
from apportion.domain.result import LineKind
from apportion.insight.token_savings import BATCH, CACHE, Saving
from apportion.publish.documents import Document
from apportion.publish.papers.facts import PaperFacts
from apportion.publish.papers.words import money_words, share_words
from apportion.run.explain import Explanation, rounded
from apportion.run.statement import Statement, TeamStatement


def draw_tips(
    facts: PaperFacts,
    statement: Statement,
    team: TeamStatement,
    explained: Iterable[Explanation],
) -> list[Document]:
    """Tips on one currency of a statement, the largest amount first."""
    tips = [
        *_over_budget(statement, team),
        *_by_kind(statement, team),
        *_weak(statement, explained),
        *_savings(facts, statement, team),
    ]
    tips.sort(key=lambda tip: (-tip[0], tip[1]))
    return [{"what": what, "words": words} for _, what, words in tips]


Tip = tuple[Decimal, str, str]


def _over_budget(statement: Statement, team: TeamStatement) -> Iterator[Tip]:
    if team.variance is not None and team.variance > 0:
        over = f"{money_words(team.variance)} {statement.currency}"
        yield (
            team.variance,
            f"You are {over} over budget",
            "See what moved above; if it stays, ask for another budget with the reason.",
        )


_KINDS = {
    LineKind.IDLE: (
        "for capacity that was paid for and not used",
        "Give back what you reserved and don't need, or move work onto it.",
    ),
    LineKind.LOST: (
        "for jobs that failed, were cancelled or were preempted",
        "Save checkpoints, and find out why jobs end early.",
    ),
}


def _by_kind(statement: Statement, team: TeamStatement) -> Iterator[Tip]:
    for kind, (why, what) in _KINDS.items():
        carried = team.sum_of(kind)
        if carried > 0:
            yield carried, f"{money_words(carried)} {statement.currency} {why}", what


def _weak(statement: Statement, explained: Iterable[Explanation]) -> Iterator[Tip]:
    """Own charges that only the look of a name gave to the team."""
    reasons = [
        reason
        for one in explained
        if not one.line.pool and one.currency == statement.currency
        for reason in one.reasons
        if reason.evidence is Evidence.PATTERN
    ]
    whole = sum((one.amount for one in reasons), Fraction(0))
    shown = rounded(whole, minor_digits(statement.currency))
    if shown > 0:
        count = sum(one.charges for one in reasons)
        charges = f"{count:,} {'charge' if count == 1 else 'charges'}"
        carried = f"{money_words(shown)} {statement.currency}"
        what = f"{carried} is yours by the look of names alone ({charges})"
        yield shown, what, "Tag these resources, or dispute what isn't yours."


def _savings(facts: PaperFacts, statement: Statement, team: TeamStatement) -> Iterator[Tip]:
    """What caches and batches of the team saved or cost, by the prices that hold."""
    for one in facts.costs.savings if facts.costs else ():
        if one.group == team.facts.team and one.currency == statement.currency:
            yield from _saving(one)


def _saving(one: Saving) -> Iterator[Tip]:
    saved = rounded(one.saving, minor_digits(one.currency))
    shown = f"{money_words(abs(saved))} {one.currency}"
    if one.kind == BATCH and saved > 0:
        yield (
            saved,
            f"Batches saved you {shown}",
            "What can wait some hours costs less as a batch.",
        )
    if one.kind != CACHE or not saved:
        return
    rate = one.hit_rate
    read = f"; {share_words(rate)} of the tokens of prompts were read from it" if rate else ""
    if saved > 0:
        what = f"The prompt cache saved you {shown}{read}"
        yield saved, what, "Prompts that begin alike are read from the cache: put what varies last."
    else:
        what = f"The prompt cache cost you {shown} more than it saved{read}"
        yield -saved, what, "Cache only what is read again before it expires."
