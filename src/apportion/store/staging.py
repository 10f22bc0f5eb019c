"""Private folders in which files are written, and the sweep of those that were left behind.

A folder belongs to the process that holds the lock of the file beside it. The
system lets go of a lock when a process ends, however it ends; so a folder whose
lock is free was left by one that was killed.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

try:
    import fcntl
except ImportError:  # Windows: folders are swept by their age alone
    fcntl = None  # type: ignore[assignment]

LOCK = ".lock"


@contextmanager
def private_folder(parent: Path) -> Iterator[Path]:
    """A folder of this process alone; it goes away afterwards with what is left in it."""
    folder = parent / uuid4().hex
    parent.mkdir(parents=True, exist_ok=True)
    # The lock is taken before the folder is made, so a sweep never sees a free one in use.
    try:
        with _held(_lock_of(folder), create=True):
            folder.mkdir()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _lock_of(folder).unlink(missing_ok=True)


def sweep_left_behind(parent: Path, older_than: timedelta) -> int:
    """Remove the folders that no process holds any more, and count them.

    Where there is no lock to ask (a folder of an older version, or a system
    without file locks), only one that nobody has touched for `older_than` goes.
    """
    removed = 0
    for folder in sorted(path for path in parent.glob("*") if path.is_dir()):
        lock = _lock_of(folder)
        if fcntl is None or not lock.exists():
            if _last_touched(folder) >= time.time() - older_than.total_seconds():
                continue
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
            continue
        with suppress(OSError), _held(lock, create=False):
            shutil.rmtree(folder, ignore_errors=True)
            lock.unlink(missing_ok=True)
            removed += 1
    return removed


def _lock_of(folder: Path) -> Path:
    return folder.with_name(folder.name + LOCK)


@contextmanager
def _held(lock: Path, *, create: bool) -> Iterator[None]:
    """Hold the lock of a file meanwhile; raises OSError where another process holds it."""
    handle = os.open(lock, os.O_RDWR | (os.O_CREAT if create else 0), 0o644)
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _last_touched(folder: Path) -> float:
    times = [folder.stat().st_mtime]
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            times.append(path.stat().st_mtime)
    return max(times)
