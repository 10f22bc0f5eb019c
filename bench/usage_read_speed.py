"""How fast usage is read: plain tables, CloudEvents and OpenTelemetry spans, on one core.

python bench/usage_read_speed.py --rows 1000000
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import process_time

from apportion.errors import Place
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.formats import usage_format

FIRST = 1_790_812_800  # 2026-10-01T00:00:00Z
HEADER = (
    "start,user,project,model,uncached_input_tokens,cache_read_tokens,output_tokens,cost,note\n"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for format_, lines, rows, options in (
            ("csv", table, given.rows, {}),
            ("cloudevents", events, given.rows // 5, {}),
            ("otlp", spans, given.rows // 10, {"signal": "spans"}),
        ):
            path = Path(name) / format_
            with path.open("w") as out:
                out.writelines(lines(rows))
            spec = UsageSpec("bench", format_, path.name, Place("bench"), options=options)
            began = process_time()
            batches = usage_format(format_).read(InputFile(path.name, path), spec)
            read = sum(batch.rows.num_rows for batch in batches)
            print(f"{format_}: {read:,} records in {process_time() - began:.1f} s of one core")


def table(rows: int) -> Iterator[str]:
    random = Random(1)
    yield HEADER
    for row in range(rows):
        day, rest = divmod(row * 30 * 86400 // rows, 86400)
        time = f"2026-10-{1 + day:02d}T{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}Z"
        yield (
            f"{time},u{row % 300},p{row % 20},m{row % 7},{random.randrange(100_000)},"
            f"{random.randrange(1000)},{random.randrange(10_000)},0.0{row % 997},n{row % 11}\n"
        )


def events(rows: int) -> Iterator[str]:
    for row in range(rows):
        data = {
            "UsageStart": "2026-10-01T08:00:00.000001Z",
            "UsageEnd": "2026-10-01T08:00:00.250001Z",
            "TeamLabel": f"team{row % 40}",
            "ProviderName": "features",
            "Attributes": {"request_id": f"r{row}"},
            "requests": 1,
            "feature_reads": row % 90,
            "busy_seconds": 0.25,
        }
        event = {"specversion": "1.0", "type": "apportion.usage.v1", "source": "/features/1"}
        yield json.dumps({**event, "id": str(row), "data": data}) + "\n"


def spans(rows: int) -> Iterator[str]:
    said = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "server.address": "x"}
    tokens = {"gen_ai.usage.input_tokens": "100", "gen_ai.usage.output_tokens": "7"}
    attributes = [{"key": key, "value": {"stringValue": text}} for key, text in said.items()]
    attributes += [{"key": key, "value": {"intValue": text}} for key, text in tokens.items()]
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "search"}}]}
    for first in range(0, rows, 200):
        found = [
            {
                "traceId": f"{row + 1:032x}",
                "spanId": f"{row + 1:016x}",
                "startTimeUnixNano": str((FIRST + row) * 10**9),
                "endTimeUnixNano": str((FIRST + row + 1) * 10**9),
                "attributes": attributes,
            }
            for row in range(first, min(rows, first + 200))
        ]
        scoped = [{"scope": {"name": "sdk"}, "spans": found}]
        yield json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": scoped}]}) + "\n"


if __name__ == "__main__":
    main()
