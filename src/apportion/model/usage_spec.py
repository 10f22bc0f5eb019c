"""A source of usage, as apportion.yaml declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from apportion.errors import Place
from apportion.model.pull_spec import PullSpec

USAGE_FORMATS = (
    "anthropic-usage",
    "azure-gateway",
    "azure-openai",
    "bedrock-cur",
    "bedrock-log",
    "cloudevents",
    "cluster-hours",
    "cluster-quota",
    "csv",
    "databricks-usage",
    "dcgm",
    "feast",
    "helicone",
    "kube-gpu",
    "kueue",
    "langfuse",
    "litellm",
    "mlflow",
    "openai-usage",
    "opencost",
    "openrouter",
    "openshift-gpus",
    "openshift-nodes",
    "openshift-pods",
    "openshift-storage",
    "otlp",
    "portkey",
    "prometheus",
    "slurm",
    "vertex",
    "vertex-billing",
)
"""Usage formats, by name; each is a file of the room `sources/usage`."""


@dataclass(frozen=True)
class UsageSpec:
    """Usage to load: its format, where its files lie, and what is known of it.

    `timezone` is that of times that don't name theirs (a cluster's local time), by its
    name in the time zone database; UTC when empty. `columns` says, for tables, which
    column of the file is which of ours. `table` is the table of a database that `path`
    is the address of. `pull` says how `apportion pull` fetches it.
    """

    name: str
    format: str
    path: str
    place: Place
    timezone: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    pull: PullSpec | None = None
