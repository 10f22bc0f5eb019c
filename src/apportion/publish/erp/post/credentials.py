"""Credentials of ERPs: read from the environment where they are used, shown nowhere."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from apportion.errors import ConfigurationError

_SOUND = re.compile(r"[\x20-\x7e\xa0-\xff]{1,8192}")

BEARER, BASIC = "bearer", "basic"


@dataclass(frozen=True)
class Login:
    """How a target is signed in to, and the environment variables that hold what is secret."""

    kind: str
    variables: tuple[str, ...]


@dataclass(frozen=True)
class Credentials:
    """The header that signs a request, and all texts that must never be seen."""

    header: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)


def read_credentials(login: Login, environment: Mapping[str, str]) -> Credentials:
    """Credentials from environment variables; raises ConfigurationError where one is missing.

    >>> read_credentials(Login(BEARER, ("TOKEN",)), {"TOKEN": "abc"}).header
    'Bearer abc'
    """
    found = [environment.get(name, "").strip() for name in login.variables]
    for name, text in zip(login.variables, found, strict=True):
        if not text:
            raise ConfigurationError(
                f"the environment variable {name} is not set",
                why="credentials of an ERP are read from the environment alone",
                hint=f"set {name}; see the how-to page of posting",
            )
        if not _SOUND.fullmatch(text):
            raise ConfigurationError(
                f"what {name} holds is no credential",
                why="it has more than one line, or characters that no header takes",
                hint="leave the credential alone in it",
            )
    if login.kind == BEARER:
        return Credentials(f"Bearer {found[0]}", _forms(found[0]))
    pair = base64.b64encode(":".join(found).encode()).decode()
    return Credentials(f"Basic {pair}", (pair, *_forms(found[-1])))


def _forms(secret: str) -> tuple[str, ...]:
    """A secret as it may be echoed: as it is, within a URL, and in base 64."""
    forms = (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode())
    return tuple(sorted(dict.fromkeys(forms), key=len, reverse=True))
