"""A file of another format is refused, or set aside, in words that say what is wrong with it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import SourceError
from apportion.sources.usage.formats import MODULES
from usage_readers import read_file

OPTIONS: dict[str, dict[str, str]] = {
    "otlp": {"signal": "spans"},
    "prometheus": {"meter": "requests"},
}
"""What a format must be told."""

BUCKET = {"start_time": 1790812800, "end_time": 1790899200}
RESULT = {"input_tokens": 100, "output_tokens": 5, "num_model_requests": 2, "model": "m"}
SPAN = {"traceId": "aa", "spanId": "01", "name": "chat"}
ALLOCATION = {"c/ns/p": {"start": "2026-10-01T00:00:00Z", "cpuCores": 2}}

FILES: dict[str, str] = {
    "openai": json.dumps({"object": "page", "data": [{**BUCKET, "results": [RESULT]}]}),
    "page of nulls": '{"data": [null, {"results": [null, 5, "x", []]}]}',
    "series": json.dumps(
        {"data": {"resultType": "matrix", "result": [{"metric": {}, "values": [[1, "2"]]}]}}
    ),
    "odd series": '{"data": {"resultType": "matrix", "result": [5, {"metric": 3, "values": 4}]}}',
    "odd result": '{"data": {"resultType": "matrix", "result": {"a": 1}}}',
    "odd values": json.dumps(
        {"data": {"resultType": "matrix", "result": [{"metric": {}, "values": [1, ["x", None]]}]}}
    ),
    "opencost": json.dumps({"code": 200, "data": [ALLOCATION]}),
    "odd opencost": '{"code": 200, "data": [{"a": [], "b": {"start": 5, "window": []}}]}',
    "otlp": json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [SPAN]}]}]}),
    "odd otlp": '{"resourceSpans": [{"resource": [], "scopeSpans": 5}]}\n{"resourceSpans": 5}',
    "odd span": '{"resourceSpans": [{"scopeSpans": [{"spans": [5, {"attributes": [5]}]}, 5]}, 5]}',
    "odd metrics": json.dumps(
        {"resourceMetrics": [{"scopeMetrics": [{"metrics": [5, {"name": 5, "sum": 5}]}]}]}
    ),
    "event": json.dumps({"specversion": "1.0", "type": "t", "source": "/x", "id": "1", "data": {}}),
    "csv": "id,start,team,requests\n1,2026-10-01T00:00:00Z,a,1\n",
    "sacct": "JobIDRaw|User|State|Start|End|AllocTRES\n1|u|FAILED|Unknown|x|gres/gpu=x\n",
    "list": "[]",
    "list of lists": "[[1, 2], null, 5]",
    "object": "{}",
    "number": "5\n",
    "text": '"hello"\n',
    "garbage": "\x01\x02hello\n",
    "latin-1": "id,start,team,requests\n1,2026-10-01T00:00:00Z,Br\udcfccke,1\n",
    "odd answer": '{"interval": "PT1H", "value": [{"name": 5, "timeseries": 5}, 5]}',
    "odd run": '{"runs": [{"info": 5}, {"info": {}, "data": {"metrics": [{"step": "x"}]}}]}',
    "odd point": json.dumps(
        {
            "resourceMetrics": [
                {"scopeMetrics": [{"metrics": [{"name": "m", "sum": {"dataPoints": [5]}}]}]}
            ]
        }
    ),
    "cut short": '{"object": "page", "data": [{"results": [{"input',
}

PYTHON = re.compile(
    r"object has no attribute|NoneType|subscriptable|iterable|indices|argument|unpack|operand"
    r"|\bdict\b|\bstr\b|\bint\b|datetime|Decimal|codec|Arrow|isoformat|\bfloat\b|<class"
    r"|invalid literal|Invalid"
)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("format_", sorted(MODULES))
def test_a_foreign_file_is_refused_in_clear_words(tmp_path: Path, format_: str, name: str) -> None:
    spec: dict[str, Any] = {"options": OPTIONS.get(format_, {})}
    path = tmp_path / "usage.txt"
    path.write_bytes(FILES[name].encode(errors="surrogateescape"))
    try:
        found = read_file(format_, path, **spec)
    except SourceError as fault:
        said = [str(fault)]
    else:
        said = [f"{one.reason} {one.hint}" for one in found.rejected]
    assert not [one for one in said if PYTHON.search(one)]
