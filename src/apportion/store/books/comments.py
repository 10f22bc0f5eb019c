"""What teams say of lines, as rows of the books."""

from __future__ import annotations

from sqlalchemy import Connection, select

from apportion.domain.comment import Comment
from apportion.domain.period import Period
from apportion.store.books.schema import comments


def add_comment(connection: Connection, comment: Comment) -> None:
    """Add a comment; none is ever changed."""
    row = {name: getattr(comment, name) for name in Comment.__dataclass_fields__}
    connection.execute(comments.insert(), row)


def read_comments(
    connection: Connection, period: Period, team: str | None = None
) -> tuple[Comment, ...]:
    """The comments of a period, or of one team in it, the oldest first."""
    wanted = select(comments).where(comments.c.period == period).order_by(comments.c.id)
    if team is not None:
        wanted = wanted.where(comments.c.team == team)
    return tuple(Comment(*row[1:]) for row in connection.execute(wanted).all())
