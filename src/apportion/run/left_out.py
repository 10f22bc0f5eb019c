"""Which view of a spend counts in a month, and what is left out for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count

from apportion.attribute import Desk
from apportion.domain.amounts import Amounts
from apportion.domain.finding import Finding, Level
from apportion.domain.money import plain_text
from apportion.domain.owner import OwnerKind
from apportion.domain.period import Span
from apportion.domain.result import Attributed
from apportion.model.dated import Validity
from apportion.model.organisation import Organisation
from apportion.model.pools import Pool
from apportion.model.project import Model
from apportion.model.same_spend import SameSpend
from apportion.run.prove import as_decimal


def with_counted_views(desk: Desk, model: Model, span: Span) -> Model:
    """The model with the view of each spend that counts in a span: the first that has charges.

    Nothing is read where the model names no spend that arrives twice. The hash stays.
    """
    if not model.same_spend:
        return model
    days = Validity(span.start, span.until)
    held = [one for one in model.same_spend if one.valid.meet(days)]
    there = {
        part.owner.name
        for part in desk.attribute(_views(model, held), span, into="views of spend").summary
        if part.owner.kind is OwnerKind.POOL
    }
    return replace(model, same_spend=tuple(_counted(one, there) for one in model.same_spend))


def _views(model: Model, held: Iterable[SameSpend]) -> Model:
    """A model in which every view is a pool, so that the passes tell which have charges."""
    position = count()
    pools = tuple(
        Pool(_named(one, place), next(position), "", one.place, (), view)
        for one in held
        for place, view in enumerate(one.views)
    )
    return Model(Organisation(), model.taxonomy, pools=pools)


def _named(one: SameSpend, place: int) -> str:
    return f"{place} {one.name}"


def _counted(one: SameSpend, there: set[str]) -> SameSpend:
    found = (place for place in range(len(one.views)) if _named(one, place) in there)
    return replace(one, counted=next(found, -1))


def left_out(model: Model, attributed: Iterable[Attributed]) -> Iterator[Finding]:
    """What a month's bills carry of spend that counts elsewhere: how much, and why."""
    parts = [part for part in attributed if part.owner.kind is OwnerKind.LEFT_OUT]
    for one in model.same_spend:
        own = [part for part in parts if part.owner.name == one.name]
        for source, currency in sorted({(part.source, part.currency) for part in own}):
            found = [p for p in own if (p.source, p.currency) == (source, currency)]
            amount = Amounts.total(part.amounts for part in found).of("BilledCost")
            charges = sum(part.charges for part in found)
            why = f" ({one.because})" if one.because else ""
            yield Finding(
                "spend-left-out",
                Level.NOTE,
                f"{one.name}: {charges:,} charges of {source}, billed "
                f"{plain_text(as_decimal(amount))} {currency}, are left out: view "
                f"{one.counted + 1} of the same spend has charges in the period, and counts{why}",
                one.place,
                "nothing to do; to count another view, put it first under `views`",
                rows=charges,
            )
