"""Pages of providers' reports, as tests make them up: OpenAI's buckets and Anthropic's."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apportion.errors import Place
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.formats import usage_format
from apportion.sources.usage.usage_format import Rejected

Json = dict[str, Any]


def openai_bucket(day: str, *results: Json) -> Json:
    start = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
    return {
        "object": "bucket",
        "start_time": start,
        "end_time": start + 86_400,
        "results": list(results),
    }


def anthropic_bucket(day: str, *results: Json) -> Json:
    start = datetime.fromisoformat(day)
    end = start + timedelta(days=1)
    return {
        "starting_at": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "ending_at": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "results": list(results),
    }


def page(*buckets: Json, more: str | None = None) -> Json:
    return {"object": "page", "data": list(buckets), "has_more": bool(more), "next_page": more}


def asked(api: str, report: str, *groups: str) -> Json:
    """The line that `apportion pull` writes before the pages of a report."""
    said = {"api": api, "report": report, "group_by": list(groups), "bucket": "1d"}
    return {"apportion_pull": said}


def lines(*documents: Json) -> str:
    return "".join(json.dumps(one) + "\n" for one in documents)


def read_usage(name: str, path: Path, text: str) -> tuple[list[Json], list[Rejected]]:
    """What a format reads of a file with this text: records, and those that it rejects."""
    path.write_text(text, encoding="utf-8")
    spec = UsageSpec("calls", name, path.name, Place("apportion.yaml", 3))
    records: list[Json] = []
    rejected: list[Rejected] = []
    for batch in usage_format(name).read(InputFile(path.name, path), spec):
        rejected += batch.rejected
        records += (
            {name: value for name, value in row.items() if value is not None}
            for row in batch.rows.to_pylist()
        )
    return records, rejected
