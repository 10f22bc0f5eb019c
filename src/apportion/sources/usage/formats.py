"""The formats of usage by the name that `format:` gives them; each is a file of this room.

Only the reader that is asked for is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from apportion.sources.usage.usage_format import UsageFormat

MODULES: Mapping[str, str] = {
    "anthropic-usage": "anthropic_usage",
    "azure-gateway": "azure_gateway",
    "azure-openai": "azure_openai",
    "bedrock-cur": "bedrock_cur",
    "bedrock-log": "bedrock_log",
    "cloudevents": "cloudevents",
    "cluster-hours": "cluster_hours",
    "cluster-quota": "cluster_quota",
    "csv": "table_of_usage",
    "databricks-usage": "databricks_usage",
    "dcgm": "dcgm",
    "feast": "feast",
    "helicone": "helicone",
    "kube-gpu": "kube_gpu",
    "kueue": "kueue",
    "langfuse": "langfuse",
    "litellm": "litellm",
    "mlflow": "mlflow",
    "openai-usage": "openai_usage",
    "opencost": "opencost",
    "openrouter": "openrouter",
    "openshift-gpus": "openshift_gpus",
    "openshift-nodes": "openshift_nodes",
    "openshift-pods": "openshift_pods",
    "openshift-storage": "openshift_storage",
    "otlp": "otlp",
    "portkey": "portkey",
    "prometheus": "prometheus_metrics",
    "slurm": "slurm",
    "vertex": "vertex",
    "vertex-billing": "vertex_billing",
}
"""The module of this room that holds a format, as its constant FORMAT."""


def usage_format(name: str) -> UsageFormat:
    """A format by its name; KeyError for an unknown one (the form of apportion.yaml checks it)."""
    module = import_module(f"apportion.sources.usage.{MODULES[name]}")
    found: UsageFormat = module.FORMAT
    return found
