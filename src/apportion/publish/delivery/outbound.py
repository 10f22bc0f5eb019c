"""Where a call may go: resolved once, checked, and then called at just that address."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_network
from urllib.parse import urlsplit

from apportion.errors import DeliveryError
from apportion.publish.bare_address import bare_address

Resolve = Callable[[str, int], Iterable[str]]
"""The addresses of a host."""


@dataclass(frozen=True)
class Target:
    """A web address whose host was resolved and may be called at `address`, and nowhere else."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def shown(self) -> str:
        """The target without its path, which may hold a token."""
        return f"{self.scheme}://{self.host}"


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


def target_of(url: str, allow: Iterable[str] = (), lookup: Resolve = resolve) -> Target:
    """Check an address and pin it; `allow` names private hosts, addresses and networks.

    Private, loopback, link-local and reserved addresses are refused, those inside IPv6 too, and
    a host is refused if any of its addresses is. Raises DeliveryError.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    named = host in {one.lower().rstrip(".") for one in allow}
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if parts.scheme not in {"https", "http"} or not host or parts.username is not None:
        raise DeliveryError("the webhook's address can't be called", hint="say https://host/path")
    try:
        addresses = list(dict.fromkeys(lookup(host, port)))
    except (OSError, UnicodeError) as fault:
        raise DeliveryError(f"{host} can't be found", why=str(fault)) from fault
    if not addresses:
        raise DeliveryError(f"{host} can't be found")
    for one in addresses:
        _check(one, host, allow, named=named)
    if parts.scheme == "http" and not (named or all(_allowed(one, allow) for one in addresses)):
        raise DeliveryError(
            f"{host} would be called in the clear", hint="use https, or name it in `allow`"
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, addresses[0])


def _check(address: str, host: str, allow: Iterable[str], *, named: bool) -> None:
    if not (named or is_public(address) or _allowed(address, allow)):
        raise DeliveryError(
            f"{host} isn't a public address",
            why=f"it is {address}, which may be anything inside",
            hint="whoever administers the project can name it under `delivery: allow:`",
        )


def is_public(address: str) -> bool:
    """Whether anybody on the internet can have an address.

    >>> is_public("93.184.216.34"), is_public("::ffff:169.254.169.254"), is_public("127.0.0.1")
    (True, False, False)
    """
    found = bare_address(address)
    return found.is_global and not (found.is_multicast or found.is_reserved)


def _allowed(address: str, allow: Iterable[str]) -> bool:
    found = bare_address(address)
    for one in allow:
        try:
            network = ip_network(one, strict=False)
        except ValueError:
            continue
        if found.version == network.version and found in network:
            return True
    return False
