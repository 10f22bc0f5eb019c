"""Who is at a posting: a name of this process, and whether another's is known to have ended."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4


@cache
def _machine() -> str:
    """A digest that two processes share only where each can see whether the other runs."""
    seen = [socket.gethostname()]
    with contextlib.suppress(OSError):
        seen.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
    with contextlib.suppress(OSError):
        seen.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()[:16]


_LIVE: set[str] = set()
"""Claims of this process that are at work."""


@contextlib.contextmanager
def own_claim() -> Iterator[str]:
    """A claim of this process, for as long as the block takes; each is another."""
    claim = f"{_machine()}/{os.getpid()}/{uuid4().hex[:12]}"
    _LIVE.add(claim)
    try:
        yield claim
    finally:
        _LIVE.discard(claim)


def has_ended(claim: str) -> bool:
    """Whether what made a claim is known to be no more; False where nobody can say.

    >>> with own_claim() as claim:
    ...     has_ended(claim), has_ended("elsewhere/1/abc")
    (False, False)
    >>> has_ended(claim)
    True
    """
    machine, _, rest = claim.partition("/")
    number = rest.partition("/")[0]
    if machine != _machine() or not number.isdecimal() or os.name != "posix":
        return False
    if int(number) == os.getpid():
        return claim not in _LIVE
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
