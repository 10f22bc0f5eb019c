"""OpenCost: what workloads were allocated, window by window."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import SourceError
from usage_readers import Reading, at, read_text

DAY = {"start": "2026-10-01T00:00:00Z", "end": "2026-10-02T00:00:00Z"}


def allocation(name: str, **given: Any) -> dict[str, Any]:
    return {
        "name": name,
        "properties": {
            "cluster": "ai-1",
            "namespace": name,
            "controller": "vllm",
            "controllerKind": "deployment",
            "pod": "vllm-0",
            "labels": {"team": "nlp"},
            "namespaceLabels": {"team": "research", "cost": "a"},
            "services": ["chat"],
        },
        "window": DAY,
        "start": "2026-10-01T06:00:00Z",
        "end": "2026-10-02T00:00:00Z",
        "minutes": 1080.0,
        "cpuCores": 4.5,
        "cpuCoreRequestAverage": 4.0,
        "cpuCoreUsageAverage": 4.5,
        "ramBytes": 8000000000.0,
        "gpuCount": 0.5,
        "gpuHours": 9.0,
        "pvBytes": 0.0,
        "networkTransferBytes": 12.5,
        "cpuEfficiency": None,
        "totalCost": 31.41593,
        **given,
    }


def read(folder: Path, *windows: Any, **spec: Any) -> Reading:
    return read_text("opencost", folder, json.dumps({"code": 200, "data": windows}), **spec)


def test_an_allocation_holds_from_its_start_to_its_end(tmp_path: Path) -> None:
    (one,) = read(tmp_path, {"nlp": allocation("nlp")}, options={"currency": "USD"}).records
    assert (one["UsageStart"], one["UsageEnd"]) == (at("2026-10-01T06:00"), at("2026-10-02T00:00"))
    assert (one["cpus"], one["cpus_requested"], one["cpus_used"]) == (
        Decimal("4.5"),
        4,
        Decimal("4.5"),
    )
    assert (one["memory_gb"], one["gpus"], one["bytes_out"]) == (8, Decimal("0.5"), Decimal("12.5"))
    assert "storage_gb" not in one
    assert (one["Namespace"], one["RunId"], one["ServiceName"]) == ("nlp", "vllm-0", "vllm")
    assert one["AccountId"] == "ai-1"
    assert one["Attributes"] == {
        "allocation": "nlp",
        "controllerKind": "deployment",
        "cost": "a",
        "services": "chat",
        "team": "nlp",
    }
    assert (one["ReportedCost"], one["ReportedCurrency"]) == (Decimal("31.41593"), "USD")


def test_the_id_is_the_window_s_so_that_a_later_answer_takes_its_place(tmp_path: Path) -> None:
    (first,) = read(tmp_path, {"nlp": allocation("nlp", end="2026-10-01T12:00:00Z")}).records
    (later,) = read(tmp_path, {"nlp": allocation("nlp")}).records
    assert first["UsageId"] == later["UsageId"]
    second = allocation("nlp", window={"start": DAY["end"], "end": "2026-10-03T00:00:00Z"})
    found = read(tmp_path, {"nlp": allocation("nlp")}, {"nlp": second}, None, {})
    assert len(found.by_id()) == 2


def test_idle_is_no_use_and_unallocated_is_nobody_s(tmp_path: Path) -> None:
    nobody = allocation(
        "__unallocated__", properties={"cluster": "ai-1", "namespace": "__unallocated__"}
    )
    found = read(
        tmp_path,
        {"__idle__": allocation("__idle__"), "ai-1/__idle__": {}, "__unallocated__": nobody},
    )
    (one,) = found.records
    assert "Namespace" not in one
    assert (one["gpus"], found.skipped) == (Decimal("0.5"), 2)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"start": "soon"}, "soon"),
        ({"gpuCount": "two"}, "gpuCount is 'two', no number"),
        ({"properties": 3}, "properties is a number, no object"),
    ],
)
def test_what_cannot_be_read_is_rejected(
    tmp_path: Path, given: dict[str, Any], reason: str
) -> None:
    found = read(tmp_path, {"good": allocation("good"), "bad": allocation("bad", **given)})
    assert len(found.records) == 1
    (one,) = found.rejected
    assert (one.line, one.row) == (2, {"name": "bad"})
    assert reason in one.reason
    lacking = {name: one for name, one in allocation("x").items() if name != "end"}
    assert read(tmp_path, {"x": lacking}).rejected[0].reason == "'end' is missing"


def test_other_documents_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="bad window"):
        read_text("opencost", tmp_path, '{"code":400,"message":"bad window"}')
    with pytest.raises(SourceError, match="no answer of OpenCost"):
        read_text("opencost", tmp_path, "[]")
