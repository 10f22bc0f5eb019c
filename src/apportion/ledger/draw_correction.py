"""The documents of a correction: what a closed month says now less what is booked of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from apportion.domain.journal import Assignment, DocumentKind, JournalDocument, lines_of
from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.model.project import Model

_Key = tuple[str, str]
"""Entity and currency."""


def draw_correction(
    model: Model,
    into: Period,
    run: Run,
    drawn: Iterable[JournalDocument],
    booked: Sequence[JournalDocument],
) -> Iterator[JournalDocument]:
    """One document for each entity and currency that changed, in the open month `into`.

    `drawn` is what the run would book in full, `booked` all that is booked of its month: the
    same again is empty, and a correction of a correction is no special case. Ids count the
    documents of corrections that are booked of the month, so that none comes twice where bills
    go back and forth.

    Source: prior-period adjustment; FOCUS ChargeClass = Correction.
    """
    wanted, held = _sums(drawn), _sums(booked)
    original = run.period
    number = sum(one.kind is DocumentKind.CORRECTION for one in booked)
    for entity, currency in sorted({*wanted, *held}):
        new, old = wanted[entity, currency], held[entity, currency]
        differing = {at: new.get(at, 0) - old.get(at, 0) for at in {*new, *old}}
        text = f"AI cost {original} corrected"
        lines = lines_of(differing, dict.fromkeys(differing, text))
        if not lines:
            continue
        code = model.accounting.code_of(entity)
        yield JournalDocument(
            id=f"cb-{code}-{into}-{currency}-{original}-{run.id[:8]}-{number + 1}",
            entity=entity,
            period=into,
            posted_on=into.until - timedelta(days=1),
            currency=currency,
            kind=DocumentKind.CORRECTION,
            text=text,
            lines=lines,
            run=run.id,
            original=str(original),
        )


def _sums(documents: Iterable[JournalDocument]) -> dict[_Key, dict[Assignment, int]]:
    found: dict[_Key, dict[Assignment, int]] = defaultdict(lambda: defaultdict(int))
    for one in documents:
        for line in one.lines:
            found[one.entity, one.currency][line.at] += line.signed
    return found
