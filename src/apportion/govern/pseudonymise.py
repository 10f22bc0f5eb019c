"""Take somebody's name out of the books on request, with all that was proven staying proven."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Text, select, type_coerce

from apportion.domain.role import Role, RoleChange
from apportion.errors import NotAllowed, UsageError
from apportion.run.open_project import OpenProject
from apportion.store.books.audit import AuditEntry, add_entry
from apportion.store.books.audit_chain import PSEUDONYMISE
from apportion.store.books.column_types import AnyText, Json, Person, Prose
from apportion.store.books.people import erase
from apportion.store.books.roles import change_role, read_roles
from apportion.store.books.schema import metadata

TEXTS = (AnyText, Json, Person, Prose)
"""Types of columns in which a name can stand."""


@dataclass(frozen=True)
class Pseudonymised:
    """What somebody is called from now on, and where the name still stands in free text.

    `left` are columns of the books with the number of rows: texts that were written before
    the person was known, and what bills and usage say. They are immutable; retention removes
    loads and runs by age, and a load of cleaned files replaces them.
    """

    pseudonym: str
    left: tuple[tuple[str, int], ...]


def pseudonymise(project: OpenProject, person: str, *, actor: str, because: str) -> Pseudonymised:
    """Forget a person's name for good: acts and grants keep the pseudonym, the chain holds.

    Roles of theirs end with it. The line in the audit log names the pseudonym alone. It can't be
    undone. Raises NotLoaded for somebody who isn't in the books, UsageError without a reason,
    NotAllowed for the last admin.
    """
    if not because.strip():
        raise UsageError("taking a name away needs a reason", hint="say --because")
    with project.books.writing() as connection:
        told = re.sub(rf"(?<!\w){re.escape(person)}(?!\w)", "(the person)", because)
        _end_roles(connection, person, actor, told)
        pseudonym = erase(connection, person)
        by = pseudonym if actor == person else actor
        entry = AuditEntry(
            datetime.now(UTC), by, PSEUDONYMISE, f"{{{pseudonym}}}", {"because": told}
        )
        add_entry(connection, entry)
        left = _where_left(connection, person)
    project.books.compact()
    return Pseudonymised(pseudonym, left)


def _end_roles(connection: Connection, person: str, actor: str, because: str) -> None:
    """Nobody acts under a name that is gone, so what it may do goes first."""
    roles = read_roles(connection)
    own = sorted(one for one in roles.grants if one.person == person)
    admins = {one.person for one in roles.grants if one.role is Role.ADMIN}
    if admins == {person}:
        raise NotAllowed(
            f"{person} is the last admin",
            why="nobody could give roles any more",
            hint="make another admin first; to end all roles: `apportion role revoke "
            f"{person} admin --ungovern`",
        )
    for grant in own:
        change = RoleChange(grant, False, actor, because, datetime.now(UTC))
        change_role(connection, change)


def _where_left(connection: Connection, name: str) -> tuple[tuple[str, int], ...]:
    """Columns of text in which the name still stands as a word, and in how many rows."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    found = []
    texts = [
        (table, column)
        for table in metadata.sorted_tables
        for column in table.columns
        if table.name != "people" and isinstance(column.type, TEXTS)
    ]
    for table, column in texts:
        held = type_coerce(column, Text)
        likely = select(held).where(held.contains(name, autoescape=True))
        count = sum(1 for value in connection.execute(likely).scalars() if word.search(value))
        if count:
            found.append((f"{table.name}.{column.name}", count))
    return tuple(found)
