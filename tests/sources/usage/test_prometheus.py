"""DCGM, Kubernetes and Kueue, from what Prometheus answers to a range query."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import ConfigurationError, SourceError
from apportion.sources.usage.mig import part_of_gpu
from usage_readers import Reading, at, read_text

HOUR = 3600
FIRST = 1790812800 + HOUR  # 2026-10-01T01:00:00Z
BUSY = "DCGM_FI_PROF_GR_ENGINE_ACTIVE"
GPU = {
    "__name__": BUSY,
    "UUID": "GPU-1",
    "gpu": "0",
    "Hostname": "n1",
    "modelName": "NVIDIA H100 80GB HBM3",
    "pod": "train-0",
    "namespace": "nlp",
    "container": "main",
    "instance": "10.0.0.1:9400",
}


def series(labels: dict[str, str], *values: str) -> dict[str, Any]:
    return {"metric": labels, "values": [[FIRST + at * HOUR, one] for at, one in enumerate(values)]}


def read(format_: str, folder: Path, *found: dict[str, Any], **spec: Any) -> Reading:
    answer = {"status": "success", "data": {"resultType": "matrix", "result": list(found)}}
    return read_text(format_, folder, json.dumps(answer), **spec)


def test_use_of_a_gpu_by_pod_and_hour(tmp_path: Path) -> None:
    found = read("dcgm", tmp_path, series(GPU, "0.5", "0.25"))
    first, second = found.records
    assert (first["UsageStart"], first["UsageEnd"]) == (
        at("2026-10-01T00:00"),
        at("2026-10-01T01:00"),
    )
    assert (first["gpus_used"], second["gpus_used"]) == (Decimal("0.5"), Decimal("0.25"))
    assert (first["RunId"], first["Namespace"], first["ResourceId"]) == ("train-0", "nlp", "GPU-1")
    assert first["Attributes"] == {
        "container": "main",
        "gpu_model": "NVIDIA H100 80GB HBM3",
        "node": "n1",
    }
    moved = read("dcgm", tmp_path, series({**GPU, "instance": "10.0.0.9:9400"}, "0.5", "0.25"))
    assert moved.records[0]["UsageId"] == first["UsageId"], "who scraped says nothing of the use"


def test_the_workload_is_what_was_exported(tmp_path: Path) -> None:
    labels = {
        **GPU,
        "pod": "dcgm-exporter-x",
        "namespace": "gpu-operator",
        "exported_pod": "train-0",
        "exported_namespace": "nlp",
    }
    (one, _) = read("dcgm", tmp_path, series(labels, "1", "1")).records
    assert (one["RunId"], one["Namespace"]) == ("train-0", "nlp")
    nobody = {**labels, "exported_pod": "", "exported_namespace": ""}
    (one, _) = read("dcgm", tmp_path, series(nobody, "0", "0")).records
    assert "RunId" not in one
    assert "Namespace" not in one


def test_a_mig_instance_is_its_share_of_the_gpu(tmp_path: Path) -> None:
    labels = {**GPU, "GPU_I_ID": "3", "GPU_I_PROFILE": "3g.40gb", "hostname": "n1"}
    (one, _) = read("dcgm", tmp_path, series(labels, "0.7", "1")).records
    assert one["gpus_used"] == Decimal("0.3")
    assert one["Attributes"]["mig_instance"] == "3"


@pytest.mark.parametrize(
    "text", ["NaN", "9223372036854775794", "9.223372036854775e+18", "+Inf", "1.5", "-0.1", "x"]
)
def test_what_is_not_available_is_not_zero(tmp_path: Path, text: str) -> None:
    found = read("dcgm", tmp_path, series(GPU, text, "0.5"))
    assert len(found.records) == 1
    (one,) = found.rejected
    assert (one.line, one.column) == (1, BUSY)
    assert one.row["time"] == "2026-10-01 01:00:00"


def test_one_metric_counts(tmp_path: Path) -> None:
    util = {**GPU, "__name__": "DCGM_FI_DEV_GPU_UTIL"}
    both = [series(GPU, "0.5", "0.5"), series(util, "80", "100")]
    with pytest.raises(SourceError, match="which metric of DCGM counts"):
        read("dcgm", tmp_path, *both)
    found = read("dcgm", tmp_path, *both, options={"metric": "DCGM_FI_DEV_GPU_UTIL"})
    assert [one["gpus_used"] for one in found.records] == [Decimal("0.8"), 1]
    assert found.skipped == 2
    nameless = {name: text for name, text in GPU.items() if name != "__name__"}
    with pytest.raises(SourceError, match="which metric"):
        read("dcgm", tmp_path, series(nameless, "0.5", "0.5"))
    (one, _) = read(
        "dcgm", tmp_path, series(nameless, "0.5", "0.5"), options={"metric": BUSY}
    ).records
    assert one["gpus_used"] == Decimal("0.5")


def test_power_becomes_energy(tmp_path: Path) -> None:
    power = {**GPU, "__name__": "DCGM_FI_DEV_POWER_USAGE"}
    found = read("dcgm", tmp_path, series(GPU, "0.5", "0.5"), series(power, "400.5", "700"))
    assert [one["energy_wh"] for one in found.records[2:]] == [Decimal("400.5"), 700]
    assert len(found.by_id()) == 4


def test_a_gap_is_unknown_and_the_step_is_told_or_seen(tmp_path: Path) -> None:
    gap = {"metric": GPU, "values": [[FIRST + HOUR * one, "1"] for one in (0, 1, 2, 9)]}
    found = read("dcgm", tmp_path, gap).records
    assert [one["UsageStart"].hour for one in found] == [0, 1, 2, 9]
    assert all((one["UsageEnd"] - one["UsageStart"]).seconds == HOUR for one in found)
    with pytest.raises(SourceError, match="option `step`"):
        read("dcgm", tmp_path, series(GPU, "1"))
    (one,) = read("dcgm", tmp_path, series(GPU, "1"), options={"step": "5m"}).records
    assert one["UsageStart"] == at("2026-10-01T00:55")
    with pytest.raises(ConfigurationError, match="step"):
        read("dcgm", tmp_path, series(GPU, "1"), options={"step": "soon"})
    assert read("dcgm", tmp_path).records == []


@pytest.mark.parametrize(
    "text",
    [
        '{"status":"error","error":"bad query"}',
        '{"status":"success","data":{"resultType":"vector"}}',
        "[]",
        "{",
    ],
)
def test_other_documents_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError):
        read_text("dcgm", tmp_path, text)


def test_requests_of_containers(tmp_path: Path) -> None:
    base = {"namespace": "nlp", "pod": "train-0", "container": "main", "uid": "u1", "node": "n1"}
    found = read(
        "kube-gpu",
        tmp_path,
        series({**base, "resource": "nvidia_com_gpu", "unit": "integer"}, "8", "8"),
        series({**base, "resource": "nvidia_com_mig_2g_20gb", "pod": "serve"}, "1", "1"),
        series({**base, "resource": "cpu", "unit": "core"}, "0.5", "0.5"),
        series({**base, "resource": "memory", "unit": "byte"}, "2000000000000", "1e9"),
        series({**base, "resource": "ephemeral_storage"}, "1", "1"),
        series({**base, "resource": "nvidia_com_gpu", "node": "", "pod": "late"}, "4", "4"),
    )
    by_pod: dict[str, Any] = {}
    for one in found.records:
        by_pod.setdefault(one["RunId"], []).append(one)
    whole = by_pod["train-0"][0]
    assert (whole["gpus"], whole["gpus_requested"], whole["Namespace"]) == (8, 8, "nlp")
    assert by_pod["serve"][0]["gpus"] == round(Decimal(2) / 7, 12)
    assert by_pod["train-0"][2]["cpus_requested"] == Decimal("0.5")
    assert [one["memory_gb_requested"] for one in by_pod["train-0"][4:6]] == [2000, 1]
    assert by_pod["late"][0]["gpus_pending"] == 4
    assert "gpus" not in by_pod["late"][0]
    assert found.skipped == 2
    assert len(found.by_id()) == 10


def test_a_shared_gpu_has_a_size_that_is_told(tmp_path: Path) -> None:
    labels = {"namespace": "nlp", "pod": "p", "node": "n1", "resource": "nvidia_com_gpu_shared"}
    found = read("kube-gpu", tmp_path, series(labels, "1", "1"))
    assert len(found.rejected) == 2
    (one, _) = read(
        "kube-gpu", tmp_path, series(labels, "1", "1"), options={"shares_per_gpu": "4"}
    ).records
    assert one["gpus"] == Decimal("0.25")
    with pytest.raises(ConfigurationError):
        read("kube-gpu", tmp_path, options={"shares_per_gpu": "some"})


def test_queues_of_kueue(tmp_path: Path) -> None:
    queue = {
        "cluster_queue": "research",
        "cohort": "all",
        "flavor": "h100",
        "resource": "nvidia.com/gpu",
    }
    found = read(
        "kueue",
        tmp_path,
        series({**queue, "__name__": "kueue_cluster_queue_nominal_quota"}, "64", "64"),
        series({**queue, "__name__": "kueue_cluster_queue_resource_usage"}, "70", "0"),
        series({**queue, "__name__": "kueue_cluster_queue_resource_reservation"}, "72", "0"),
        series(
            {**queue, "__name__": "kueue_cluster_queue_resource_usage", "replica_role": "follower"},
            "70",
            "0",
        ),
        series(
            {**queue, "__name__": "kueue_cluster_queue_resource_usage", "resource": "cpu"},
            "70",
            "0",
        ),
        series({**queue, "__name__": "kueue_pending_workloads"}, "3", "0"),
    )
    quota, _, use, _, reserved, _ = found.records
    assert (quota["gpus_quota"], use["gpus"], reserved["gpus_requested"]) == (64, 70, 72)
    assert (use["ProjectId"], use["Attributes"]["cohort"]) == ("research", "all")
    assert found.skipped == 6


def test_a_local_queue_is_part_of_its_cluster_queue(tmp_path: Path) -> None:
    local = {
        "__name__": "kueue_local_queue_resource_usage",
        "name": "team-a",
        "namespace": "kueue-system",
        "exported_namespace": "a",
        "flavor": "h100",
        "resource": "nvidia.com/gpu",
    }
    (one, _) = read("kueue", tmp_path, series(local, "8", "8")).records
    assert (one["ProjectId"], one["Namespace"], one["gpus"]) == ("team-a", "a", 8)
    whole = {**local, "__name__": "kueue_cluster_queue_resource_usage", "cluster_queue": "q"}
    with pytest.raises(SourceError, match="tell the same use"):
        read("kueue", tmp_path, series(local, "8", "8"), series(whole, "8", "8"))
    with pytest.raises(SourceError, match="no metric of Kueue"):
        read("kueue", tmp_path, series({**local, "__name__": "up"}, "1", "1"))


def test_profiles_of_other_gpus() -> None:
    assert part_of_gpu("1g.24gb", "NVIDIA RTX PRO 6000 Blackwell") * 4 == 1
    assert part_of_gpu("2g.20gb", slices=4) * 2 == 1
    with pytest.raises(ValueError, match="more slices"):
        part_of_gpu("7g.80gb", "A30")
    with pytest.raises(ValueError, match="no MIG profile"):
        part_of_gpu("half")
