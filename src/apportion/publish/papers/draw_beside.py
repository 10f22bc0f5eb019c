"""What is booked for a team in the month and is no part of its total: decisions, corrections."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from apportion.domain.adjustment import Adjustment
from apportion.domain.owner import Owner, OwnerKind
from apportion.publish.documents import Document, amount
from apportion.publish.papers.facts import PaperFacts
from apportion.publish.papers.words import month_words, signed_words


def draw_beside(facts: PaperFacts, team: str) -> Iterator[Document]:
    """Applied adjustments that a team gives or takes, and corrections of closed months.

    An adjustment that was applied after the issue is for the next one.
    """
    issue = facts.version.issue
    own = Owner(OwnerKind.TEAM, team)
    for one in facts.adjustments:
        late = issue is not None and bool(one.steps) and one.steps[-1].at > issue.at
        if own in {one.giver, one.taker} and not late:
            yield _adjustment(one, own)
    for each in facts.corrections:
        if team in each.teams:
            what = f"Correction of {month_words(each.original)}"
            words = f"cost centre {each.cost_center}, {', '.join(each.teams)}"
            yield _row(what, each.amount, each.currency, words)


def _adjustment(one: Adjustment, own: Owner) -> Document:
    gives = one.giver == own
    other = one.taker if gives else one.giver
    way = "to" if gives else "from"
    line = f", of line {one.line}" if one.line else ""
    words = f"{way} {other}{line}: {one.because}"
    return _row(f"Adjustment {one.id}", -one.amount if gives else one.amount, one.currency, words)


def _row(what: str, value: Decimal, currency: str, words: str) -> Document:
    return {
        "what": what,
        "amount": amount(value),
        "shown": signed_words(value),
        "currency": currency,
        "words": words,
    }
