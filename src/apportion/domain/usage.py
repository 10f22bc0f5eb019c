"""Usage: who used how much of what, and when. The quantities that split shared cost.

One record is one event as its source reports it: a request, a bucket of requests, a
job, a pod's hour. It says *who* in raw identities (a key, a project, a namespace …),
*what* in a few descriptions (provider, model, outcome), and *how much* by meters.
Meters are of two kinds:

* a **count** adds up: tokens, requests, bytes. The classes of tokens are disjoint, so
  that their sum is what was processed; `reasoning_tokens` alone are part of
  `output_tokens`, and are information.
* a **level** holds between the start and the end of the record: 8 GPUs for two hours.
  It becomes a quantity by the time that it holds, so that a job which runs over the
  end of a month, or the change of the clock, is cut there to the second. The quantity
  of the level `gpus` is called `gpu_hours`.

Times are UTC. Names of columns follow FOCUS (``ProviderName``), names of meters are
small, since they are also the names of drivers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

USAGE_ID = "UsageId"
USAGE_START = "UsageStart"
USAGE_END = "UsageEnd"
ATTRIBUTES = "Attributes"

IDENTITIES = (
    "RunId",
    "ApiKeyId",
    "ServiceAccountId",
    "UserId",
    "Namespace",
    "ServiceName",
    "ProjectId",
    "WorkspaceId",
    "AccountId",
    "TeamLabel",
)
"""Who used it, in the source's own terms, from the most specific to the widest.

`RunId` is a job or run, `ServiceName` a service or deployment, `AccountId` a cluster's or a
cloud's account, `TeamLabel` what the source itself calls a team.
"""

DESCRIPTIONS = (
    "ProviderName",
    "ModelId",
    "ServiceTier",
    "ContextWindow",
    "RegionId",
    "ResourceId",
    "Operation",
    "Status",
)
"""What was used. `ServiceTier` is standard, batch, flex, priority …; `ResourceId` a node, a GPU
or a feature view; `Status` one of :data:`STATUSES`."""

STATUSES = ("", "success", "failed", "cancelled", "preempted", "running")
"""How it ended; empty where the source doesn't say."""

LOST = ("failed", "cancelled", "preempted")
"""Outcomes whose cost is shown as lost."""


@dataclass(frozen=True)
class Meter:
    """What is measured, by its name and unit. A level's `quantity` is the meter of its time."""

    name: str
    unit: str
    quantity: str = ""

    @property
    def is_level(self) -> bool:
        return self.quantity != ""

    @property
    def sql_type(self) -> str:
        """The type of its column in Parquet: whole numbers for tokens and requests."""
        whole = self.unit in {"tokens", "requests"} and not self.is_level
        return "BIGINT" if whole else "DECIMAL(28, 12)"


def _counts(unit: str, *names: str) -> tuple[Meter, ...]:
    return tuple(Meter(name, unit) for name in names)


INPUT_TOKENS = (
    "uncached_input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "input_audio_tokens",
    "cache_read_audio_tokens",
    "input_image_tokens",
)
"""Disjoint classes; their sum is the size of the prompt, on which tiers of prices depend."""

OUTPUT_TOKENS = ("output_tokens", "output_audio_tokens", "output_image_tokens")
"""Disjoint classes; `output_tokens` include reasoning."""

COUNTS = (
    *_counts("tokens", *INPUT_TOKENS, *OUTPUT_TOKENS, "reasoning_tokens"),
    *_counts("requests", "requests", "failed_requests", "web_searches", "code_sessions"),
    *_counts("items", "items", "feature_reads", "epochs", "steps"),
    *_counts("bytes", "bytes_in", "bytes_out"),
    *_counts("seconds", "busy_seconds"),
    *_counts("Wh", "energy_wh"),
)

LEVELS = (
    Meter("gpus", "GPU hours", "gpu_hours"),
    Meter("gpus_requested", "GPU hours", "gpu_hours_requested"),
    Meter("gpus_used", "GPU hours", "gpu_hours_used"),
    Meter("gpus_max", "GPU hours", "gpu_hours_max"),
    Meter("gpus_quota", "GPU hours", "gpu_hours_quota"),
    Meter("gpus_capacity", "GPU hours", "gpu_hours_capacity"),
    Meter("gpus_pending", "GPU hours", "gpu_hours_pending"),
    Meter("cpus", "CPU hours", "cpu_hours"),
    Meter("cpus_requested", "CPU hours", "cpu_hours_requested"),
    Meter("cpus_used", "CPU hours", "cpu_hours_used"),
    Meter("cpus_capacity", "CPU hours", "cpu_hours_capacity"),
    Meter("memory_gb", "GB hours", "memory_gb_hours"),
    Meter("memory_gb_requested", "GB hours", "memory_gb_hours_requested"),
    Meter("memory_gb_used", "GB hours", "memory_gb_hours_used"),
    Meter("storage_gb", "GB hours", "storage_gb_hours"),
)
"""`gpus` are those allocated; `gpus_max` are the more of those requested and those used, record
by record, where a source tells both. A fractional GPU is a part of one; a MIG slice is its compute
slices out of seven.
"""

METERS: Mapping[str, Meter] = {meter.name: meter for meter in (*COUNTS, *LEVELS)}
"""Meters that have a column of their own, by name."""

QUANTITIES: Mapping[str, Meter] = {
    (meter.quantity or meter.name): meter for meter in METERS.values()
}
"""What a driver may name: counts by their name, levels by that of their quantity."""

OWN_METER = ("Meter", "Quantity", "Unit")
"""Columns of a record with a meter of the user's own: its name, a count, and its unit."""
