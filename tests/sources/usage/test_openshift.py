"""OpenShift's hourly reports: pods, GPUs, volumes and nodes."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from apportion.errors import SourceError
from usage_readers import SHARED, Reading, at, read_file, read_text

HOUR = {
    "interval_start": "2026-10-01 00:00:00 +0000 UTC",
    "interval_end": "2026-10-01 00:59:59 +0000 UTC",
}
POD = {
    **HOUR,
    "pod": "train-0",
    "namespace": "nlp",
    "node": "n1",
    "resource_id": "i-1",
    "pod_usage_cpu_core_seconds": "7200",
    "pod_request_cpu_core_seconds": "3600",
    "pod_usage_memory_byte_seconds": "1800000000000",
    "pod_request_memory_byte_seconds": "7.2e12",
    "node_capacity_cpu_core_seconds": "46800",
    "pod_labels": "label_team:nlp|label_url:http://x|label_empty:",
}
GPU = {
    **HOUR,
    "node": "n1",
    "namespace": "nlp",
    "pod": "train-0",
    "gpu_uuid": "GPU-1",
    "gpu_model_name": "NVIDIA A100-SXM4-80GB",
    "gpu_vendor_name": "nvidia_com_gpu",
    "gpu_pod_uptime": "900",
    "mig_instance_id": "",
    "mig_profile": "",
    "mig_strategy": "",
}
CLAIM = {
    **HOUR,
    "namespace": "nlp",
    "pod": "train-0",
    "node": "n1",
    "persistentvolumeclaim": "data",
    "persistentvolume": "pv-1",
    "storageclass": "fast",
    "persistentvolumeclaim_capacity_byte_seconds": "360000000000000.0",
    "persistentvolume_labels": "",
    "persistentvolumeclaim_labels": "label_team:nlp",
}


def read(report: str, folder: Path, *rows: dict[str, str]) -> Reading:
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    return read_text(f"openshift-{report}", folder, "\n".join(lines) + "\n")


def test_a_pod_is_charged_for_the_larger_of_request_and_use(tmp_path: Path) -> None:
    pod, node = read("pods", tmp_path, POD).records
    assert (pod["UsageStart"], pod["UsageEnd"]) == (at("2026-10-01T00:00"), at("2026-10-01T01:00"))
    assert (pod["cpus"], pod["cpus_requested"], pod["cpus_used"]) == (2, 1, 2)
    memory = ("memory_gb", "memory_gb_requested", "memory_gb_used")
    assert [pod[name] for name in memory] == [2, 2, Decimal("0.5")]
    assert (pod["Namespace"], pod["RunId"], pod["ResourceId"]) == ("nlp", "train-0", "n1")
    assert pod["Attributes"] == {"team": "nlp", "url": "http://x", "empty": ""}
    assert (node["cpus_capacity"], node["ResourceId"]) == (13, "n1")
    assert "Namespace" not in node


def test_the_capacity_of_a_node_counts_once(tmp_path: Path) -> None:
    found = read(
        "pods", tmp_path, POD, {**POD, "pod": "train-1"}, {**POD, "pod": "x", "node": "n2"}
    )
    assert sum(one.get("cpus_capacity", 0) for one in found.records) == 26
    assert len(found.by_id()) == 5


def test_what_a_pod_did_not_ask_for_is_not_zero(tmp_path: Path) -> None:
    (pod, _) = read("pods", tmp_path, {**POD, "pod_request_cpu_core_seconds": ""}).records
    assert "cpus_requested" not in pod
    assert pod["cpus"] == 2


def test_a_gpu_is_held_for_a_part_of_the_hour(tmp_path: Path) -> None:
    (one,) = read("gpus", tmp_path, GPU).records
    assert (one["gpus"], one["gpus_requested"]) == (Decimal("0.25"), Decimal("0.25"))
    assert (one["Namespace"], one["RunId"], one["ResourceId"]) == ("nlp", "train-0", "GPU-1")
    assert one["Attributes"]["gpu_model"] == "NVIDIA A100-SXM4-80GB"


@pytest.mark.parametrize(
    ("given", "share"),
    [
        ({"mig_profile": "3g.40gb"}, Fraction(3, 7)),
        ({"mig_profile": "1g.6gb", "gpu_model_name": "A30"}, Fraction(1, 4)),
        ({"mig_profile": "2g.20gb", "gpu_max_slices": "4"}, Fraction(1, 2)),
    ],
)
def test_an_instance_is_its_slices(tmp_path: Path, given: dict[str, str], share: Fraction) -> None:
    row = {**GPU, "gpu_pod_uptime": "3600", "mig_instance_id": "3", **given}
    other = {**row, "mig_instance_id": "4"}
    found = read("gpus", tmp_path, row, other)
    assert len(found.by_id()) == 2
    assert found.records[0]["gpus"] == round(Decimal(share.numerator) / share.denominator, 12)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"gpu_pod_uptime": "4000"}, "seconds of an interval of 3600"),
        ({"gpu_pod_uptime": "NaN"}, "is no number"),
        ({"gpu_pod_uptime": ""}, "is empty"),
        ({"mig_profile": "half"}, "no MIG profile"),
        ({"interval_start": "yesterday"}, "yesterday"),
        ({"interval_end": "2026-09-30 00:59:59 +0000 UTC"}, "ends before it begins"),
    ],
)
def test_what_cannot_be_is_rejected(tmp_path: Path, given: dict[str, str], reason: str) -> None:
    found = read("gpus", tmp_path, {**GPU, **given}, {**GPU, "pod": "good"})
    assert len(found.records) == 1
    (one,) = found.rejected
    assert one.line == 2
    assert reason in one.reason


def test_a_claim_that_two_pods_mount_counts_once(tmp_path: Path) -> None:
    found = read("storage", tmp_path, CLAIM, {**CLAIM, "pod": "train-1"})
    (one,) = found.records
    assert (one["storage_gb"], found.skipped) == (100, 1)
    assert (one["ResourceId"], one["Attributes"]) == (
        "data",
        {"storage_class": "fast", "team": "nlp"},
    )
    assert "RunId" not in one


def test_gpus_of_nodes(tmp_path: Path) -> None:
    def node(labels: str) -> dict[str, str]:
        return {**HOUR, "node": labels, "node_labels": labels}

    found = read(
        "nodes",
        tmp_path,
        node("label_nvidia_com_gpu_count:8|label_nvidia_com_gpu_product:NVIDIA-H100"),
        node("label_nvidia_com_gpu_count:14|label_nvidia_com_gpu_product:NVIDIA-A100-MIG-1g.5gb"),
        node("label_nvidia_com_gpu_count:many"),
        node("label_zone:a"),
    )
    assert [one["gpus_capacity"] for one in found.records] == [8, 2]
    assert (len(found.rejected), found.skipped) == (1, 1)


def test_another_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no report of GPUs"):
        read("gpus", tmp_path, POD)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared samples aren't on this machine")
@pytest.mark.parametrize(("report", "records"), [("pods", 506), ("gpus", 500), ("storage", 500)])
def test_a_generated_cluster(report: str, records: int) -> None:
    name = {"pods": "pod_usage", "gpus": "gpu_usage", "storage": "storage_usage"}[report]
    found = read_file(
        f"openshift-{report}", SHARED / "ocp" / f"October-2026-ai-cluster-1-ocp_{name}.csv"
    )
    assert (len(found.records), len(found.by_id()), found.rejected) == (records, records, [])
