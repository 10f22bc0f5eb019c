"""The formats of usage by the name that `format:` gives them; each is a file of this room.

Only the reader that is asked for is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from apportion.sources.usage.usage_format import UsageFormat

MODULES: Mapping[str, str] = {
    "anthropic-usage": "anthropic_usage",
    "csv": "table_of_usage",
    "openai-usage": "openai_usage",
    "slurm": "slurm",
    "opencost": "opencost",
    "slurm": "slurm",
    "dcgm": "dcgm",
    "kube-gpu": "kube_gpu",
    "kueue": "kueue",
    "openshift-pods": "openshift_pods",
    "openshift-gpus": "openshift_gpus",
    "openshift-storage": "openshift_storage",
    "openshift-nodes": "openshift_nodes",
    "cluster-hours": "cluster_hours",
    "cluster-quota": "cluster_quota",
    "databricks-usage": "databricks_usage",
}
"""The module of this room that holds a format, as its constant FORMAT."""


def usage_format(name: str) -> UsageFormat:
    """A format by its name; KeyError for an unknown one (the form of apportion.yaml checks it)."""
    module = import_module(f"apportion.sources.usage.{MODULES[name]}")
    found: UsageFormat = module.FORMAT
    return found
