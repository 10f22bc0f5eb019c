"""Records that the disk doesn't take yet, in memory: one by one, and when many, condensed."""

from __future__ import annotations

import threading
from collections import deque

from apportion.meter.condensed import Condensed
from apportion.meter.usage_event import UsageEvent

WAITING_BYTES = 4 << 20


class Backlog:
    """Waiting records of a process; up to `most` bytes of lines are kept one by one."""

    def __init__(self, most: int = WAITING_BYTES) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._lines: deque[bytes] = deque()
        self._bytes = 0
        self._condensed = Condensed()

    def __len__(self) -> int:
        """How many records wait, those in sums included."""
        return len(self._lines) + self._condensed.records

    def add(self, event: UsageEvent, line: bytes) -> None:
        with self._lock:
            if self._bytes + len(line) > self._most:
                self._condensed.add(event)
            else:
                self._lines.append(line)
                self._bytes += len(line)

    def next(self) -> bytes | None:
        """The record to write next; those that wait one by one come first."""
        with self._lock:
            if not self._lines:
                sums, self._condensed = self._condensed, Condensed()
                for event in sums.taken():
                    line = event.line()
                    self._lines.append(line)
                    self._bytes += len(line)
            if not self._lines:
                return None
            line = self._lines.popleft()
            self._bytes -= len(line)
            return line

    def put_back(self, line: bytes) -> None:
        with self._lock:
            self._lines.appendleft(line)
            self._bytes += len(line)
