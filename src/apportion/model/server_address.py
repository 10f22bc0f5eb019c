"""Addresses of servers that get a credential: over TLS, with neither credentials nor a query."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_SERVER = re.compile(r"https?://[A-Za-z0-9.\[\]:_-]+(/[A-Za-z0-9._/-]*)?")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine; only there a credential may go in clear text."""


def is_server(text: str) -> bool:
    """Whether a text is the URL of a server, with nothing secret in it.

    >>> is_server("https://erp.example.com/api"), is_server("https://ann:pw@erp.example.com")
    (True, False)
    """
    return _SERVER.fullmatch(text) is not None and bool(urlsplit(text).hostname)


def in_clear_text(text: str) -> bool:
    """Whether a credential would travel unprotected.

    >>> in_clear_text("http://erp.example.com"), in_clear_text("http://127.0.0.1:8080")
    (True, False)
    """
    return text.startswith("http://") and urlsplit(text).hostname not in LOOPBACK
