"""Runs of a tracker meet the jobs that cost money by what they noted, or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from apportion.insight.join_runs import join_runs

NOON = datetime(2026, 10, 5, 12)  # noqa: DTZ001 -- UTC


def record(name: str, start: int = 0, hours: int | None = 2, **about: str) -> dict[str, Any]:
    """A record of a run or a job, `start` hours after noon; `host` is its resource."""
    begin = NOON + timedelta(hours=start)
    return {
        "KeyId": f"key {name}",
        "UsageId": name,
        "RunId": name,
        "UsageStart": begin,
        "UsageEnd": None if hours is None else begin + timedelta(hours=hours),
        "ResourceId": about.pop("host", None),
        "Attributes": about,
    }


@pytest.mark.parametrize(
    ("noted", "job"),
    [
        ({"SLURM_JOB_ID": "4711"}, record("4711")),
        ({"POD_UID": "u-1"}, record("train-0", pod_uid="u-1")),
        ({"k8s.pod.name": "train-0"}, record("train-0")),
        ({"mlflow.databricks.jobRunID": "99"}, record("99")),
    ],
)
def test_a_run_is_joined_by_the_job_that_it_noted(
    noted: dict[str, Any], job: dict[str, Any]
) -> None:
    found = join_runs([record("m1", **noted)], [job, record("other")])
    assert found.jobs == {"key m1": (job["KeyId"],)}
    assert not found.unjoined


def test_a_run_that_bears_the_id_of_its_job_is_that_job() -> None:
    assert join_runs([record("4711")], [record("4711", 50)]).jobs == {"key 4711": ("key 4711",)}


def test_a_job_that_was_noted_and_is_not_there_is_never_replaced_by_a_neighbour() -> None:
    run = record("m1", SLURM_JOB_ID="1", host="gpu01")
    found = join_runs([run], [record("2", host="gpu01")])
    assert found.jobs == {}
    assert found.unjoined == (("m1", "no job 1 has cost in the period"),)


def test_host_and_time_join_where_one_job_alone_was_there() -> None:
    jobs = [
        record("a", 0, 2, node_list="gpu[01-03],login1"),
        record("b", 2, 2, node_list="gpu[01-03]"),
        record("c", 0, None, node_list="gpu07"),
    ]
    assert join_runs([record("m", 0, 1, host="gpu02.example.com")], jobs).jobs == {
        "key m": ("key a",)
    }
    assert join_runs([record("m", 90, None, host="gpu07")], jobs).jobs == {"key m": ("key c",)}
    both = join_runs([record("m", 1, 2, host="gpu02")], jobs)
    assert both.unjoined == (("m", "several jobs ran on gpu02 at the time: a, b"),)
    late = join_runs([record("m", 9, 2, host="gpu02")], jobs)
    assert late.unjoined == (("m", "no job ran on gpu02 at the time"),)


def test_what_noted_nothing_is_told() -> None:
    found = join_runs([record("m")], [record("a")])
    assert found.unjoined == (("m", "it noted neither a job nor a host"),)
