"""What the meter writes is a usage record by its very names and types."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apportion.domain.usage import STATUSES, USAGE_END, USAGE_START
from apportion.errors import Place
from apportion.meter import AsgiMeter, ModelServer, Spool
from apportion.meter.asgi import App, Receive, Scope, Send
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.usage_rows import SCHEMA, UsageRows
from apportion.sources.usage.usage_texts import json_value, utc
from metering import TEAM, call, chunk, echo, event, meter, sse


def lines(folder: Path) -> list[str]:
    return [line for path in folder.glob("*.jsonl") for line in path.read_text().splitlines()]


def answering(status: int, body: bytes) -> App:
    async def answers(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answers


def metered(folder: Path) -> list[str]:
    """Records of a plain call, a failed one, and a stream of a model."""
    metered = meter(folder, keep={"x-request-id": "id"})
    told = sse(chunk("a"), {**chunk(""), "choices": [], "usage": {"prompt_tokens": 3}})
    model = AsgiMeter(answering(200, told), metered, reader=ModelServer())
    call(AsgiMeter(echo, metered), headers=TEAM, body=[b"abc"])
    call(AsgiMeter(answering(500, b""), metered))
    call(model, "/v1/chat/completions", body=[b'{"stream":true}'])
    metered.close()
    return lines(folder)


def condensed(folder: Path) -> list[str]:
    spool = Spool(folder, total_bytes=1)
    spool._backlog._most = 0
    for number in range(3):
        spool.append(event(number))
    spool._total_bytes = 1 << 30
    spool.close()
    return lines(folder)


@pytest.mark.parametrize(("made", "records"), [(metered, 3), (condensed, 1)])
def test_records_fit_the_columns_of_usage(tmp_path: Path, made: Any, records: int) -> None:
    rows = UsageRows()
    for number, line in enumerate(made(tmp_path), start=1):
        one = json_value(line)
        assert set(one) - {"subject"} == {
            "specversion",
            "type",
            "source",
            "id",
            "time",
            "datacontenttype",
            "data",
        }
        data: dict[str, Any] = one["data"]
        assert set(data) <= set(SCHEMA)
        assert data["Status"] in STATUSES
        for name in (USAGE_START, USAGE_END):
            data[name] = utc(data[name])
            assert isinstance(data[name], datetime)
        assert all(isinstance(v, (str, int, Decimal, datetime, dict)) for v in data.values())
        rows.add(number, UsageId=f"{one['source']} {one['id']}", **data)
    table = rows.batch().rows
    assert table.num_rows == records
    assert table["requests"].to_pylist() == ([1] * 3 if records == 3 else [3])


@pytest.mark.parametrize(("made", "records"), [(metered, 3), (condensed, 1)])
def test_records_load(tmp_path: Path, made: Any, records: int) -> None:
    """The reader of CloudEvents takes every line, exactly as it was written."""
    cloudevents = pytest.importorskip("apportion.sources.usage.cloudevents")
    written = made(tmp_path)
    path = tmp_path / "events.jsonl"
    path.write_text("".join(f"{line}\n" for line in written))
    spec = UsageSpec("features", "cloudevents", "events.jsonl", Place("apportion.yaml"))
    (batch,) = cloudevents.FORMAT.read(InputFile(path.name, path), spec)
    assert batch.rejected == ()
    rows = {row["SourceLine"]: row for row in batch.rows.to_pylist()}
    assert len(rows) == records
    for number, line in enumerate(written, start=1):
        data, row = json_value(line)["data"], rows[number]
        attributes = data.pop("Attributes", {})
        for name in (USAGE_START, USAGE_END):
            assert row[name] == utc(data.pop(name))
        assert {name: row[name] for name in data} == data
        assert attributes.items() <= dict(row["Attributes"]).items()
    assert len({row["UsageId"] for row in rows.values()}) == records
