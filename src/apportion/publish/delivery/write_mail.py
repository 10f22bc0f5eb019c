"""A statement as a mail, and the server that takes it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from apportion.errors import DeliveryError
from apportion.model.delivery_spec import MailSecurity, MailSpec
from apportion.publish.documents import Document

TIMEOUT = 30

TYPES = {
    "pdf": ("application", "pdf"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "html": ("text", "html"),
}


def address_of(text: str) -> str | None:
    """A mail address, or None for what is none: a name, a list, anything with a line break.

    >>> address_of("ann@example.com"), address_of("ann"), address_of("a@b.c, d@e.f")
    ('ann@example.com', None, None)
    """
    try:
        found = Address(addr_spec=text.strip())
    except (HeaderParseError, ValueError, IndexError):
        return None
    known = found.username and ("." in found.domain or found.domain == "localhost")
    return found.addr_spec if known and text.isprintable() else None


def write_mail(
    spec: MailSpec,
    recipient: str,
    paper: Document,
    digest: str,
    files: Mapping[str, bytes],
    at: datetime,
) -> EmailMessage:
    """The mail with what matters in its text, and the files by name attached."""
    mail = EmailMessage()
    mail["From"] = spec.sender
    mail["To"] = recipient
    mail["Subject"] = " ".join(
        "".join(c if c.isprintable() else " " for c in paper["title"]).split()
    )
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{digest}@{spec.sender.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n".join(_text(paper, digest)))
    for name, content in files.items():
        main, sub = TYPES[name.rpartition(".")[2]]
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail


def _text(paper: Document, digest: str) -> Iterator[str]:
    yield paper["title"]
    yield f"{paper['version']['words']}. {paper['version']['state_words']}"
    for part in paper["parts"]:
        yield ""
        for figure in part["figures"]:
            yield f"{figure['name']}: {figure['shown']} {part['currency']}"
        for one in part["change"]["causes"]:
            yield f"  {one['cause']}: {one['shown']} {part['currency']}"
        for tip in part["tips"]:
            yield f"- {tip['what']}. {tip['words']}"
    yield ""
    yield from (f"- {words}" for words in paper["what_to_do"])
    yield ""
    yield f"Evidence {digest}: the PDF holds it, and `apportion verify FILE` checks it."


@contextmanager
def mail_server(spec: MailSpec, password: str) -> Iterator[smtplib.SMTP]:
    """A signed-in connection. Raises DeliveryError where the server can't be used."""
    try:
        server = _connect(spec)
        with server:
            if spec.user:
                server.login(spec.user, password)
            yield server
    except (OSError, smtplib.SMTPException) as fault:
        raise DeliveryError(
            f"the mail server {spec.server}:{spec.port} can't be used", why=said(fault)
        ) from fault


def _connect(spec: MailSpec) -> smtplib.SMTP:
    trust = ssl.create_default_context()
    if spec.security is MailSecurity.TLS:
        return smtplib.SMTP_SSL(spec.server, spec.port, timeout=TIMEOUT, context=trust)
    server = smtplib.SMTP(spec.server, spec.port, timeout=TIMEOUT)
    if spec.security is MailSecurity.STARTTLS:
        server.starttls(context=trust)
    return server


def said(fault: Exception) -> str:
    """Why a server didn't take a mail, without what was sent to it."""
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        return ", ".join(
            sorted(f"{code} {_text_of(text)}" for code, text in fault.recipients.values())
        )
    if isinstance(fault, smtplib.SMTPResponseException):
        return f"{fault.smtp_code} {_text_of(fault.smtp_error)}"
    return str(fault) or type(fault).__name__


def _text_of(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
