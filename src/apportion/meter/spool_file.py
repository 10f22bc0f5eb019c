"""One file of the spool while a process writes it, and how it is closed for good.

It is called ``….open`` while it is written, and ``….jsonl`` once it is complete: the name
changes in one step, so that whoever collects ``*.jsonl`` never sees half a file. The writer
holds a lock that its end releases, however it ends; that is how an open file of a dead
process is told from one that is being written.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

OPEN = ".open"
CLOSED = ".jsonl"
TORN = ".torn"


class SpoolFile:
    """A file that this process alone writes."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor
        self.size = 0
        self.synced = 0
        self.opened = time.monotonic()
        self._damaged = False

    @classmethod
    def new(cls, folder: Path, name: str) -> SpoolFile:
        """A new file, locked; raises OSError where none can be made."""
        while True:
            path = folder / _file_name(name)
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL
            descriptor = os.open(path, flags, 0o640)
            # Until it is locked it looks abandoned, and another process may take it.
            if locked(path, descriptor):
                return cls(path, descriptor)
            os.close(descriptor)

    def write(self, lines: bytes) -> bool:
        """Append whole lines, or nothing; False where the disk doesn't take them."""
        if self._damaged:
            return False
        done = 0
        try:
            while done < len(lines):
                done += os.write(self.descriptor, memoryview(lines)[done:])
        except OSError:
            self._take_back()
            return False
        self.size += done
        return True

    def _take_back(self) -> None:
        try:
            os.ftruncate(self.descriptor, self.size)
        except OSError:
            self._damaged = True  # closing it sets the torn line aside

    @property
    def damaged(self) -> bool:
        return self._damaged

    def sync(self) -> None:
        """Bring to the disk what was written; raises OSError."""
        size = self.size
        if size > self.synced:
            os.fdatasync(self.descriptor)
            self.synced = size

    def close(self) -> None:
        """Complete the file for those who collect it; an empty one is removed."""
        try:
            seal(self.path, self.descriptor)
        finally:
            self.let_go()

    def let_go(self) -> None:
        """Close the descriptor alone, as a forked child does with its parent's file."""
        with suppress(OSError):
            os.close(self.descriptor)


def locked(path: Path, descriptor: int) -> bool:
    """Lock a file, and see that its name still means it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    except OSError:
        return False


def seal(path: Path, descriptor: int) -> None:
    """Sync a locked file that nobody writes any more, and give it its last name."""
    if os.fstat(descriptor).st_size == 0:
        path.unlink(missing_ok=True)
        return
    os.fsync(descriptor)
    path.rename(path.with_suffix(CLOSED))
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring names of files to the disk, where the system has a way to."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _file_name(name: str) -> str:
    now = datetime.now(UTC)
    host = "".join(c if c.isalnum() or c == "-" else "-" for c in socket.gethostname())[:40]
    return f"{name}-{now:%Y%m%dT%H%M%S}-{host}-{os.getpid()}-{secrets.token_hex(6)}{OPEN}"
