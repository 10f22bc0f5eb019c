"""Read the section `delivery` of apportion.yaml: how statements reach their teams."""

from __future__ import annotations

from urllib.parse import urlsplit

from apportion.model import marked_yaml as y
from apportion.model.delivery_forms import as_variable
from apportion.model.delivery_spec import PORTS, DeliverySpec, MailSecurity, MailSpec, WebhookSpec
from apportion.model.faults import Faults
from apportion.model.values import text_of, texts_of

HERE = ("localhost", "127.0.0.1", "::1")
"""This machine."""


def read_delivery(node: y.Node | None, faults: Faults) -> DeliverySpec:
    """The settings; secrets themselves are read only when something is sent."""
    if not isinstance(node, y.Mapping):
        return DeliverySpec()
    allow = texts_of(node.entries.get("allow"))
    return DeliverySpec(
        email=_mail(node.entries.get("email"), allow, faults),
        webhook=_webhook(node.entries.get("webhook"), faults),
        allow=allow,
    )


def _mail(node: y.Node | None, allow: tuple[str, ...], faults: Faults) -> MailSpec | None:
    if not isinstance(node, y.Mapping):
        return None
    security = MailSecurity(text_of(node, "security") or "starttls")
    if "@" not in text_of(node, "from"):
        faults.add(node.entries["from"], "the sender is no mail address", hint="say name@host")
    if bool(text_of(node, "user")) != bool(text_of(node, "password")):
        faults.add(node, "`user` and `password` go together", hint="give both, or neither")
    if text_of(node, "user") and security is MailSecurity.NONE:
        faults.add(
            node.entries["user"],
            "a password would be sent in the clear",
            hint="use `security: starttls` or `tls`",
        )
    if security is MailSecurity.NONE and text_of(node, "server") not in {*HERE, *allow}:
        faults.add(
            node.entries["security"],
            "statements would be sent in the clear to another machine",
            hint="use starttls or tls, or name the server under `allow`",
        )
    return MailSpec(
        server=text_of(node, "server"),
        sender=text_of(node, "from"),
        place=node.place,
        port=int(text_of(node, "port") or PORTS[security]),
        security=security,
        user=text_of(node, "user"),
        password=_variable(node, "password"),
        formats=texts_of(node.entries.get("formats")) or ("pdf",),
    )


def _webhook(node: y.Node | None, faults: Faults) -> WebhookSpec | None:
    if not isinstance(node, y.Mapping):
        return None
    url = text_of(node, "url")
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.port != 0
        named = parts.username is not None or parts.password is not None
    except ValueError:
        known, named = False, False
    if not known:
        faults.add(node.entries["url"], "it is no web address", hint="say https://host/path")
    if named:
        faults.add(
            node.entries["url"],
            "a user or a password doesn't belong in an address",
            hint="calls are signed by `secret`",
        )
    return WebhookSpec(
        url=url,
        secret=_variable(node, "secret"),
        place=node.place,
        formats=texts_of(node.entries.get("formats")) or ("pdf",),
    )


def _variable(node: y.Mapping, key: str) -> str:
    text = text_of(node, key)
    return as_variable(text) if text else ""
