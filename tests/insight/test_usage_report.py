"""What `apportion usage` says: who used what, whom nobody knows, and GPUs by the hour."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from apportion.domain.period import Period
from apportion.insight.usage_report import cluster_hours, find_unknown, find_usage
from apportion.run.bring_in import bring_in_usage
from apportion.run.open_project import OpenProject
from usages import PROJECT, use_test_format

OCTOBER = Period(2026, 10)
MODEL = """\
organisation: [{name: nlp, kind: team}, {name: cv, kind: team}]
identities: [{account: a-nlp, team: nlp}, {account: a-cv, team: cv}]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenProject:
    use_test_format(monkeypatch)
    (tmp_path / "apportion.yaml").write_text(PROJECT)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.yaml").write_text(MODEL)
    (tmp_path / "usage").mkdir()
    records = [
        job("1", "a-nlp", "00:30", "02:00", gpus=2),
        job("2", "a-cv", "01:00", "02:00", gpus=1),
        job("3", "guest", "01:15", "01:45", gpus=4),
        job("4", "guest", "03:00", "03:30", gpus=4),
        {**job("5", "cluster", "00:00", "02:00", gpus_capacity=8), "AccountId": None},
        {"UsageId": "6", "UsageStart": "2026-10-01T00:00:00", "ApiKeyId": "k9",
         "ProviderName": "openai", "ModelId": "gpt-4o", "output_tokens": 1_000_000},
    ]  # fmt: skip
    text = "".join(json.dumps(one) + "\n" for one in records)
    (tmp_path / "usage" / "a.jsonl").write_text(text)
    opened = OpenProject(tmp_path)
    bring_in_usage(opened)
    return opened


def job(name: str, account: str, start: str, end: str, **levels: int) -> dict[str, Any]:
    day = "2026-10-01T"
    return {
        "UsageId": name,
        "RunId": name,
        "AccountId": account,
        "UsageStart": f"{day}{start}:00",
        "UsageEnd": f"{day}{end}:00",
        **levels,
    }


def test_use_is_listed_by_owner_and_meter(project: OpenProject) -> None:
    found = find_usage(project.workspace, project.model, OCTOBER)
    hours = {one.owner: one.quantity for one in found if one.meter == "gpu_hours"}
    assert hours == {"nlp": 3, "cv": 1, "unallocated": 4}


def test_unknown_identities_are_listed_with_their_cost_the_dearest_first(
    project: OpenProject,
) -> None:
    key, guest, nobody = find_unknown(project.workspace, project.model, OCTOBER)
    assert dict(key.names) == {"ApiKeyId": "k9"}
    assert dict(key.cost) == {"USD": Fraction(10)}
    assert (dict(guest.names), guest.records) == ({"AccountId": "guest"}, 2)
    assert guest.quantities["gpu_hours"] == 4
    assert dict(nobody.names) == {"RunId": "5"}


def test_a_cluster_by_the_hour_with_its_idle_gpus(project: OpenProject) -> None:
    found = cluster_hours(project.workspace, project.model, OCTOBER)
    hours = {(one.hour.hour, one.owner): one.levels for one in found}
    assert hours[0, "nlp"]["gpus"] == 1
    assert hours[0, ""]["idle"] == 7
    assert {owner: hours[1, owner]["gpus"] for owner in ("nlp", "cv", "unallocated", "")} == {
        "nlp": 2,
        "cv": 1,
        "unallocated": 2,
        "": 5,
    }
    assert hours[1, ""]["idle"] == Fraction(3)
    assert "idle" not in hours[3, ""]
