"""The way to an ERP: one host, resolved once, over TLS, never followed elsewhere.

What an answer means is a matter of the target; here only whether there was one, and whether
a request that got none may have arrived.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self
from urllib.parse import SplitResult, urlsplit

from apportion.errors import ConfigurationError, Place, UsageError
from apportion.model.server_address import LOOPBACK, in_clear_text, is_server
from apportion.publish.bare_address import bare_address
from apportion.publish.erp.post.credentials import Credentials
from apportion.publish.erp.post.outcome import Words

try:
    import certifi
    import httpx
except ImportError:
    raise UsageError(
        "nothing can be posted: httpx isn't installed",
        why="ERPs are reached by it",
        hint="pip install 'apportion[post]'",
    ) from None

LONGEST_ANSWER = 120.0
"""Seconds after which an answer that still isn't whole is given up."""

_MOST_BYTES = 64 * 1024**2
_FOR_READING = 60.0


class NoAnswer(Exception):
    """No whole answer came; `arrived` is False where the request can't have reached the ERP."""

    def __init__(self, why: str, *, arrived: bool = True) -> None:
        super().__init__(why)
        self.arrived = arrived


@dataclass(frozen=True)
class Answer:
    """A whole answer; names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def wait(self) -> float | None:
        """Seconds to wait, where the server says (`Retry-After`)."""
        text = self.headers.get("retry-after", "").strip()
        if text.isdecimal():
            return float(text)
        with suppress(ValueError):
            at = parsedate_to_datetime(text)
            zoned = at if at.tzinfo else at.replace(tzinfo=UTC)
            return max(0.0, (zoned - datetime.now(UTC)).total_seconds())
        return None


class Channel:
    """A connection to one ERP, with credentials that go nowhere else.

    Raises ConfigurationError for an address that credentials may not be sent to.
    """

    def __init__(
        self, url: str, credentials: Credentials, place: Place, *, reading: float = _FOR_READING
    ) -> None:
        parts = urlsplit(url)
        if not is_server(url) or in_clear_text(url):
            raise ConfigurationError(
                "what is posted may not be sent there",
                place=place,
                why="a credential goes over TLS, or stays on this machine",
                hint="write `url` as https://erp.example.com",
            )
        self.words = Words(credentials.secrets)
        self._host = parts.netloc
        self._name = parts.hostname or ""
        self._base = _pinned(parts, place)
        self._client = httpx.Client(
            headers={
                "Authorization": credentials.header,
                "Accept-Encoding": "identity",
                "Host": self._host,
            },
            timeout=httpx.Timeout(reading, connect=15.0),
            follow_redirects=False,
            trust_env=False,
            verify=_trusting(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Send a request and read the whole answer; raises NoAnswer."""
        until = time.monotonic() + LONGEST_ANSWER
        try:
            with self._client.stream(
                method,
                self._base + path,
                params=dict(query or {}),
                headers=dict(headers or {}),
                content=body,
                extensions={"sni_hostname": self._name},
            ) as answer:
                content = bytearray()
                for piece in answer.iter_raw():
                    content += piece
                    if len(content) > _MOST_BYTES or time.monotonic() > until:
                        raise NoAnswer("the answer is too large, or takes too long")
        except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
            why = "its certificate isn't trusted" if "CERTIFICATE" in str(fault) else ""
            said = f"the ERP can't be reached{why and ': '}{why}"
            raise NoAnswer(said, arrived=False) from None
        except httpx.TimeoutException:
            raise NoAnswer("the ERP didn't answer in time") from None
        except httpx.HTTPError as fault:
            raise NoAnswer(f"the connection broke off ({type(fault).__name__})") from None
        named = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status_code, named, bytes(content))


def _trusting() -> ssl.SSLContext:
    """Who may vouch for an ERP: the system's authorities (a company's own, too), and certifi's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _pinned(parts: SplitResult, place: Place) -> str:
    """The base address with the host resolved, once, to an address that may be spoken to."""
    name = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except OSError:
        raise ConfigurationError(
            f"the name {name} leads to no address", place=place, hint="correct `url`"
        ) from None
    address = ipaddress.ip_address(str(found[0][4][0]).partition("%")[0])
    if not may_be_asked(address, local=name in LOOPBACK):
        raise ConfigurationError(
            f"{name} leads to {address}, to which no credential is sent",
            place=place,
            why="it is an address of this machine, of the link, or of nobody",
            hint="name the ERP's own host as `url`; localhost or 127.0.0.1 for this machine",
        )
    shown = f"[{address}]" if address.version == 6 else str(address)
    return f"{parts.scheme}://{shown}:{port}{parts.path.rstrip('/')}"


def may_be_asked(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, *, local: bool = False
) -> bool:
    """Whether a credential may be sent to an address; an ERP may lie in a private network.

    >>> asked = ("10.1.2.3", "169.254.169.254", "127.0.0.1", "64:ff9b::a9fe:a9fe")
    >>> [may_be_asked(ipaddress.ip_address(one)) for one in asked]
    [True, False, False, False]
    """
    mapped = bare_address(str(address))
    if mapped.is_loopback:
        return local
    closed = mapped.is_link_local, mapped.is_multicast, mapped.is_unspecified
    metadata = mapped == ipaddress.ip_address("fd00:ec2::254")
    return not (local or any(closed) or metadata or (mapped.is_reserved))
