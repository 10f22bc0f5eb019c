"""The tables of this room: read once, and their digest."""

from __future__ import annotations

import csv
import hashlib
from functools import cache
from importlib.resources import files

TABLES = ("patterns", "words", "models", "machines", "accelerators", "units")


@cache
def rows(table: str) -> tuple[dict[str, str], ...]:
    """The rows of a table, as they are written."""
    return tuple(csv.DictReader(_text(table).splitlines()))


@cache
def catalogue_digest() -> str:
    """The sha256 of all tables: another one classes charges otherwise, so bills are read anew."""
    whole = hashlib.sha256()
    for table in TABLES:
        whole.update(_text(table).encode())
    return whole.hexdigest()


def _text(table: str) -> str:
    return (files("apportion.classify") / f"{table}.csv").read_text(encoding="utf-8")
