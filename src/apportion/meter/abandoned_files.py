"""Open files of the spool whose process is gone: killed, out of memory, or power was lost.

Their lines are whole up to the last, which may be torn. A torn line is completed where all
but its end is there; else it is set aside in a file of its own, ``….torn``: it belongs to a
call that was never answered, and somebody may want to look.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from apportion.meter.spool_file import OPEN, TORN, locked, seal, sync_folder

_LOG = logging.getLogger("apportion.meter")
_STEP = 1 << 16


def take_up_abandoned(folder: Path) -> int:
    """Complete the open files of dead processes; how many there were."""
    taken = 0
    for path in sorted(folder.glob(f"*{OPEN}")):
        try:
            taken += _take_up(path)
        except OSError as fault:
            _LOG.warning("a spool file could not be taken up: %s (%s)", path.name, fault.strerror)
    return taken


def _take_up(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    try:
        if not locked(path, descriptor):
            return False
        mend_end(path, descriptor)
        seal(path, descriptor)
        return True
    finally:
        os.close(descriptor)


def mend_end(path: Path, descriptor: int) -> None:
    """See that a file ends with a whole line: complete the last one, or set it aside."""
    size = os.fstat(descriptor).st_size
    start = _start_of_last_line(descriptor, size)
    torn = os.pread(descriptor, size - start, start)
    if not torn:
        return
    if _is_event(torn):
        os.write(descriptor, b"\n")
        return
    aside = path.with_suffix(TORN)
    with aside.open("wb") as kept:
        kept.write(torn)
        kept.flush()
        os.fsync(kept.fileno())
    sync_folder(path.parent)
    os.ftruncate(descriptor, start)
    _LOG.warning("a torn line of %d bytes was set aside in %s", len(torn), aside.name)


def _start_of_last_line(descriptor: int, size: int) -> int:
    """Where the bytes after the last end of a line begin; `size` where there are none."""
    end = size
    while end > 0:
        begin = max(0, end - _STEP)
        found = os.pread(descriptor, end - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def _is_event(line: bytes) -> bool:
    try:
        read = json.loads(line)
    except ValueError:
        return False
    return isinstance(read, dict) and "specversion" in read and "data" in read
