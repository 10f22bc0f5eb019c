"""The slow way through a CSV with broken rows: whole rows into a clean file, the rest aside.

It runs only when the engine finds a row that isn't as it should be, or when
its count of rows isn't the file's. A row that can't be read as one ends at
its first line, and reading goes on with the next line, so that one stray quote
doesn't swallow the rest of a bill.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from apportion.load.workbench import LONGEST_ROW
from apportion.sources.head import LINE, Head

FAULT = "apportion_fault"
"""Column that a clean file has besides the input's and LINE: what a row's bytes lack."""

NOT_UTF8 = "row-not-utf8"
NUL = "row-with-nul"

_MOST_LINES = 1000
_SURROGATES = dict.fromkeys(range(56448, 56576), "�")


@dataclass(frozen=True)
class Misfit:
    """A row that is no row: where it begins, why, and its text."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True)
class Sifted:
    """How many rows went into the clean file, how many did not, and the first of those."""

    rows: int
    misfits: int
    first: tuple[Misfit, ...]


def sift(plain: Path, head: Head, names: Sequence[str], clean: Path, most: int) -> Sifted:
    """Write the whole rows of `plain` to `clean`, under `names` and the two columns above.

    At most `most` misfits are kept with their text; all are counted.
    """
    csv.field_size_limit(LONGEST_ROW)
    rows = misfits = 0
    first: list[Misfit] = []
    with (
        plain.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as source,
        clean.open("w", encoding="utf-8", newline="") as target,
    ):
        writer = csv.writer(target, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow([*names, LINE, FAULT])
        for line, record in _records(source, head, len(names)):
            if isinstance(record, Misfit):
                misfits += 1
                if len(first) < most:
                    first.append(record)
                continue
            rows += 1
            fields, fault = _judged(record)
            writer.writerow([*fields, line, fault])
    return Sifted(rows, misfits, tuple(first))


def _records(source: TextIO, head: Head, width: int) -> Iterator[tuple[int, list[str] | Misfit]]:
    lines = _Lines(islice(source, head.lines, None), head.lines)
    while taken := lines.take():
        number = lines.number - len(taken) + 1
        if not taken[0].strip("\r\n"):
            lines.give_back(taken[1:])
            continue
        record = _parsed(taken, width, head.separator)
        if isinstance(record, str) and len(taken) > 1:
            # A quote within an unquoted text opens nothing: the line may be a row by itself.
            lines.give_back(taken[1:])
            alone = _parsed(taken[:1], width, head.separator)
            record = record if isinstance(alone, str) else alone
        if isinstance(record, str):
            text = taken[0].rstrip("\r\n").translate(_SURROGATES)
            yield number, Misfit(number, record, text)
        else:
            yield number, record


class _Lines:
    """Lines that can be given back; `number` is the line taken last, from 1."""

    def __init__(self, source: Iterator[str], number: int) -> None:
        self._source = source
        self._given_back: deque[str] = deque()
        self.number = number

    def take(self) -> list[str]:
        """The lines of one record: more follow while a quote is open."""
        taken: list[str] = []
        quotes = size = 0
        while (line := self._next()) is not None:
            taken.append(line)
            quotes += line.count('"')
            size += len(line)
            if quotes % 2 == 0 or len(taken) >= _MOST_LINES or size > LONGEST_ROW:
                break
        return taken

    def _next(self) -> str | None:
        line = self._given_back.popleft() if self._given_back else next(self._source, None)
        self.number += line is not None
        return line

    def give_back(self, lines: list[str]) -> None:
        self._given_back.extendleft(reversed(lines))
        self.number -= len(lines)


def _parsed(taken: list[str], width: int, separator: str) -> list[str] | str:
    """The fields of a record, or why it is none."""
    if sum(len(line.encode("utf-8", "surrogateescape")) for line in taken) > LONGEST_ROW:
        return f"longer than {LONGEST_ROW:,} bytes"
    try:
        found = list(csv.reader(taken, delimiter=separator, strict=True))
    except csv.Error as fault:
        return f"quotes that don't match ({fault})"
    if len(found) != 1:
        return "quotes that don't match"
    if len(found[0]) != width:
        return f"{len(found[0])} fields where the header has {width}"
    return found[0]


def _judged(fields: list[str]) -> tuple[list[str], str]:
    """The fields as text that can be written, and what their bytes lack."""
    joined = "".join(fields)
    if joined.isascii() and "\x00" not in joined:
        return fields, ""
    if any("\udc80" <= letter <= "\udcff" for letter in joined):
        return [
            field.translate(_SURROGATES).replace("\x00", "\ufffd") for field in fields
        ], NOT_UTF8
    if "\x00" in joined:
        return [field.replace("\x00", "\ufffd") for field in fields], NUL
    return fields, ""
