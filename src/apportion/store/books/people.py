"""People in the books: everything keeps a pseudonym, and one table alone knows whose it is.

A pseudonym is a commitment: sha256 over a random salt and the name. So nobody can put
another name to it unseen, and once salt and name are gone (`erase`), nobody can find the
name by trying. What was written, and the chain of the audit log over it, stays as it is.

Source: GDPR articles 4(5) and 17; a salted hash as a commitment.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, select

from apportion.domain.person import PSEUDONYM
from apportion.errors import NotLoaded
from apportion.store.books.column_types import PEOPLE
from apportion.store.books.schema.said import people

_IN_PROSE = re.compile(r"\{(person-[0-9a-f]{32})\}")
_SHORTEST = 3
"""Letters of a name that is looked for within prose; a shorter one is found as a whole value."""


def pseudonym_of(name: str, salt: str) -> str:
    """The pseudonym that a name and its salt make.

    >>> pseudonym_of("ann", "1f") == pseudonym_of("ben", "1f")
    False
    """
    text = f"{salt}\n{name}".encode("utf-8", "surrogatepass")
    return f"person-{hashlib.sha256(text).hexdigest()[:32]}"


class People:
    """Pseudonyms and names as the books have them, read when they are first asked for."""

    def __init__(self, connection: Connection, *, writes: bool = False) -> None:
        self._connection = connection
        self._writes = writes
        self._names: dict[str, str] | None = None
        self._ids: dict[str, str] = {}

    def _read(self) -> dict[str, str]:
        if self._names is None:
            rows = self._connection.execute(select(people.c.id, people.c.name)).all()
            self._names = {row.id: row.name for row in rows if row.name is not None}
            self._ids = {name: key for key, name in self._names.items()}
        return self._names

    def id_of(self, name: str) -> str:
        """The pseudonym of somebody, who gets one in the transaction that first names them."""
        names = self._read()
        if name in self._ids:
            return self._ids[name]
        if not self._writes or PSEUDONYM.fullmatch(name):
            return name
        salt = secrets.token_hex(16)
        made = pseudonym_of(name, salt)
        self._connection.execute(people.insert(), {"id": made, "name": name, "salt": salt})
        names[made] = name
        self._ids[name] = made
        return made

    def name_of(self, pseudonym: str) -> str:
        """Whose pseudonym it is; the pseudonym itself where nobody knows any more."""
        names = self._read()
        if pseudonym not in names and PSEUDONYM.fullmatch(pseudonym):
            # Somebody may have come while this transaction read.
            asked = select(people.c.name).where(people.c.id == pseudonym)
            names[pseudonym] = self._connection.execute(asked).scalar() or pseudonym
        return names.get(pseudonym, pseudonym)

    def without_names(self, text: str) -> str:
        """A text with the names of known people replaced, as whole words."""
        self._read()
        if text in self._ids:
            return f"{{{self._ids[text]}}}"
        found = [name for name in self._ids if len(name) >= _SHORTEST and name in text]
        if not found:
            return text
        longest = sorted(found, key=lambda name: (-len(name), name))
        pattern = rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)"
        return re.sub(pattern, lambda word: f"{{{self._ids[word[0]]}}}", text)

    def with_names(self, text: str) -> str:
        """A text with names in the place of pseudonyms, as far as they are known."""
        if "{person-" not in text:
            return text
        return _IN_PROSE.sub(lambda found: self.name_of(found[1]), text)


@contextmanager
def known_people(connection: Connection, *, writes: bool = False) -> Iterator[None]:
    """Within this, columns of people are written and read by name."""
    before = PEOPLE.set(People(connection, writes=writes))
    try:
        yield
    finally:
        PEOPLE.reset(before)


@contextmanager
def nobody_known() -> Iterator[None]:
    """Within this, columns are seen as they lie: pseudonyms, which is what the chain is over."""
    before = PEOPLE.set(None)
    try:
        yield
    finally:
        PEOPLE.reset(before)


def make_known(connection: Connection, name: str) -> None:
    """Let somebody who didn't act have a pseudonym, so that texts that name them keep it alone."""
    People(connection, writes=True).id_of(name)
    PEOPLE.set(People(connection, writes=True))


def erase(connection: Connection, name: str) -> str:
    """Forget whose pseudonym it is, for good; gives the pseudonym. Raises NotLoaded.

    Somebody of the same name who acts later gets another one.
    """
    found = connection.execute(select(people.c.id).where(people.c.name == name)).scalar()
    if found is None:
        raise NotLoaded(f"nobody in the books is called {name!r}", hint="see `apportion audit log`")
    gone = people.update().where(people.c.id == found).values(name=None, salt="")
    connection.execute(gone)
    PEOPLE.set(People(connection, writes=True))
    return str(found)


def misnamed(connection: Connection, pseudonyms: Iterable[str]) -> dict[str, str]:
    """Those pseudonyms whose name isn't the one that they were made for, and how that shows."""
    rows = {row.id: row for row in connection.execute(select(people))}
    found = {}
    for pseudonym in filter(PSEUDONYM.fullmatch, pseudonyms):
        row = rows.get(pseudonym)
        if row is None or row.name is None:
            found[pseudonym] = "whose pseudonym it is was taken away without a line that says so"
        elif pseudonym_of(row.name, row.salt) != pseudonym:
            found[pseudonym] = "another name was put to the pseudonym of who wrote it"
    return found
