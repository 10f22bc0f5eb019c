"""Changes of the model that somebody proposed, in the books: added, never changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, select

from apportion.errors import UsageError
from apportion.store.books.audit import AuditEntry, add_entry
from apportion.store.books.schema import model_changes


@dataclass(frozen=True)
class ModelChange:
    """A proposed model, by the folder or commit that was `named`, and when it is to count.

    `base` and `proposed` are digests of the models; `says` tells the changes, one to a line.
    """

    named: str
    base: str
    proposed: str
    effective: date
    says: str
    actor: str
    because: str
    at: datetime
    id: int = 0

    @property
    def subject(self) -> str:
        """What its approval is asked for as: ``model-change 4``."""
        return f"model-change {self.id}"


def add_change(connection: Connection, change: ModelChange) -> ModelChange:
    """Keep a proposal, within a writing transaction; gives it with its number."""
    row = {name: getattr(change, name) for name in ModelChange.__dataclass_fields__ if name != "id"}
    added = connection.execute(model_changes.insert(), row).inserted_primary_key
    assert added is not None
    made = replace(change, id=added[0])
    said = {
        "model": change.proposed[:12],
        "effective": change.effective.isoformat(),
        "because": change.because,
    }
    add_entry(connection, AuditEntry(change.at, change.actor, "propose", made.subject, said))
    return made


def read_model_changes(connection: Connection) -> tuple[ModelChange, ...]:
    """Every proposal, the oldest first."""
    names = ModelChange.__dataclass_fields__
    return tuple(
        ModelChange(**{name: getattr(row, name) for name in names})
        for row in connection.execute(select(model_changes).order_by(model_changes.c.id))
    )


def model_change(connection: Connection, number: int) -> ModelChange:
    """A proposal by its number; raises UsageError where there is none."""
    found = next((one for one in read_model_changes(connection) if one.id == number), None)
    if found is None:
        raise UsageError(f"there is no change {number}", hint="see `apportion change list`")
    return found
