"""The lake: Parquet files that never change, named by their content.

A file is written in a private staging folder of the lake, and then moved to a
path made of its sha256, which is atomic because both lie on one file system.
Paths are kept relative, so that a project folder can be moved or copied. What
the files mean, and which of them are current, stands in the books alone.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from pathlib import Path, PurePosixPath

from apportion.domain.snapshot import LakeFile
from apportion.errors import LakeError, Place
from apportion.store.staging import private_folder, sweep_left_behind

STAGING = ".staging"
SUFFIX = ".parquet"
A_DAY = timedelta(days=1)


class Lake:
    """The files under one folder, which is made when the first file is written.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     lake = Lake(Path(folder))
    ...     with lake.staging() as private:
    ...         _ = (private / "facts.parquet").write_bytes(b"PAR1")
    ...         kept = lake.keep("daily", private / "facts.parquet", rows=0)
    ...     kept.path[:9], lake.verify(kept)
    ('daily/fb/', True)
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def staging(self) -> AbstractContextManager[Path]:
        """A private folder to write files in; it goes away afterwards with what is left in it."""
        return private_folder(self.root / STAGING)

    def sweep_staging(self) -> int:
        """Remove the private folders of loads that were killed, never one in use; count them."""
        return sweep_left_behind(self.root / STAGING, A_DAY)

    def keep(self, role: str, temporary: Path, rows: int) -> LakeFile:
        """Move a finished file to its place for good, and say what it is.

        The content is on disk, not merely in the system's memory, before the
        name appears. The same content has the same place; keeping it again
        renews its age, so that a sweep leaves it to the load that is under way.
        """
        with temporary.open("r+b") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
            os.fsync(written.fileno())
        kept = LakeFile(role, f"{role}/{digest[:2]}/{digest}{SUFFIX}", digest, rows)
        place = self.path(kept)
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch()
        temporary.replace(place)
        _sync_folder(place.parent)
        return kept

    def path(self, file: LakeFile) -> Path:
        """Where a file lies on this machine."""
        return self.root / PurePosixPath(file.path)

    def damage(self, file: LakeFile) -> str:
        """Why a file isn't the one that was kept, in words; empty where it is."""
        try:
            with self.path(file).open("rb") as held:
                found = hashlib.file_digest(held, "sha256").hexdigest()
        except FileNotFoundError:
            return "the file is missing"
        except OSError as fault:
            return f"the file can't be read: {fault.strerror or fault}"
        return "" if found == file.sha256 else "its content isn't what was loaded: sha256 differs"

    def verify(self, file: LakeFile) -> bool:
        """Whether a file is there with the very content that it was kept with."""
        return not self.damage(file)

    def checked(self, file: LakeFile) -> Path:
        """Where a file lies, once its content is found to be what was kept.

        Raises LakeError where it is lost or damaged.
        """
        path = self.path(file)
        if why := self.damage(file):
            raise LakeError(
                "a file of the lake is lost or damaged",
                place=Place(str(path)),
                why=why,
                hint="load again (`apportion load`): it reads the bill anew and mends the file",
            )
        return path

    def sweep(self, keep: Iterable[str], older_than: timedelta = A_DAY) -> tuple[str, ...]:
        """Remove what no snapshot refers to and what loads that were killed left behind.

        `keep` holds the relative paths that the books refer to
        (:meth:`apportion.store.books.Books.files`). Younger files stay, because
        a load may be about to commit them. Returns the relative paths removed.
        """
        wanted = frozenset(keep)
        before = time.time() - older_than.total_seconds()
        sweep_left_behind(self.root / STAGING, older_than)
        found = sorted(self.root.glob(f"*/??/*{SUFFIX}"))
        named = ((path, path.relative_to(self.root).as_posix()) for path in found)
        return tuple(
            name for path, name in named if name not in wanted and self._remove(path, before)
        )

    def remove(self, names: Iterable[str], before: float) -> tuple[str, ...]:
        """Remove files by their relative paths; one that was renewed since `before` stays."""
        return tuple(n for n in names if self._remove(self.root / PurePosixPath(n), before))

    def _remove(self, path: Path, before: float) -> bool:
        """Take a file aside, and put it back if a load renewed it at that very moment."""
        with suppress(FileNotFoundError):
            if path.stat().st_mtime >= before:
                return False
            with self.staging() as private:
                aside = path.replace(private / path.name)
                if aside.stat().st_mtime < before:
                    return True
                aside.replace(path)
        return False


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut, where the system lets a folder be synced."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
