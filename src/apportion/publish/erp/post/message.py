"""A message: what a target is sent as one, drawn from parts of documents that fit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal

from apportion.domain.journal import JournalDocument
from apportion.publish.erp.post.outcome import HeldLine, Totals


@dataclass(frozen=True)
class Message:
    """A request's body with the parts that it is made of; `id` is the external id.

    `record` is the kind of record that it becomes, where a target has several.
    """

    id: str
    parts: tuple[JournalDocument, ...]
    body: bytes = field(repr=False)
    record: str = ""

    @property
    def request(self) -> str:
        """A digest of what is sent."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def lines(self) -> tuple[HeldLine, ...]:
        """The lines as the ERP should hold them."""
        return tuple(
            (line.at.account, Decimal(part.amount(line.signed)))
            for part in self.parts
            for line in part.lines
        )

    @property
    def totals(self) -> Totals:
        return Totals.of(self.lines)

    @property
    def currency(self) -> str:
        return self.parts[0].currency
