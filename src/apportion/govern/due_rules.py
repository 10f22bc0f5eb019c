"""Rules that the council should look at: without an owner or a reason, and expired exemptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from apportion.model.project import Model
from apportion.store.books.model_reviews import last_review


@dataclass(frozen=True)
class Due:
    """One thing of the model that is due: what it is, its name, its place, and why."""

    what: str
    name: str
    place: str
    why: str


QUARTER = timedelta(days=92)
"""After so long without a review, a model is due."""


def due_review(connection: Connection, today: date) -> tuple[Due, ...]:
    """The model itself, where nobody looked through it within a quarter before a day."""
    last = last_review(connection)
    if last is not None and last.at.date() >= today - QUARTER:
        return ()
    since = f" since {last.at.date()}" if last else ""
    return (Due("model", "the model", "", f"nobody has reviewed it{since}"),)


def due_rules(model: Model, today: date, until: date | None = None) -> tuple[Due, ...]:
    """What is due on a day; exemptions also where they end before `until`.

    Source: FinOps Framework, Policy & Governance; every allocation rule has an owner, a
    reason and a date of review.
    """
    return tuple(_due(model, today, until or today))


def _due(model: Model, today: date, until: date) -> Iterator[Due]:
    for rule in model.rules:
        if rule.valid.until is None or rule.valid.until > today:
            yield from _lacking("rule", rule.name, str(rule.place), rule.because, rule.responsible)
    for pool in model.pools:
        yield from _lacking("pool", pool.name, str(pool.place), pool.because, pool.responsible)
        for one in pool.exempt:
            ends, name = one.valid.until, f"{one.team} from {pool.name}"
            if ends is None:
                yield Due("exemption", name, str(one.place), "it has no end")
            elif ends <= today:
                yield Due("exemption", name, str(one.place), f"it ended on {ends}")
            elif ends <= until:
                yield Due("exemption", name, str(one.place), f"it ends on {ends}")


def _lacking(what: str, name: str, place: str, because: str, responsible: str) -> Iterator[Due]:
    lacks = [word for word, said in (("owner", responsible), ("reason", because)) if not said]
    if lacks:
        yield Due(what, name, place, f"it has no {' and no '.join(lacks)}")
