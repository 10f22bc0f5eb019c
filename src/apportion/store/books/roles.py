"""Who holds which role, in the books: changes are added, never edited."""

from __future__ import annotations

from sqlalchemy import Connection, select

from apportion.domain.role import Grant, Role, RoleChange, Roles
from apportion.store.books.audit import AuditEntry, add_entry
from apportion.store.books.audit_rows import rows_said
from apportion.store.books.schema import role_changes


def change_role(connection: Connection, change: RoleChange) -> None:
    """Give a role or take it, within a writing transaction, with a line in the audit log."""
    grant = change.grant
    row = {
        "person": grant.person,
        "role": str(grant.role),
        "team": grant.team,
        "given": change.given,
        "actor": change.actor,
        "because": change.because,
        "at": change.at,
    }
    added = connection.execute(role_changes.insert(), row).inserted_primary_key
    assert added is not None
    said = {"role": str(grant.role), "team": grant.team, "because": change.because}
    said |= rows_said(connection, (role_changes, added))
    act = "grant-role" if change.given else "revoke-role"
    add_entry(connection, AuditEntry(change.at, change.actor, act, grant.person, said))


def read_role_changes(connection: Connection) -> tuple[RoleChange, ...]:
    """Every change of roles, the oldest first."""
    return tuple(
        RoleChange(
            Grant(row.person, Role(row.role), row.team), row.given, row.actor, row.because, row.at
        )
        for row in connection.execute(select(role_changes).order_by(role_changes.c.id))
    )


def read_roles(connection: Connection) -> Roles:
    """The roles that are held now: given, and not taken since."""
    held: set[Grant] = set()
    for change in read_role_changes(connection):
        (held.add if change.given else held.discard)(change.grant)
    return Roles.of(held)
