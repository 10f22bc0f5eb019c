"""The spool: where a service's usage records wait on its own disk until they are loaded.

A record is in its file before the call is answered. What was written survives the end of the
process, however it ends; what was synced survives the loss of power. Each process writes
files of its own, so that workers and replicas can share a folder.

The service is never held up for long. When a write hangs longer than `patience` seconds, when
several in a row were slower than that, when the disk is full or the folder would become larger
than `total_bytes`, records wait in memory and are written later
(:mod:`apportion.meter.condensed` says what happens when many wait).
"""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path
from typing import Literal

from apportion.errors import UsageError
from apportion.meter.abandoned_files import mend_end, take_up_abandoned
from apportion.meter.backlog import Backlog
from apportion.meter.keeper import Keeper, look_after
from apportion.meter.spool_file import SpoolFile
from apportion.meter.usage_event import UsageEvent

_LOG = logging.getLogger("apportion.meter")

Fsync = Literal["always", "interval", "never"]
_DETOUR = 5.0
_SLOW_WRITES = 3
_LOOK_AROUND = 15.0


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
        patience: float = 0.25,
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
        look_after(self)

    def _begin(self) -> None:
        """Nothing written yet, in this process."""
        self._disk = threading.Lock()
        self._syncing = threading.Lock()
        self._file: SpoolFile | None = None
        self._full: list[SpoolFile] = []
        self._backlog = Backlog()
        self._ticket = self._synced = 0
        self._detour_until = self._looked_around = 0.0
        self._slow = 0
        self._hangs = False
        self._held = _bytes_in(self.folder)
        self._keeper = Keeper(self)

    def after_fork(self) -> None:
        """A forked child begins anew; its parent's file and waiting records are its parent's."""
        for file in (*self._full, *((self._file,) if self._file else ())):
            file.let_go()
        self._begin()

    def append(self, event: UsageEvent) -> int:
        """Write a record; the ticket that :meth:`sync` takes, 0 for a record that waits."""
        self._keeper.start()
        line = event.line()
        if time.monotonic() < self._detour_until:
            return self._wait(event, line)
        # Who was held up once by a write that hangs is enough: the others don't wait for it.
        self._hangs = not self._disk.acquire(timeout=0 if self._hangs else self.patience)
        if self._hangs:
            return self._wait(event, line)
        try:
            written = self._write(line)
            ticket = self._ticket
        finally:
            self._disk.release()
        return ticket if written else self._wait(event, line)

    def sync(self, ticket: int) -> None:
        """Return when the record of a ticket is on the disk; many wait for one sync together."""
        if ticket <= self._synced:
            return
        with self._syncing:
            if ticket > self._synced:
                self._sync_all()

    def close(self) -> None:
        """Close the file, so that it can be read. A later record opens another."""
        self._keeper.stop()
        try:
            self.settle(last=True)
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
        began = time.monotonic()
        if not file.write(line):
            return False
        self._look_at_pace(time.monotonic() - began)
        self._held += len(line)
        self._ticket += 1
        return True

    def _look_at_pace(self, seconds: float) -> None:
        """After several slow writes in a row, calls leave writing to the keeper for a while."""
        self._slow = self._slow + 1 if seconds > self.patience else 0
        if self._slow >= _SLOW_WRITES:
            self._detour_until = time.monotonic() + _DETOUR
        elif self._slow == 0:
            self._detour_until = 0.0

    def _wait(self, event: UsageEvent, line: bytes) -> int:
        self._backlog.add(event, line)
        return 0

    # ── what the keeper does, each second ────────────────────────────────────────────────
    def settle(self, *, last: bool = False) -> None:
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
            with self._disk:
                written = self._write(line)
            if not written:
                self._backlog.put_back(line)
                return

    def _sync_all(self) -> None:
        """Sync the files that are open, under the lock of syncing."""
        with self._disk:
            upto = self._ticket
            files = [*self._full, *((self._file,) if self._file else ())]
        for file in files:
            file.sync()
        self._synced = max(self._synced, upto)


def _bytes_in(folder: Path) -> int:
    total = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                total += entry.stat().st_size
            except FileNotFoundError:  # renamed or collected meanwhile
                continue
    return total
