"""Read the evidence that is attached to a statement's PDF."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from apportion.errors import PaperError
from apportion.publish.documents import Document
from apportion.publish.papers.evidence import FORM, digest_of

LARGEST = 100_000_000
"""Bytes of a file that is read, and of all that is attached to it."""


@dataclass(frozen=True)
class Paper:
    """A PDF with its evidence: attachments by name, and the document that lists them."""

    content: bytes
    attachments: Mapping[str, bytes]
    evidence: Document

    @property
    def digest(self) -> str:
        return digest_of(self.evidence)

    @property
    def statement(self) -> Document:
        return self.document("statement.json")

    def document(self, name: str) -> Document:
        """An attached document; raises PaperError where it can't be read."""
        return _document(name, self.attachments.get(name, b""))

    def table(self, name: str) -> list[dict[str, str]]:
        """An attached table; raises PaperError where it can't be read."""
        try:
            text = self.attachments.get(name, b"").decode()
            return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error) as fault:
            raise PaperError(f"{name} isn't a table any more", why=str(fault)) from fault


def read_paper(path: Path) -> Paper:
    """Read a statement's PDF; needs no network and no project.

    Raises PaperError where the file isn't a statement that apportion has set.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise PaperError(f"{path.name} is too large for a statement")
        content = path.read_bytes()
    except OSError as fault:
        raise PaperError(f"{path} can't be read", why=fault.strerror or str(fault)) from fault
    attachments = _attachments(content, path.name)
    evidence = _document("evidence.json", attachments.get("evidence.json", b""))
    if evidence.get("form") != FORM or not isinstance(evidence.get("files"), dict):
        raise PaperError(
            f"{path.name} has no evidence that can be checked",
            why=f"evidence.json isn't in the form {FORM}",
            hint="give a statement that apportion has written as PDF",
        )
    return Paper(content, attachments, evidence)


def _attachments(content: bytes, name: str) -> dict[str, bytes]:
    try:
        from pypdf import PdfReader
    except ImportError as missing:
        raise PaperError(
            "PDFs are read by pypdf, which isn't installed",
            hint="pip install 'apportion[statements]'",
        ) from missing
    listed: list[tuple[str, bytes]] = []
    try:
        for one in PdfReader(io.BytesIO(content)).attachment_list:
            listed.append((one.name, one.content))
            if sum(len(held) for _, held in listed) > LARGEST:
                break
    except Exception as fault:  # a damaged file makes the reader fail in ways of its own
        raise PaperError(
            f"{name} can't be read as a PDF",
            why=str(fault) or type(fault).__name__,
            hint="give the file as it was written; one that was opened and saved may be changed",
        ) from fault
    found = dict(listed)
    if sum(len(held) for _, held in listed) > LARGEST:
        raise PaperError(f"what is attached to {name} is too large")
    if len(found) < len(listed):
        raise PaperError(f"{name} has two attachments of one name")
    if "evidence.json" not in found:
        raise PaperError(
            f"{name} has no evidence attached",
            hint="give a statement that apportion has written as PDF, not one that was printed",
        )
    return found


def _document(name: str, content: bytes) -> Document:
    try:
        found = json.loads(content)
    except ValueError as fault:
        raise PaperError(f"{name} isn't a document any more", why=str(fault)) from fault
    if not isinstance(found, dict):
        raise PaperError(f"{name} isn't a document any more")
    return found
