"""Who calls a shared service: the team and product that will be charged for the call.

A service learns it from what it already has: a header that its gateway sets, the API key of
the caller, or a claim of the caller's token. Several of these may be asked in turn; the first
that knows the team names it, and the others fill in what it left open. Nobody known is a
record without a team: it is listed as unallocated later, never dropped.

What is secret (a key, a token) is looked at and let go: no record and no log holds it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_LOG = logging.getLogger("apportion.meter")
_LONGEST = 200

Claims = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who calls, as far as it is known; what isn't is empty.

    `key_id` names a key without being one. `application` is the service that calls.

    >>> Consumer(team="search", product="ranking").columns()
    {'TeamLabel': 'search', 'ProjectId': 'ranking'}
    """

    team: str = ""
    product: str = ""
    key_id: str = ""
    user: str = ""
    application: str = ""

    def columns(self) -> dict[str, str]:
        """The identities of a usage record, those that are known."""
        named = (
            ("TeamLabel", self.team),
            ("ProjectId", self.product),
            ("ServiceName", self.application),
            ("UserId", self.user),
            ("ApiKeyId", self.key_id),
        )
        return {column: value for column, value in named if value}

    @property
    def subject(self) -> str:
        """One text for who it is, the widest first; empty for nobody.

        >>> Consumer(team="search", product="ranking").subject
        'search/ranking'
        """
        widest = "/".join(part for part in (self.team, self.product) if part)
        return widest or self.key_id or self.application or self.user

    def filled_from(self, other: Consumer) -> Consumer:
        """This consumer, with what another way knows where this one knows nothing."""
        if other is NOBODY or self is NOBODY:
            return self if other is NOBODY else other
        return Consumer(
            team=self.team or other.team,
            product=self.product or other.product,
            key_id=self.key_id or other.key_id,
            user=self.user or other.user,
            application=self.application or other.application,
        )


NOBODY = Consumer()


@dataclass(frozen=True, slots=True)
class Caller:
    """What a call says of its caller: its headers (small letters; in gRPC its metadata), and
    what the service's own sign-in left in the state of the request.
    """

    headers: Mapping[str, str]
    state: Mapping[str, object]


Identify = Callable[[Caller], Consumer]
"""A way to learn who calls; :data:`NOBODY` where it can't tell."""


def by_header(
    team: str = "x-team", product: str = "x-product", user: str = "", application: str = ""
) -> Identify:
    """Who calls as headers say; for services behind a gateway that sets them itself.

    A caller could send such a header, too: the gateway must overwrite or remove it.
    """
    names = [name.lower() for name in (team, product, user, application)]

    def identify(caller: Caller) -> Consumer:
        told = caller.headers.get
        found = [_text(told(name, "")) if name else "" for name in names]
        return Consumer(found[0], found[1], "", found[2], found[3])

    return identify


def by_claim(
    team: str = "team",
    product: str = "product",
    user: str = "",
    *,
    state: str = "claims",
    verify: Callable[[str], Claims | None] | None = None,
    header: str = "authorization",
) -> Identify:
    """Who calls as the claims of a verified token say; `org.team` looks into the claim `org`.

    Either the service's sign-in verified it and left the claims in the request's state under
    the name `state`, or `verify` is given the bearer token and answers with the claims of a
    valid one and None (or any exception) for others. Nothing is read of a token that nobody
    verified.
    """

    def identify(caller: Caller) -> Consumer:
        claims = caller.state.get(state)
        if verify is not None:
            token = bearer(caller.headers.get(header.lower(), ""))
            claims = verify(token) if token else None
        if not isinstance(claims, Mapping):
            return NOBODY
        return Consumer(
            team=_claim(claims, team), product=_claim(claims, product), user=_claim(claims, user)
        )

    return identify


def who_calls(ways: Sequence[Identify], caller: Caller) -> Consumer:
    """Ask each way in turn. One that fails knows nobody: metering never fails a call."""
    known = NOBODY
    for way in ways:
        try:
            known = known.filled_from(way(caller))
        except Exception as fault:
            _LOG.debug("a way to identify the caller failed: %s", type(fault).__name__)
    return known


def bearer(authorization: str) -> str:
    """The credential of an Authorization header; a bare one is taken as it is.

    >>> bearer("Bearer abc"), bearer("abc"), bearer("Basic dTpw")
    ('abc', 'abc', '')
    """
    scheme, _, credential = authorization.strip().partition(" ")
    if not credential:
        return scheme
    return credential.strip() if scheme.lower() == "bearer" else ""


def _claim(claims: Claims, name: str) -> str:
    """A claim's text, or that of a claim within a claim; lists and objects name nobody."""
    if not name:
        return ""
    found: object = claims.get(name)
    if found is None and "." in name:
        outer, _, inner = name.partition(".")
        within = claims.get(outer)
        return _claim(within, inner) if isinstance(within, Mapping) else ""
    plain = isinstance(found, (str, int)) and not isinstance(found, bool)
    return _text(str(found)) if plain else ""


def _text(value: str) -> str:
    return value.strip()[:_LONGEST]
