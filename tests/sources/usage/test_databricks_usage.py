"""Databricks' billable usage as drivers: corrections net out, and tags tell whose it was."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import SourceError
from usage_readers import Reading, at, read_text


def row(record: str, quantity: str, kind: str = "ORIGINAL", **given: Any) -> dict[str, Any]:
    return {
        "record_id": record,
        "account_id": "acc",
        "workspace_id": "77",
        "sku_name": "PREMIUM_JOBS_COMPUTE",
        "cloud": "AWS",
        "usage_start_time": "2026-10-01 10:00:00.000+00:00",
        "usage_end_time": "2026-10-01 11:00:00.000+00:00",
        "custom_tags": '{"team":"nlp"}',
        "usage_unit": "DBU",
        "usage_quantity": quantity,
        "usage_metadata": '{"job_id":"12","job_run_id":"900","cluster_id":"c-1","job_name":null}',
        "identity_metadata": '{"run_as":"mira@example.com"}',
        "record_type": kind,
        "ingestion_date": "2026-10-02",
        "billing_origin_product": "JOBS",
        **given,
    }


def read(folder: Path, *rows: dict[str, Any]) -> Reading:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return read_text("databricks-usage", folder, text.getvalue())


def test_a_record_says_who_used_how_much(tmp_path: Path) -> None:
    (one,) = read(tmp_path, row("r1", "259.2958")).records
    assert (one["UsageId"], one["UsageStart"]) == ("r1", at("2026-10-01T10:00"))
    assert (one["Meter"], one["Quantity"], one["Unit"]) == ("dbu", Decimal("259.2958"), "DBU")
    assert (one["RunId"], one["UserId"], one["WorkspaceId"]) == ("900", "mira@example.com", "77")
    assert (one["ResourceId"], one["Operation"]) == ("c-1", "JOBS")
    assert one["Attributes"] == {"job_id": "12", "sku_name": "PREMIUM_JOBS_COMPUTE", "team": "nlp"}
    assert "ReportedCost" not in one


def test_json_lines_say_the_same(tmp_path: Path) -> None:
    given = row("r1", "1.50")
    for name in ("custom_tags", "usage_metadata", "identity_metadata"):
        given[name] = json.loads(given[name])
    text = json.dumps(given) + "\n\n" + json.dumps(row("r2", "2")) + "\nno JSON\n"
    found = read_text("databricks-usage", tmp_path, text)
    first, second = found.records
    assert first["Attributes"] == second["Attributes"]
    assert (first["SourceLine"], second["SourceLine"], found.rejected[0].line) == (1, 3, 4)


def test_a_correction_leaves_what_is_right(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        row("r1", "10"),
        row("r2", "10.0"),
        row("r3", "-10", "RETRACTION", ingestion_date="2026-10-09"),
        row("r4", "8", "RESTATEMENT", ingestion_date="2026-10-09"),
    )
    assert [(one["UsageId"], one["Quantity"]) for one in found.records] == [
        ("r1", 0),
        ("r2", 10),
        ("r4", 8),
    ]
    assert (found.skipped, found.rejected) == (1, [])


def test_a_retraction_alone_is_rejected(tmp_path: Path) -> None:
    found = read(tmp_path, row("r1", "5"), row("r3", "-10", "RETRACTION"))
    assert [one["Quantity"] for one in found.records] == [5]
    assert "isn't in the file" in found.rejected[0].reason


def test_what_cannot_be_read_is_rejected_or_refused(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        row("r1", "many"),
        row("r2", "1", custom_tags="{team=nlp}"),
        row("r3", "1", usage_metadata="[]"),
        row("r4", "1", custom_tags="", identity_metadata="null"),
    )
    assert [one.line for one in found.rejected] == [2, 3, 4]
    assert "UserId" not in found.records[0]
    for text in ("a,b\n1,2\n", '{"a":1}\n'):
        with pytest.raises(SourceError, match=r"system\.billing\.usage"):
            read_text("databricks-usage", tmp_path, text)
