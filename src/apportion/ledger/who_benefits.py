"""Which teams would pay less by what is booked: those of the cost centres that are relieved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from apportion.domain.journal import JournalDocument
from apportion.domain.result import TeamFacts


def benefiting_teams(
    documents: Iterable[JournalDocument], teams: Iterable[TeamFacts]
) -> tuple[str, ...]:
    """The teams whose cost centre carries less by documents, in any currency.

    All teams of a cost centre count, since they share its budget: `teams` are those of the run
    as it would be, and where one moved, of the run before.

    Source: segregation of duties, COSO Internal Control, principle 10.
    """
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for one in documents:
        for line in one.lines:
            sums[one.currency, line.at.cost_center] += line.signed
    relieved = {center for (_, center), units in sums.items() if units < 0 and center}
    return tuple(sorted({one.team for one in teams if one.cost_center in relieved}))
