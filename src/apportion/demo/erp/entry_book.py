"""What a stand-in keeps: entries, with the checks that every ledger makes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from threading import RLock
from typing import Any

from apportion.errors import UsageError


@dataclass(frozen=True)
class Entry:
    """A posted entry: its number, our id, the day, signed lines by account, and the whole."""

    number: str
    name: str
    day: str
    lines: tuple[tuple[str, Decimal], ...]
    whole: Mapping[str, Any]


@dataclass
class EntryBook:
    """The entries of a stand-in, in memory or also in a file (a line of JSON each).

    `accounts` are those that exist (all, when none is named), `closed` the months that take
    no postings.
    """

    accounts: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    file: Path | None = None
    entries: list[Entry] = field(default_factory=list)
    lock: RLock = field(default_factory=RLock)

    def __post_init__(self) -> None:
        if self.file and self.file.exists():
            lines = self.file.read_text(encoding="utf-8").splitlines()
            self.entries += [self._read(line, n) for n, line in enumerate(lines, 1)]

    def add(
        self,
        name: str,
        day: str,
        lines: Sequence[tuple[str, Decimal]],
        whole: Callable[[str], Mapping[str, Any]],
        number: Callable[[int], str],
    ) -> Entry:
        """Keep an entry under the next number; `whole` says it as the vendor does."""
        with self.lock:
            found = number(len(self.entries) + 1)
            made = Entry(found, name, day, tuple(lines), whole(found))
            if self.file:
                with self.file.open("a", encoding="utf-8") as handle:
                    handle.write(json.dumps(_document(made), default=str) + "\n")
                    handle.flush()
                    os.fsync(handle.fileno())
            self.entries.append(made)
            return made

    def named(self, name: str) -> list[Entry]:
        """The entries under one of our ids."""
        with self.lock:
            return [one for one in self.entries if one.name == name]

    def against(self, day: str, lines: Sequence[tuple[str, Decimal]]) -> str:
        """Why a ledger wouldn't take an entry: ``balance``, ``period``, ``account …`` or nothing.

        >>> EntryBook(closed=frozenset({"2026-10"})).against("2026-10-31", [("1", Decimal(0))] * 2)
        'period'
        """
        if len(lines) < 2 or sum((amount for _, amount in lines), Decimal()):
            return "balance"
        if day[:7] in self.closed:
            return "period"
        unknown = [name for name, _ in lines if self.accounts and name not in self.accounts]
        return f"account {unknown[0]}" if unknown else ""

    def _read(self, line: str, number: int) -> Entry:
        try:
            found = json.loads(line, parse_float=Decimal)
            lines = tuple((account, Decimal(amount)) for account, amount in found["lines"])
            return Entry(found["number"], found["name"], found["day"], lines, found["whole"])
        except (ValueError, KeyError, TypeError):
            raise UsageError(
                f"line {number} of {self.file} is no entry of a stand-in",
                hint="name a new file with --journal",
            ) from None


def _document(one: Entry) -> dict[str, Any]:
    return {
        "number": one.number,
        "name": one.name,
        "day": one.day,
        "lines": [[account, str(amount)] for account, amount in one.lines],
        "whole": one.whole,
    }
