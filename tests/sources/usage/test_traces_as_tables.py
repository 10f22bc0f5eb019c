"""A public trace of API clients as a plain table. Which team a client belongs to would be ours."""

from __future__ import annotations

import csv
import gzip
from datetime import timedelta
from pathlib import Path

import pytest

from usage_readers import SHARED, at, read_file

TRACE = SHARED / "traces" / "servegen_client_hourly.csv.gz"
FIRST = at("2026-10-01T00:00")
"""The trace counts its hours; which day they begin is ours."""


@pytest.mark.skipif(not TRACE.exists(), reason="the shared traces aren't on this machine")
def test_clients_by_the_hour(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    with gzip.open(TRACE, "rt") as packed, path.open("w") as out:
        table = csv.writer(out)
        table.writerow(["client", "model", "start", "end", "req", "tin", "tout"])
        rows = list(csv.DictReader(packed))
        for row in rows:
            start = FIRST + timedelta(hours=int(row["hour"]))
            # Sums of derived rates aren't whole; zero tokens of some requests is "no data".
            whole = [str(round(float(row[name]))) for name in ("req", "tin", "tout")]
            told = whole if float(row["tin"]) or float(row["tout"]) else [whole[0], "", ""]
            end = start + timedelta(hours=1)
            table.writerow([row["client_id"], row["model"], start, end, *told])
    columns = {
        "ApiKeyId": "client",
        "requests": "req",
        "uncached_input_tokens": "tin",
        "output_tokens": "tout",
    }
    found = read_file("csv", path, columns=columns)
    assert (len(found.records), found.rejected) == (47_568, [])
    assert len({(one["ModelId"], one["ApiKeyId"]) for one in found.records}) == 421
    silent = [one for one in found.records if "output_tokens" not in one]
    assert silent, "no token data isn't zero tokens"
    assert all("uncached_input_tokens" not in one for one in silent)
    sent = sum(
        one["uncached_input_tokens"] for one in found.records if "uncached_input_tokens" in one
    )
    assert sent == sum(round(float(row["tin"])) for row in rows)
