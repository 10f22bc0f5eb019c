"""MLflow's runs, from the API's answer and from a data frame's CSV."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import ConfigurationError, SourceError
from usage_readers import Reading, at, read_text

START = 1_790_841_600_123  # 2026-10-01T08:00:00.123Z


def run(name: str, status: str = "FINISHED", **info: Any) -> dict[str, Any]:
    return {
        "info": {
            "run_id": name,
            "run_uuid": name,
            "experiment_id": "17",
            "run_name": "bold-owl",
            "user_id": "old",
            "status": status,
            "start_time": START,
            "end_time": START + 3_600_000,
            "artifact_uri": "s3://bucket/17",
            "lifecycle_stage": "active",
            **info,
        },
        "data": {
            "metrics": [
                {"key": "loss", "value": float("nan"), "timestamp": START, "step": 899},
                {"key": "epoch", "value": 9.0, "timestamp": START, "step": 899},
            ],
            "params": [{"key": "max_steps", "value": "1000"}],
            "tags": [
                {"key": "mlflow.user", "value": "ada"},
                {"key": "mlflow.source.name", "value": "train.py"},
                {"key": "mlflow.parentRunId", "value": "r0"},
                {"key": "mlflow.databricks.jobRunID", "value": "88"},
                {"key": "SLURM_JOB_ID", "value": "4711"},
                {"key": "team", "value": "nlp"},
                {"key": "model_card", "value": "x" * 4000},
            ],
        },
        "inputs": {},
    }


def read(folder: Path, text: str, **spec: Any) -> Reading:
    return read_text("mlflow", folder, text, **spec)


def test_a_run_of_the_api(tmp_path: Path) -> None:
    (row,) = read(
        tmp_path,
        json.dumps({"runs": [run("r1")], "next_page_token": "x"}, indent=2),
        columns={"TeamLabel": "tags.team"},
        options={"epochs": "metrics.epoch + 1", "steps": "step"},
    ).records
    assert row == {
        "UsageId": "r1",
        "RunId": "r1",
        "UsageStart": at("2026-10-01T08:00:00.123"),
        "UsageEnd": at("2026-10-01T09:00:00.123"),
        "UserId": "ada",
        "ProjectId": "17",
        "TeamLabel": "nlp",
        "Status": "success",
        "Attributes": {
            "SLURM_JOB_ID": "4711",
            "mlflow.databricks.jobRunID": "88",
            "mlflow.parentRunId": "r0",
            "run_name": "bold-owl",
            "team": "nlp",
        },
        "Meter": "runs",
        "Quantity": Decimal(1),
        "Unit": "runs",
        "epochs": Decimal(10),
        "steps": Decimal(899),
        "SourceLine": 1,
    }


def test_outcomes(tmp_path: Path) -> None:
    pages = [
        {"runs": [run("a", "FAILED"), run("b", "KILLED"), run("c", "SCHEDULED")]},
        {"runs": [run("d", "RUNNING", end_time=None)]},
        {},
        {"runs": [run("e", "DONE"), run("f", start_time=None), run("")]},
    ]
    text = "\n".join(json.dumps(page) for page in pages) + '\n{"runs": ['
    found = read(tmp_path, text)
    assert [(row.get("UsageId"), row["Status"]) for row in found.records] == [
        ("a", "failed"),
        ("b", "cancelled"),
        ("d", "running"),
        (None, "success"),
    ], "a run without id is set aside by the loader"
    assert "UsageEnd" not in found.records[2]
    assert found.skipped == 1
    assert [(one.line, one.reason.split(":")[0]) for one in found.rejected][:2] == [
        (4, "'DONE' is no status of a run"),
        (4, "the run has no time"),
    ]
    assert found.rejected[2].line == 5


def test_a_data_frame(tmp_path: Path) -> None:
    text = (
        ",run_id,experiment_id,status,artifact_uri,start_time,end_time,metrics.epoch,"
        "params.max_steps,tags.mlflow.user,tags.SLURM_JOB_ID\n"
        "0,r1,17,FINISHED,s3://x,2026-10-01 08:00:00.123000+00:00,2026-10-01 09:00:00+00:00,2.5,"
        "1000,ada,4711\n"
        "1,r2,17,RUNNING,s3://x,2026-10-01 10:00:00+02:00,,,,bob,\n"
        "2,r3,17\n"
    )
    options = {"epochs": "metrics.epoch", "steps": "params.max_steps"}
    found = read(tmp_path, text, options=options)
    first, second = found.records
    assert (first["UsageStart"], first["UserId"]) == (at("2026-10-01T08:00:00.123"), "ada")
    assert (first["epochs"], first["steps"]) == (Decimal("2.5"), 1000)
    assert first["Attributes"]["SLURM_JOB_ID"] == "4711"
    assert (second["UsageStart"], second["Status"]) == (at("2026-10-01T08:00"), "running")
    assert "epochs" not in second
    assert [one.line for one in found.rejected] == [4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no runs of MLflow"),
        ("a,b\n1,2\n", "column 'run_id' is missing"),
        ('{"error_code": "X", "message": "no such experiment"}', "no such experiment"),
        ("[\n{", "no JSON document"),
    ],
)
def test_what_is_no_export_of_runs_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SourceError) as raised:
        read(tmp_path, text)
    assert message in str(raised.value)


def test_odd_settings(tmp_path: Path) -> None:
    text = json.dumps({"runs": [run("r1")]})
    with pytest.raises(ConfigurationError, match="epochs can't be read from 'epoch'"):
        read(tmp_path, text, options={"epochs": "epoch"})
    with pytest.raises(ConfigurationError, match="no identity"):
        read(tmp_path, text, columns={"epochs": "metrics.epoch"})
    (rejected,) = read(tmp_path, text, options={"epochs": "metrics.loss"}).rejected
    assert "is no number" in rejected.reason
