"""Split a document into parts that a target takes, each balanced by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from apportion.domain.journal import JournalDocument, JournalLine, Side


def split(document: JournalDocument, most: int, *, apart: bool = False) -> list[JournalDocument]:
    """The parts of a balanced document, of at most `most` lines each (0: as many as there are).

    The clearing line (the one of the largest amount, which is who is relieved) is repeated
    in each part with what balances it; its parts sum to the whole. With `apart`, each
    cost centre has parts of its own. Part n of a document's reversal is the reversal of its
    part n. Ids are the document's with the number of the part.
    """
    lines = document.lines
    if not apart and (not most or len(lines) <= most):
        return [_part(document, lines, 1)]
    clearing = max(range(len(lines)), key=lambda position: (lines[position].units, -position))
    others = [line for position, line in enumerate(lines) if position != clearing]
    room = (most or len(lines)) - 1
    chunks = (_chunks(group, room) for group in (_by_center(others) if apart else [others]))
    parts = [_balanced(chunk, lines[clearing]) for group in chunks for chunk in group]
    return [_part(document, part, number) for number, part in enumerate(parts, 1)]


def _by_center(lines: Sequence[JournalLine]) -> Iterator[list[JournalLine]]:
    def center(line: JournalLine) -> tuple[str, str]:
        return line.at.cost_center, line.at.partner

    for _, group in groupby(sorted(lines, key=center), key=center):
        yield list(group)


def _chunks(lines: Sequence[JournalLine], size: int) -> Iterator[Sequence[JournalLine]]:
    for start in range(0, len(lines), size):
        yield lines[start : start + size]


def _balanced(lines: Sequence[JournalLine], clearing: JournalLine) -> tuple[JournalLine, ...]:
    """Lines with what balances them on the clearing line, after the others."""
    rest = sum(line.signed for line in lines)
    if not rest:
        return tuple(lines)
    side = Side.CREDIT if rest > 0 else Side.DEBIT
    return (*lines, JournalLine(clearing.at, side, abs(rest), clearing.text))


def _part(
    document: JournalDocument, lines: tuple[JournalLine, ...], number: int
) -> JournalDocument:
    return replace(
        document,
        id=f"{document.id}-{number}",
        lines=lines,
        reverses=f"{document.reverses}-{number}" if document.reverses else "",
    )
