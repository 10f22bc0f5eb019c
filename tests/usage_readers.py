"""Usage formats in tests: a file of given text, read to records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from apportion.errors import Place
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.formats import usage_format
from apportion.sources.usage.usage_format import Rejected

SHARED = Path(__file__).parents[2] / "shared" / "data"
"""Public samples, there on some machines only."""


@dataclass
class Reading:
    """All that a format read of a file."""

    records: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    skipped: int = 0

    def by_id(self) -> dict[str, dict[str, Any]]:
        return {one["UsageId"]: one for one in self.records}


def read_file(format_: str, path: Path, **spec: Any) -> Reading:
    """Read a file by a format; maps of attributes are dicts, and what is null isn't there."""
    found = Reading()
    given = UsageSpec("test", format_, path.name, Place("apportion.yaml"), **spec)
    for batch in usage_format(format_).read(InputFile(path.name, path), given):
        for row in batch.rows.to_pylist(maps_as_pydicts="strict"):
            found.records.append({name: one for name, one in row.items() if one is not None})
        found.rejected += batch.rejected
        found.skipped += batch.skipped
    return found


def read_text(format_: str, folder: Path, text: str, **spec: Any) -> Reading:
    path = folder / "usage.txt"
    path.write_text(text)
    return read_file(format_, path, **spec)


def at(text: str) -> datetime:
    """A time in UTC, as records hold it."""
    return datetime.fromisoformat(text)
