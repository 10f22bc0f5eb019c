"""The very files that a run was made of, kept by their content for as long as the run is."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from apportion.errors import BooksError
from apportion.store.books.schema import kept_files, run_inputs


@dataclass(frozen=True)
class InputFile:
    """A file that a run rests on: its role (settings, model, list, rates …), name and bytes."""

    role: str
    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def keep_inputs(connection: Connection, run: str, files: Iterable[InputFile]) -> None:
    """Keep what a run rests on, within a writing transaction; what is kept already stays."""
    held = select(run_inputs.c.run).where(run_inputs.c.run == run).limit(1)
    if connection.execute(held).first():
        return
    for one in files:
        digest = one.sha256
        known = select(kept_files.c.sha256).where(kept_files.c.sha256 == digest)
        if connection.execute(known).first() is None:
            row = {"sha256": digest, "content": zlib.compress(one.content)}
            connection.execute(kept_files.insert(), row)
        link = {"run": run, "role": one.role, "name": one.name, "sha256": digest}
        connection.execute(run_inputs.insert(), link)


def read_inputs(connection: Connection, run: str) -> tuple[InputFile, ...]:
    """What a run rests on, each file with the content that it had; none where nothing was kept.

    Raises BooksError where a content isn't what was kept.
    """
    wanted = (
        select(run_inputs, kept_files.c.content)
        .join(kept_files, kept_files.c.sha256 == run_inputs.c.sha256)
        .where(run_inputs.c.run == run)
        .order_by(run_inputs.c.role, run_inputs.c.name)
    )
    found = []
    for row in connection.execute(wanted):
        try:
            one = InputFile(row.role, row.name, zlib.decompress(row.content))
        except zlib.error:
            one = InputFile(row.role, row.name, b"")
        if one.sha256 != row.sha256:
            raise BooksError(
                f"the kept {row.role} {row.name} of run {run} is damaged",
                why="its content isn't what was kept: sha256 differs",
                hint="take the books from a backup",
            )
        found.append(one)
    return tuple(found)
