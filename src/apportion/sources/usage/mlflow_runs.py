"""The runs of an MLflow export, from JSON or CSV, as plain texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from apportion.errors import Place, SourceError
from apportion.sources.files import InputFile
from apportion.sources.usage.csv_records import csv_records
from apportion.sources.usage.json_parts import object_in, objects_in, whole_number
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import from_unix, open_text, utc

_NEEDED = ("run_id", "status", "start_time")
_GROUPS = ("metrics", "params", "tags")


@dataclass(frozen=True)
class Run:
    """A run as it was exported: what it logged is text, times are as written."""

    line: int
    id: str
    experiment: str
    name: str
    user: str
    status: str
    start: str
    end: str
    metrics: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    step: int | None = None

    def said(self, path: str) -> str:
        """What the run says at `tags.team`, `params.dataset`, `metrics.epoch`; else nothing."""
        group, _, name = path.partition(".")
        found: Mapping[str, str] = getattr(self, group) if group in _GROUPS else {}
        return found.get(name, "")

    def times(self, zone: ZoneInfo | None) -> tuple[datetime, datetime | None]:
        """When it began and ended; raises ValueError where one is no time."""
        return _moment(self.start, zone), _moment(self.end, zone) if self.end else None

    def shown(self) -> dict[str, str]:
        """The run as people are shown it."""
        said = ("id", "experiment", "name", "user", "status", "start", "end")
        return {name: str(getattr(self, name)) for name in said}


def _moment(text: str, zone: ZoneInfo | None) -> datetime:
    """Milliseconds since 1970, as the API has it, or a time as pandas writes it."""
    if not text:
        raise ValueError("the run has no time")
    return from_unix(Decimal(text) / 1000) if text.isdecimal() else utc(text, zone)


def runs_of(file: InputFile, rows: UsageRows) -> Iterator[Run]:
    """The runs of a file; lines that hold none are rejected into `rows`. Raises SourceError."""
    with open_text(file) as text:
        first = text.readline()
        if first.lstrip()[:1] not in {"{", "["}:
            for line, record in csv_records(file, _NEEDED, rows, "runs of MLflow"):
                yield _of_table(line, record)
            return
        for line, page in _pages(file, first, text, rows):
            yield from _of_page(file, line, page)


def _json(text: str) -> Any:
    """A JSON value; NaN is no fault here, since a loss may be NaN."""
    return json.loads(text, parse_float=Decimal, parse_constant=str)


def _pages(file: InputFile, first: str, rest: TextIO, rows: UsageRows) -> Iterator[tuple[int, Any]]:
    """The answers of a file: one on each line, or one that takes all of it."""
    try:
        yield 1, _json(first)
    except ValueError:
        yield 1, _whole(file, first + rest.read())
    for line, text in enumerate(rest, start=2):
        if not text.strip():
            continue
        try:
            yield line, _json(text)
        except ValueError as fault:
            hint = "each line is one answer of runs/search; the file may be cut short"
            rows.reject(line, "", str(fault), hint, {"row": text.strip()[:500]})


def _whole(file: InputFile, text: str) -> Any:
    try:
        return _json(text)
    except ValueError as fault:
        raise SourceError(
            "the file is no JSON document",
            place=Place(file.name),
            why=str(fault),
            hint="export it again; it may be cut short",
        ) from fault


def _of_page(file: InputFile, line: int, page: Any) -> Iterator[Run]:
    """The runs of an answer; an answer without any has no `runs`."""
    if isinstance(page, dict) and "info" in page:
        page = [page]
    runs = page.get("runs", []) if isinstance(page, dict) else page
    if not isinstance(runs, list) or (isinstance(page, dict) and "error_code" in page):
        raise SourceError(
            "no answer of MLflow's runs/search",
            place=Place(file.name, line),
            why=str(page.get("message", "")) if isinstance(page, dict) else "no list of runs",
            hint="save what POST /api/2.0/mlflow/runs/search answers",
        )
    try:
        found = [_of_api(line, run) for run in objects_in({"runs": runs}, "runs")]
    except ValueError as fault:
        raise SourceError(
            "no answer of MLflow's runs/search",
            place=Place(file.name, line),
            why=str(fault),
            hint="save what POST /api/2.0/mlflow/runs/search answers",
        ) from fault
    yield from found


def _of_api(line: int, run: Mapping[str, Any]) -> Run:
    info, data = object_in(run, "info"), object_in(run, "data")
    steps = [
        whole_number(one["step"])
        for one in objects_in(data, "metrics")
        if one.get("step") is not None
    ]
    return Run(
        line,
        str(info.get("run_id") or info.get("run_uuid") or ""),
        str(info.get("experiment_id") or ""),
        str(info.get("run_name") or ""),
        str(info.get("user_id") or ""),
        str(info.get("status") or ""),
        str(info.get("start_time") or ""),
        str(info.get("end_time") or ""),
        _by_key(objects_in(data, "metrics")),
        _by_key(objects_in(data, "params")),
        _by_key(objects_in(data, "tags")),
        max(steps, default=None),
    )


def _by_key(found: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {str(one.get("key", "")): str(one.get("value", "")) for one in found}


def _of_table(line: int, record: Mapping[str, str]) -> Run:
    groups: dict[str, dict[str, str]] = {group: {} for group in _GROUPS}
    for column, text in record.items():
        group, point, name = column.partition(".")
        if point and group in groups and text:
            groups[group][name] = text
    return Run(
        line,
        record["run_id"],
        record.get("experiment_id", ""),
        groups["tags"].get("mlflow.runName", ""),
        "",
        record["status"],
        record["start_time"],
        record.get("end_time", ""),
        groups["metrics"],
        groups["params"],
        groups["tags"],
    )
