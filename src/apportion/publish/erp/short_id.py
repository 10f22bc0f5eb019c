"""External ids where a target has room for few characters."""

from __future__ import annotations

import base64
import hashlib

PREFIX = "CB"


def short_id(text: str, most: int) -> str:
    """An id as it is where it fits, else CB and the beginning of its SHA-256 in base 32.

    Sixteen characters leave 70 bits: no two of a company's documents will share one.

    >>> short_id("cb-1010-2026-10", 16), short_id("cb-1010-2026-10-USD-0a1b2c3d-1", 16)
    ('cb-1010-2026-10', 'CBVB77JMWELOA6OK')
    """
    if len(text) <= most:
        return text
    digest = hashlib.sha256(text.encode()).digest()[: -(-5 * most // 8)]
    return (PREFIX + base64.b32encode(digest).decode())[:most]
