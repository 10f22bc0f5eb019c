"""The address that a call really goes to, whatever it is wrapped in."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_NAT64 = ip_network("64:ff9b::/96")


def bare_address(address: str) -> IPv4Address | IPv6Address:
    """An address without the wrappings that hide an IPv4 one in an IPv6 one.

    Mapped, 6to4, NAT64 and Teredo, so that what is refused isn't reached by another spelling.

    >>> [str(bare_address(one)) for one in ("::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe")]
    ['10.0.0.1', '169.254.169.254']
    """
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in _NAT64:
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is None and found.teredo:
            inner = found.teredo[1]
        return inner or found
    return found
