"""A closed month in one of its two views, as JSON and as bytes that can be compared.

What is in it hangs on the run and the documents alone: neither on the day nor on what was
loaded since. So it doesn't tell of the month before, and no notices.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from apportion.domain.adjustment import Adjustment
from apportion.domain.journal import JournalDocument
from apportion.domain.restatement import Restatement, View
from apportion.domain.result import Run
from apportion.ledger.reproduce import Reproduction
from apportion.publish.dispute_document import adjustment_document
from apportion.publish.documents import statement_document
from apportion.publish.journal_document import journal_document
from apportion.run.statement import draw_statements


def view_document(
    run: Run,
    view: View,
    preferred: str,
    since: Iterable[Restatement] = (),
    team: str = "",
    moved: Iterable[Adjustment] = (),
) -> dict[str, Any]:
    """The statement of a view, or a team's part of it; as restated with what it was restated by.

    `moved` are the applied adjustments of the month that the view has beside its total.
    """
    first, *others = draw_statements(run, preferred)
    document = statement_document(first, team=team or None, others=others)
    document["view"] = str(view)
    document["restated_by"] = [
        {"run": one.run, "into": str(one.into), "by": one.actor, "because": one.because}
        for one in since
    ]
    document["adjustments"] = [
        adjustment_document(one) for one in moved if not team or one.is_of_team(team)
    ]
    return document


def statement_bytes(run: Run, preferred: str) -> bytes:
    """A run's statement, always the same bytes for the same run."""
    first, *others = draw_statements(run, preferred)
    return _bytes(statement_document(first, others=others))


def journal_bytes(documents: Iterable[JournalDocument]) -> bytes:
    """Journal documents, always the same bytes for the same ones."""
    return _bytes([journal_document(one) for one in documents])


def _bytes(document: object) -> bytes:
    text = json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True)
    return (text + "\n").encode()


def reproduction_document(found: Reproduction) -> dict[str, Any]:
    """What was compared, and where it differs if it does."""
    pairs = {
        "statement": (
            statement_bytes(found.held, found.currency),
            statement_bytes(found.made, found.currency),
        ),
        "journal": (journal_bytes(found.held_journal), journal_bytes(found.made_journal)),
    }
    compared = {
        name: {
            "bytes": len(held),
            "equal": held == made,
            "differs_at": _first_difference(held, made),
        }
        for name, (held, made) in pairs.items()
    }
    return {
        "period": str(found.period),
        "view": str(found.view),
        "run": found.held.id,
        "frozen_files": found.files,
        "reproduced": all(one["equal"] for one in compared.values()),
        **compared,
        "other_by_now": list(found.differs),
    }


def _first_difference(held: bytes, made: bytes) -> str | None:
    """The line where two texts part, as the books have it."""
    if held == made:
        return None
    ours, theirs = held.decode().splitlines(), made.decode().splitlines()
    for number, (one, other) in enumerate(zip(ours, theirs, strict=False), 1):
        if one != other:
            return f"line {number}: {one.strip()} became {other.strip()}"
    return f"line {min(len(ours), len(theirs)) + 1}: one text ends"
