"""What of `delivery` in apportion.yaml can't be is told with its place; secrets stay out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from apportion.errors import ConfigurationError
from apportion.model.delivery_spec import MailSecurity
from apportion.model.read_project import read_project

HEAD = "name: Acme\ncurrency: USD\nsources:\n  cloud: {format: focus, path: bills}\n"


def read(folder: Path, delivery: str) -> object:
    (folder / "apportion.yaml").write_text(f"{HEAD}delivery:\n{delivery}")
    return read_project(folder).delivery


def test_settings_as_they_are_read(tmp_path: Path) -> None:
    (tmp_path / "apportion.yaml").write_text(
        HEAD + "delivery:\n"
        "  email: {server: s, from: a@b.example, user: u, password: env:P, security: tls}\n"
        "  webhook: {url: 'https://h.example/x', secret: env:S, formats: [pdf, html]}\n"
        "  allow: 10.0.0.0/8\n"
    )
    found = read_project(tmp_path).delivery
    assert found.email is not None
    assert (found.email.port, found.email.security) == (465, MailSecurity.TLS)
    assert (found.email.password, found.email.formats) == ("P", ("pdf",))
    assert found.webhook is not None
    assert (found.webhook.secret, found.webhook.formats) == ("S", ("pdf", "html"))
    assert found.allow == ("10.0.0.0/8",)


@pytest.mark.parametrize(
    ("delivery", "words"),
    [
        ("  email: {server: s, from: a@b.c, user: u, password: hunter2}\n", "secret"),
        ("  email: {server: s, from: a@b.c, user: u}\n", "go together"),
        ("  email: {server: s, from: me}\n", "no mail address"),
        ("  email: {server: s, from: a@b.c, security: none}\n", "in the clear"),
        (
            "  email: {server: localhost, from: a@b.c, security: none, user: u, password: env:P}\n",
            "a password would be sent in the clear",
        ),
        ("  email: {server: s, from: a@b.c, formats: [doc]}\n", "format"),
        ("  webhook: {url: ftp://h/, secret: env:S}\n", "no web address"),
        ("  webhook: {url: 'https://u:p@h/', secret: env:S}\n", "doesn't belong in an address"),
        ("  webhook: {url: 'https://h/'}\n", "secret"),
        ("  fax: {}\n", "fax"),
    ],
)
def test_what_cant_be(tmp_path: Path, delivery: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        read(tmp_path, delivery)
    said = " ".join(str(one) for one in told.value.all())
    assert words in said
    assert "apportion.yaml:" in said
