"""The audit log as a file that anybody can verify without apportion: JSON lines, or CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC

from apportion.store.books.audit import StoredLine
from apportion.store.books.audit_chain import GENESIS

COLUMNS = ("id", "at", "actor", "actor_name", "action", "subject", "detail", "previous", "hash")
FORMATS = ("jsonl", "csv")
FORMULA = "=+-@\t\r\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\uff0d\uff20'"
"""First characters of what a spreadsheet may take for a formula, and the mark against that."""


def audit_text(lines: Sequence[StoredLine], kind: str, *, names: bool = True) -> str:
    """All lines as a text of a format; `names` puts people's names beside their pseudonyms.

    The hash of a line is the sha256 of the JSON array [previous, at, actor, action, subject,
    detail with its keys sorted] in ASCII without spaces.
    """
    rows = [_row(line, names) for line in lines]
    return _csv(rows) if kind == "csv" else "".join(_jsonl(rows))


def _row(line: StoredLine, names: bool) -> dict[str, object]:
    return {
        "id": line.id,
        "at": line.at.astimezone(UTC).isoformat(),
        "actor": line.actor,
        "actor_name": line.actor_name if names else "",
        "action": line.action,
        "subject": line.subject,
        "detail": dict(line.detail),
        "previous": line.previous,
        "hash": line.hash,
    }


def _jsonl(rows: Sequence[dict[str, object]]) -> Iterator[str]:
    """The first line is about the file: what stands before it, its head, and how many follow."""
    first = {
        "audit": 1,
        "lines": len(rows),
        "after": rows[0]["previous"] if rows else GENESIS,
        "head": rows[-1]["hash"] if rows else GENESIS,
    }
    for one in (first, *rows):
        yield json.dumps(one, ensure_ascii=True) + "\n"


def _csv(rows: Sequence[dict[str, object]]) -> str:
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        texts = {**row, "detail": json.dumps(row["detail"], ensure_ascii=True)}
        writer.writerow([neutral(str(texts[name])) for name in COLUMNS])
    return made.getvalue()


def neutral(text: str) -> str:
    """A text that no spreadsheet takes for a formula: a ' before it, which can be taken away again.

    >>> neutral("=1+1"), neutral(" @now"), neutral("'quoted"), neutral("plain")
    ("'=1+1", "' @now", "''quoted", 'plain')
    """
    bare = text.lstrip(" \n")
    return f"'{text}" if (text[:1] in FORMULA and text) or (bare[:1] in FORMULA and bare) else text
