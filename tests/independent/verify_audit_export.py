"""Verify an exported audit log with Python's own library alone; apportion isn't needed.

    python verify_audit_export.py FILE [HEAD]

Exits with 0 where every line holds (and HEAD is the last), with 1 and the line where not.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

GENESIS = "0" * 64


def read(path: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The lines of the file, and what its first line says of it (nothing in a CSV)."""
    if path.suffix.lower() != ".csv":
        first, *rest = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        return rest, first
    with path.open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = [
            {name: text.removeprefix("'") for name, text in row.items()}
            for row in csv.DictReader(file)
        ]
    for row in rows:
        row["detail"] = json.loads(row["detail"])
    return rows, {}


def verify(path: Path, head: str = "") -> str:
    """What is wrong with the file, in words; an empty text where nothing is."""
    rows, about = read(path)
    previous = about.get("after", rows[0]["previous"] if rows else GENESIS)
    for row in rows:
        said = [row["previous"], row["at"], row["actor"], row["action"], row["subject"]]
        said.append(dict(sorted(row["detail"].items())))
        text = json.dumps(said, ensure_ascii=True, separators=(",", ":"))
        if row["previous"] != previous:
            return f"line {row['id']} doesn't follow on the one before it"
        if hashlib.sha256(text.encode()).hexdigest() != row["hash"]:
            return f"line {row['id']} doesn't say what it said when it was written"
        previous = row["hash"]
    if about and (about["head"] != previous or about["lines"] != len(rows)):
        return "lines are missing at the end"
    return f"the head is {previous}, not {head}" if head and head != previous else ""


if __name__ == "__main__":
    fault = verify(Path(sys.argv[1]), *sys.argv[2:3])
    sys.stdout.write(f"{fault or 'every line holds'}\n")
    sys.exit(1 if fault else 0)
