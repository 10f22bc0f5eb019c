"""Slurm: what each job was allocated, and how long it waited, from the accounting's `sacct`.

A job holds its GPUs, CPUs and memory from Start to End, whatever it does with them:
these are the levels `gpus`, `cpus`, `memory_gb`. What it asked for is `…_requested`.
With the option ``pending: "yes"`` the GPUs that it waited for, from the time it was eligible
until it began or was cancelled, are `gpus_pending`: a further record for each job that waited,
which makes a load take longer.

Shape: ``sacct -a -P -X -D --array --format=…`` with a header; columns are found by name
(docs/how-to/usage-from-slurm.md). Source: sacct(1) of Slurm 22.05 to 25.11 and its code.

Traps:

* Typed and untyped GPUs count the same GPUs (:mod:`apportion.sources.usage.slurm_tres`).
* Without ``-X`` steps repeat their job: rows whose id has a dot are skipped.
* A requeued or resized job has several rows of one id. Each is a run of its own, known by
  id, Submit (which a requeue sets anew) and Start.
* Elapsed is End - Start - Suspended. A job that was suspended counts with its mean level,
  so that its GPU hours are those that `sreport` counts. An export without Suspended says so
  by its ElapsedRaw alone.
* A job that never began (Start Unknown or None) held nothing.
* Times are the cluster's local ones (:mod:`apportion.sources.usage.slurm_times`).
"""

from __future__ import annotations

from collections.abc import Iterator

from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options
from apportion.sources.usage.slurm_file import read_blocks
from apportion.sources.usage.slurm_jobs import JobReader
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat

_OPTIONS = {"delimiter", "fields", "mps_per_gpu", "pending", "shards_per_gpu"}


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read an export of sacct; raises SourceError for what is none."""
    check_options(spec, _OPTIONS)
    jobs = JobReader(spec)
    for block in read_blocks(file, spec):
        yield from jobs.batches(block)


FORMAT = UsageFormat(
    "slurm",
    read,
    null_identity="every job has a user; an empty Account is a job that ran before accounts "
    "were enforced: it is unattributed, and its user tells whose it was",
)
