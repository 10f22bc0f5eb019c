"""An ERP is reached over TLS by its name, though its address was resolved before."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from apportion.demo.erp.entry_book import EntryBook
from apportion.demo.erp.netsuite import NetSuiteVendor
from apportion.demo.erp.stand_in import StandIn, serving
from apportion.errors import Place
from apportion.publish.erp.post import channel as module
from apportion.publish.erp.post.channel import Channel, NoAnswer
from apportion.publish.erp.post.credentials import Credentials

NAME = "erp.test"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate that vouches for itself, as erp.test."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    begun = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begun)
        .not_valid_after(begun + timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "erp.pem"
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem)
    )
    return file


@pytest.fixture
def port(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A stand-in behind TLS; every name leads to it."""
    server = StandIn(NetSuiteVendor(EntryBook()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    real = socket.getaddrinfo

    def here(host: str, *more: object, **others: object) -> object:
        return real("127.0.0.1" if host.endswith(".test") else host, *more, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", here)
    monkeypatch.setattr(module, "may_be_asked", lambda *_, **__: True)
    with serving(server):
        yield server.server_port


def asked(url: str) -> int:
    with Channel(url, Credentials("Bearer x", ("x",)), Place("a")) as channel:
        path = "/services/rest/record/v1/journalEntry/eid:cb-1"
        return channel.ask("GET", path).status


def test_who_is_vouched_for_is_asked(
    port: int, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert asked(f"https://{NAME}:{port}") == 404


def test_another_name_is_not(port: int, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(NoAnswer, match="certificate isn't trusted"):
        asked(f"https://other.test:{port}")


def test_a_stranger_is_not(port: int) -> None:
    with pytest.raises(NoAnswer, match="certificate isn't trusted"):
        asked(f"https://{NAME}:{port}")
