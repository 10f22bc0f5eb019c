"""What a target takes: fields and their lengths, figures, lines of a document."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

FORMULA = "=+-@\t\r"
"""What makes a spreadsheet take a text for a formula, where it begins with one of these."""


class Charset(Enum):
    """Which characters a target takes in a text; control and direction marks none of them."""

    ASCII = 0x7E
    LATIN = 0xFF
    BASIC = 0xFFFF
    UNICODE = 0x10FFFF

    def takes(self, text: str) -> bool:
        """Whether a text holds only what may be stored and printed.

        >>> Charset.LATIN.takes("Köln"), Charset.LATIN.takes("\U0001f680")
        (True, False)
        """
        return text.isprintable() and ord(max(text, default=" ")) <= self.value

    def clean(self, text: str) -> str:
        r"""A text for print: line ends and tabs are blanks, what isn't taken is a question mark.

        >>> Charset.LATIN.clean("AI\tcost \u202eKöln\n\U0001f680")
        'AI cost Köln ?'
        """
        if self.takes(text):
            return text
        kept = []
        for c in text:
            if c.isspace() or unicodedata.category(c) == "Cc":
                kept.append(" ")
            elif c.isprintable():
                kept.append(c if ord(c) <= self.value else "?")
        return " ".join("".join(kept).split())


@dataclass(frozen=True)
class Field:
    """A field of a target: most characters, most bytes in UTF-8, and what it is made of."""

    characters: int
    charset: Charset = Charset.UNICODE
    bytes: int = 0

    @property
    def most_bytes(self) -> int:
        return self.bytes or 4 * self.characters

    def fits(self, text: str) -> bool:
        """Whether a text is short enough."""
        if len(text) * 4 <= self.most_bytes and len(text) <= self.characters:
            return True
        return len(text) <= self.characters and len(text.encode()) <= self.most_bytes

    def cut(self, text: str) -> str:
        """The beginning of a text that fits; no character is cut in two.

        >>> Field(10, bytes=4).cut("äöü"), Field(2).cut("äöü")
        ('äö', 'äö')
        """
        if self.fits(text):
            return text.rstrip()
        kept = text[: self.characters]
        return kept.encode()[: self.most_bytes].decode(errors="ignore").rstrip()


@dataclass(frozen=True)
class Limits:
    """What a target takes of the neutral journal.

    `names` are its fields for the parts of an assignment and for `entity`; a part
    without a field has no place there and is left out, with a note. `coded` are parts that
    the target knows by ids of its own only. `lines` is the cap of a document, `apart`
    says that each cost centre is a document by itself. `before` and `after` are digits
    around the point. `needed` are options without which nothing can be written.
    """

    names: Mapping[str, Field]
    title: Field
    text: Field
    lines: int = 0
    apart: bool = False
    before: int = 12
    after: int = 4
    coded: frozenset[str] = frozenset()
    needed: tuple[str, ...] = field(default=())


PARTS = ("account", "cost_center", "profit_center", "project", "partner", "tax_code")
"""The parts of an assignment, in its order."""

KINDS = {
    "account": "accounts",
    "cost_center": "cost_centers",
    "profit_center": "profit_centers",
    "project": "projects",
    "partner": "entities",
    "tax_code": "tax_codes",
    "entity": "entities",
    "currency": "currencies",
}
"""Under which key of `codes` a part's codes stand."""

WORDS = {
    "account": "account",
    "cost_center": "cost centre",
    "profit_center": "profit centre",
    "project": "project",
    "partner": "trading partner",
    "tax_code": "tax code",
    "entity": "entity",
    "currency": "currency",
}
