"""The gate before every command: who asks, what they may, and a line for each refusal."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from apportion.errors import BooksError, ConfigurationError, NotAllowed
from apportion.govern.acts import ACTS, check_act

if TYPE_CHECKING:
    from apportion.store.books import Books


@dataclass(frozen=True)
class Gate:
    """Somebody before a command, in a project folder.

    A folder without a project, or whose books nobody has begun, lets everybody through: the
    command itself says what is wrong. Nothing is opened for acts that are anybody's.
    """

    folder: Path
    command: str
    person: str

    def check(self, teams: tuple[str, ...] = ()) -> None:
        """Let them through, or raise NotAllowed."""
        act = ACTS.get(self.command)
        if act is not None and act.open:
            return
        books = self._books()
        if books is None:
            return
        try:
            roles = books.roles()
        finally:
            books.close()
        roles.refuse_look_alike(self.person)
        check_act(self.command, self.person, roles, teams)

    def note(self, refused: NotAllowed) -> None:
        """Keep in the audit log that somebody was refused, and why."""
        books = self._books()
        if books is None:
            return
        detail = {"what": refused.what, "why": refused.why}
        try:
            with suppress(BooksError):  # books that can only be read: the refusal stands
                said = {name: value for name, value in detail.items() if value}
                books.log(self.person, "refuse", self.command, said)
        finally:
            books.close()

    def _books(self) -> Books | None:
        from apportion.model.read_project import FILE, read_project

        folder = self.folder.expanduser()
        if not (folder / FILE).is_file():
            return None
        try:
            settings = read_project(folder)
        except ConfigurationError:  # the command tells of it
            return None
        from apportion.store.books import Books
        from apportion.store.books.connect import is_begun

        return Books.open(settings.books) if is_begun(settings.books) else None
