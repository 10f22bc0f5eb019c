"""Usage in tests: a project folder with records that a format of the tests reads."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apportion.domain.period import Period
from apportion.domain.snapshot import Snapshot, SnapshotKind
from apportion.load.usage import UsageLoad, load_usage
from apportion.model.read_project import read_project
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_rows import UsageRows
from apportion.store.books import Books
from apportion.store.lake import Lake

PROJECT = """
name: Usage
currency: USD
usage:
  calls: {format: csv, path: usage}
"""


def _read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    rows = UsageRows()
    for line, text in enumerate(file.path.read_text().splitlines(), start=1):
        record = json.loads(text, parse_float=Decimal)
        if "no" in record:
            rows.reject(line, "no", record["no"], "write it well", record)
            continue
        for name in ("UsageStart", "UsageEnd"):
            if record.get(name):
                record[name] = datetime.fromisoformat(record[name])
        rows.add(line, **record)
    yield from rows.batches(last=True)


def use_test_format(monkeypatch: pytest.MonkeyPatch, restates: bool = False) -> None:
    """Let every usage source read JSON lines of usage records."""
    format_ = UsageFormat("test", _read, restates=restates)
    loading = sys.modules[load_usage.__module__]
    monkeypatch.setattr(loading, "usage_format", lambda name: format_)


class UsageFolder:
    """A project whose source `calls` reads JSON lines of usage records."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, restates: bool = False) -> None:
        self.root = root
        use_test_format(monkeypatch, restates)
        (root / "apportion.yaml").write_text(PROJECT)
        (root / "usage").mkdir()
        self.project = read_project(root)
        self.books = Books.open(self.project.books)
        self.lake = Lake(self.project.lake)

    def write(self, name: str, *records: dict[str, Any]) -> None:
        text = "".join(json.dumps(record) + "\n" for record in records)
        (self.root / "usage" / name).write_text(text)

    def load(self, **given: Any) -> UsageLoad:
        (found,) = load_usage(self.project, self.books, self.lake, **given)
        return found

    def snapshot(self, month: str) -> Snapshot:
        kind = SnapshotKind.USAGE
        (found,) = self.books.current("calls", Period.parse(month), kind=kind)
        return found

    def daily(self, month: str) -> list[dict[str, Any]]:
        import pyarrow.parquet as pq

        counted = self.snapshot(month).units[-1]
        (file,) = (one for one in counted.files if one.role == "usage_daily")
        rows: list[dict[str, Any]] = pq.read_table(self.lake.path(file)).to_pylist()
        return rows
