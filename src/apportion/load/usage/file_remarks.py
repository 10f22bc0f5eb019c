"""What is said of a file of usage that has no records, or some that are no usage of their own."""

from __future__ import annotations

from apportion.domain.finding import Finding, Level
from apportion.errors import Place
from apportion.sources.files import InputFile
from apportion.sources.usage.usage_texts import open_bytes

_CHUNK = 1 << 20
_NOTHING = b" \t\r\n\xef\xbb\xbf"
"""White space, and what a byte order mark is made of."""


def is_blank(file: InputFile) -> bool:
    """Whether a file, compressed or not, holds nothing but white space."""
    with open_bytes(file) as opened:
        while chunk := opened.read(_CHUNK):
            if chunk.strip(_NOTHING):
                return False
    return True


def empty(file: str) -> Finding:
    """A file without one record, whatever its format."""
    return Finding(
        "file-empty",
        Level.WARNING,
        "the file has no records, so it brings nothing",
        Place(file),
        hint="remove it, or export it again if it should have records",
    )


def skipped(file: str, records: int) -> Finding:
    """What a file lists besides its records; with those it is all that the file has."""
    return Finding(
        "usage-skipped",
        Level.NOTE,
        f"{records:,} entries are no usage of their own (steps, totals, roll-ups, what the "
        "options leave out), and don't count",
        Place(file),
        hint="nothing to do; the how-to of the format says which they are",
        rows=records,
    )
