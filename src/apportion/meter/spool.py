"""The spool: where a service's usage records wait on its own disk until they are loaded.

A record is in its file before the call is answered. What was written survives the end of the
process, however it ends; what was synced survives the loss of power. Each process writes
files of its own, so that workers and replicas can share a folder.

The service is never held up for long. A record that the disk doesn't take within
`patience`, or that would make the folder larger than `total_bytes`, waits in memory and is
written later (:mod:`apportion.meter.condensed` says what happens when many wait).
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import weakref
from pathlib import Path
from typing import Literal

from apportion.errors import UsageError
from apportion.meter.abandoned_files import mend_end, take_up_abandoned
from apportion.meter.backlog import Backlog
from apportion.meter.spool_file import SpoolFile
from apportion.meter.usage_event import UsageEvent

_LOG = logging.getLogger("apportion.meter")

Fsync = Literal["always", "interval", "never"]
_DETOUR = 5.0
_LOOK_AROUND = 15.0
_LIVING: weakref.WeakSet[Spool] = weakref.WeakSet()


class Spool:
    """Appends records to files in a folder.

    A file is closed when it has `file_bytes` or is `file_seconds` old, and is then called
    ``*.jsonl``. `fsync`: ``interval`` syncs every second (the loss of power loses a second
    at most), ``always`` before a call is answered, ``never`` leaves it to the system.
    """

    def __init__(  # noqa: PLR0913 -- each is a setting of its own
        self,
        folder: str | Path,
        *,
        name: str = "usage",
        file_bytes: int = 64 << 20,
        file_seconds: float = 300.0,
        total_bytes: int = 1 << 30,
        fsync: Fsync = "interval",
        patience: float = 0.05,
    ) -> None:
        if fsync not in {"always", "interval", "never"}:
            raise UsageError(f"fsync={fsync!r}", hint="one of always, interval, never")
        self.folder = Path(folder)
        self.fsync = fsync
        self.patience = patience
        self._name = name
        self._file_bytes = file_bytes
        self._file_seconds = file_seconds
        self._total_bytes = total_bytes
        self.folder.mkdir(parents=True, exist_ok=True)
        take_up_abandoned(self.folder)
        self._begin()
        _LIVING.add(self)

    def _begin(self) -> None:
        """Nothing written yet, in this process."""
        self._disk = threading.Lock()
        self._syncing = threading.Lock()
        self._starting = threading.Lock()
        self._file: SpoolFile | None = None
        self._full: list[SpoolFile] = []
        self._backlog = Backlog()
        self._ticket = self._synced = 0
        self._detour_until = self._looked_around = 0.0
        self._held = _bytes_in(self.folder)
        self._keeper: threading.Thread | None = None
        self._stop = threading.Event()

    def after_fork(self) -> None:
        """A forked child begins anew; its parent's file and waiting records are its parent's."""
        for file in (*self._full, *((self._file,) if self._file else ())):
            file.let_go()
        self._begin()

    def append(self, event: UsageEvent) -> int:
        """Write a record; the ticket that :meth:`sync` takes, 0 for a record that waits."""
        if self._keeper is None:
            self._start_keeper()
        line = event.line()
        began = time.monotonic()
        if began < self._detour_until:
            return self._wait(event, line)
        if not self._disk.acquire(timeout=self.patience):
            self._detour_until = began + _DETOUR
            return self._wait(event, line)
        try:
            written = self._write(line)
            ticket = self._ticket
        finally:
            self._disk.release()
        if not written:
            return self._wait(event, line)
        if time.monotonic() - began > self.patience:
            self._detour_until = time.monotonic() + _DETOUR
        return ticket

    def sync(self, ticket: int) -> None:
        """Return when the record of a ticket is on the disk; many wait for one sync together."""
        if ticket <= self._synced:
            return
        with self._syncing:
            if ticket > self._synced:
                self._sync_all()

    def close(self) -> None:
        """Close the file, so that it can be read. A later record opens another."""
        with self._starting:
            keeper, self._keeper = self._keeper, None
            self._stop.set()
        if keeper is not None:
            keeper.join(timeout=5.0)
        try:
            self._settle(last=True)
        except OSError as fault:
            _LOG.warning("the spool can't be closed: %s", fault.strerror)
        if len(self._backlog):
            _LOG.error("%d usage records could not be written", len(self._backlog))

    # ── one record ───────────────────────────────────────────────────────────────────────
    def _write(self, line: bytes) -> bool:
        """Append a line under the disk's lock; False where it is full, or fails."""
        if self._held + len(line) > self._total_bytes:
            return False
        file = self._file
        if file is not None and (file.damaged or file.size >= self._file_bytes):
            self._full.append(file)
            file = self._file = None
        if file is None:
            try:
                file = self._file = SpoolFile.new(self.folder, self._name)
            except OSError:
                return False
        if not file.write(line):
            return False
        self._held += len(line)
        self._ticket += 1
        return True

    def _wait(self, event: UsageEvent, line: bytes) -> int:
        self._backlog.add(event, line)
        return 0

    # ── what the keeper does, each second ────────────────────────────────────────────────
    def _start_keeper(self) -> None:
        with self._starting:
            if self._keeper is None:
                self._stop = threading.Event()
                keeper = threading.Thread(
                    target=_keep, args=(weakref.ref(self), self._stop), daemon=True
                )
                self._keeper = keeper
                keeper.start()

    def _settle(self, *, last: bool = False) -> None:
        """Write what waits, close what is due, sync, and look around in the folder."""
        now = time.monotonic()
        if last or now >= self._looked_around + _LOOK_AROUND or len(self._backlog):
            self._looked_around = now
            take_up_abandoned(self.folder)
            self._held = _bytes_in(self.folder)
        self._write_waiting()
        with self._syncing:
            for file in self._due(now, last=last):
                if file.damaged:
                    mend_end(file.path, file.descriptor)
                file.close()
            if self.fsync != "never":
                self._sync_all()

    def _due(self, now: float, *, last: bool) -> list[SpoolFile]:
        """The files that are to be closed, taken out of use."""
        with self._disk:
            file = self._file
            if file and (last or (file.size and now - file.opened >= self._file_seconds)):
                self._full.append(file)
                self._file = None
            due, self._full = self._full, []
        return due

    def _write_waiting(self) -> None:
        while (line := self._backlog.next()) is not None:
            began = time.monotonic()
            if not self._write_now(line):
                self._backlog.put_back(line)
                return
            if time.monotonic() - began > self.patience:
                self._detour_until = time.monotonic() + _DETOUR

    def _write_now(self, line: bytes) -> bool:
        with self._disk:
            return self._write(line)

    def _sync_all(self) -> None:
        """Sync the files that are open, under the lock of syncing."""
        with self._disk:
            upto = self._ticket
            files = [*self._full, *((self._file,) if self._file else ())]
        for file in files:
            file.sync()
        self._synced = max(self._synced, upto)


def _keep(of: weakref.ref[Spool], stop: threading.Event) -> None:
    while not stop.wait(1.0):
        spool = of()
        if spool is None:
            return
        try:
            spool._settle()  # noqa: SLF001 -- the spool's own thread
        except OSError as fault:
            _LOG.warning("the spool can't be kept: %s", fault.strerror)
        del spool


def _bytes_in(folder: Path) -> int:
    total = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                total += entry.stat().st_size
            except FileNotFoundError:  # renamed or collected meanwhile
                continue
    return total


def _after_fork() -> None:
    for spool in list(_LIVING):
        spool.after_fork()


def _at_exit() -> None:
    for spool in list(_LIVING):
        spool.close()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(_at_exit)
