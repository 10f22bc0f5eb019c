"""Call a webhook: one signed POST to the address that was checked; redirects aren't followed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import socket
import ssl
from dataclasses import dataclass

from apportion.errors import DeliveryError
from apportion.publish.delivery.outbound import Target

TIMEOUT = 15
"""Seconds to wait for whoever is called."""


@dataclass(frozen=True)
class Message:
    """What is posted: an id that stays the same when it is sent again, and JSON."""

    id: str
    body: bytes


def signature(secret: str, message: Message, timestamp: int) -> str:
    """What proves who sent a message and when, so that it can't be replayed later.

    Source: Standard Webhooks 1.0: HMAC-SHA256 over id, timestamp and body.

    >>> signature("s", Message("m1", b"{}"), 1)
    'v1,6/R4rW3Kjmj3IhuUziOdF+VTznQzZrFX0bd+fRb0vwk='
    """
    signed = f"{message.id}.{timestamp}.".encode() + message.body
    made = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def call_webhook(target: Target, message: Message, secret: str, timestamp: int) -> int:
    """Post a message; gives the status. Raises DeliveryError for anything but success."""
    connection = _connection(target)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "apportion",
        "webhook-id": message.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, message, timestamp),
    }
    try:
        connection.request("POST", target.path, message.body, headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as fault:
        raise DeliveryError(f"{target.shown} can't be reached", why=str(fault)) from fault
    finally:
        connection.close()
    if 300 <= status < 400:
        raise DeliveryError(
            f"{target.shown} sends us elsewhere ({status})",
            why="redirects aren't followed",
            hint="set the address that answers itself",
        )
    if not 200 <= status < 300:
        raise DeliveryError(f"{target.shown} refused the statement ({status})")
    return status


def _connection(target: Target) -> http.client.HTTPConnection:
    if target.scheme == "http":
        return _Plain(target)
    return _Secure(target)


class _Plain(http.client.HTTPConnection):
    """A connection to the address that was checked, by the name of its host."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=TIMEOUT)
        self._pinned = target.address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._pinned, self.port), TIMEOUT)


class _Secure(http.client.HTTPSConnection):
    """The same with TLS; the certificate must be that of the host."""

    def __init__(self, target: Target) -> None:
        self._trust = ssl.create_default_context()
        super().__init__(target.host, target.port, timeout=TIMEOUT, context=self._trust)
        self._pinned = target.address

    def connect(self) -> None:
        raw = socket.create_connection((self._pinned, self.port), TIMEOUT)
        self.sock = self._trust.wrap_socket(raw, server_hostname=self.host)
