"""When somebody looked through the model, in the books: added, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from apportion.store.books.audit import AuditEntry, add_entry
from apportion.store.books.schema import model_reviews


@dataclass(frozen=True)
class ModelReview:
    """Somebody looked through a model, by its digest; `change` is what brought it about, if any."""

    model: str
    actor: str
    because: str
    at: datetime
    change: int | None = None


def add_review(connection: Connection, review: ModelReview) -> None:
    """Keep a review, within a writing transaction, with a line in the audit log."""
    row = {name: getattr(review, name) for name in ModelReview.__dataclass_fields__}
    connection.execute(model_reviews.insert(), row)
    said = {"because": review.because}
    if review.change is not None:
        said["change"] = str(review.change)
    add_entry(
        connection, AuditEntry(review.at, review.actor, "review-model", review.model[:12], said)
    )


def last_review(connection: Connection) -> ModelReview | None:
    """The newest review of any model, or None."""
    newest = select(model_reviews).order_by(model_reviews.c.id.desc()).limit(1)
    row = connection.execute(newest).first()
    return None if row is None else _review(row)


def review_of_change(connection: Connection, change: int) -> ModelReview | None:
    """The review by which a change was taken in, or None where it wasn't (yet)."""
    wanted = select(model_reviews).where(model_reviews.c.change == change)
    row = connection.execute(wanted).first()
    return None if row is None else _review(row)


def _review(row: object) -> ModelReview:
    names = ModelReview.__dataclass_fields__
    return ModelReview(**{name: getattr(row, name) for name in names})
