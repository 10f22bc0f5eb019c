"""JSON lines one by one, by a parser: exact and slow, for lines that need it.

It says of each line what it holds, or why it is no row.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from apportion.load.json_chunks import chunks
from apportion.load.sift import Misfit
from apportion.load.workbench import LONGEST_ROW
from apportion.sources.json_lines import Record, cut


def records(plain: Path) -> Iterator[tuple[int, Record]]:
    """The rows of a file, each with the line it stands on."""
    for chunk in chunks(plain):
        for number, raw in enumerate(chunk.lines(), start=chunk.number):
            record = read_line(number, raw)
            if record is not None and not isinstance(record, Misfit):
                yield number, record


def read_line(number: int, raw: bytes) -> Record | Misfit | None:
    """What a line holds; None where it is blank."""
    if len(raw) > LONGEST_ROW:
        return _misfit(number, f"longer than {LONGEST_ROW:,} bytes", raw[:LONGEST_ROW])
    if not raw.strip():
        return None
    try:
        return cut(raw.decode())
    except UnicodeDecodeError:
        return _misfit(number, "bytes that are not UTF-8", raw)
    except ValueError as fault:
        return _misfit(number, str(fault), raw)


def _misfit(number: int, reason: str, raw: bytes) -> Misfit:
    text = raw.decode(errors="replace").replace("\x00", "\ufffd")
    return Misfit(number, reason, text.rstrip("\r\n"))
