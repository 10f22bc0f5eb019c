"""How statements reach their teams, as apportion.yaml declares it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from apportion.errors import Place


class MailSecurity(StrEnum):
    """tls: from the first byte. starttls: before anything is said. none: not at all."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


PORTS = {MailSecurity.TLS: 465, MailSecurity.STARTTLS: 587, MailSecurity.NONE: 25}


@dataclass(frozen=True)
class MailSpec:
    """A server that takes mail. `password` is the name of an environment variable."""

    server: str
    sender: str
    place: Place
    port: int = 587
    security: MailSecurity = MailSecurity.STARTTLS
    user: str = ""
    password: str = ""
    formats: tuple[str, ...] = ("pdf",)


@dataclass(frozen=True)
class WebhookSpec:
    """Who is told over the web. `secret`, which signs, is the name of an environment variable."""

    url: str
    secret: str
    place: Place
    formats: tuple[str, ...] = ("pdf",)


@dataclass(frozen=True)
class DeliverySpec:
    """What is set up. `allow` are private hosts, addresses and networks that may be called."""

    email: MailSpec | None = None
    webhook: WebhookSpec | None = None
    allow: tuple[str, ...] = ()
