"""Looks after the spools of a process: each second, when it forks, and when it ends."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import weakref
from typing import Protocol

_LOG = logging.getLogger("apportion.meter")

SECONDS = 1.0


class Kept(Protocol):
    """What is looked after."""

    def settle(self) -> None: ...
    def after_fork(self) -> None: ...
    def close(self) -> None: ...


class Keeper:
    """A thread that has a spool settle each second, as long as somebody holds the spool."""

    def __init__(self, kept: Kept) -> None:
        self._kept = weakref.ref(kept)
        self._starting = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, unless it has begun: threads don't live through a fork, so not before use."""
        if self._thread is not None:
            return
        with self._starting:
            if self._thread is None:
                self._stop = threading.Event()
                thread = threading.Thread(
                    target=_keep, args=(self._kept, self._stop), name="spool keeper", daemon=True
                )
                self._thread = thread
                thread.start()

    def stop(self) -> None:
        """End the thread, and wait for it, though not for ever: a disk may hang."""
        with self._starting:
            thread, self._thread = self._thread, None
            self._stop.set()
        if thread is not None:
            thread.join(timeout=5.0)


def _keep(kept: weakref.ref[Kept], stop: threading.Event) -> None:
    while not stop.wait(SECONDS):
        spool = kept()
        if spool is None:
            return
        try:
            spool.settle()
        except OSError as fault:
            _LOG.warning("the spool can't be kept: %s", fault.strerror)
        del spool


_LIVING: weakref.WeakSet[Kept] = weakref.WeakSet()


def look_after(kept: Kept) -> None:
    """Have a spool told when the process forks, and closed when it ends."""
    _LIVING.add(kept)


def _after_fork() -> None:
    for kept in list(_LIVING):
        kept.after_fork()


def _at_exit() -> None:
    for kept in list(_LIVING):
        kept.close()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(_at_exit)
