"""What a Slurm job was allocated, from the text of its trackable resources (TRES).

``billing=128,cpu=64,gres/gpu:a100=8,gres/gpu=8,mem=512G,node=1``: the untyped ``gres/gpu``
counts all GPUs, and a type counts those of it *again*. They are never added: types are
taken, and of the untyped count only what no type accounts for (a site may track some
types and not others). A type that is a MIG profile counts by its compute slices.

A *shard* or an *MPS* unit is a part of a GPU whose size only the site's configuration
knows: it is told by the options `shards_per_gpu` and `mps_per_gpu`, and never guessed.

Source: slurm.conf(5), AccountingStorageTRES; sacct(1) of Slurm 22.05 and 25.11; units are
Slurm's own (1 K = 1024), memory without one is in MiB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from apportion.sources.usage.mig import is_mig, part_of_gpu
from apportion.sources.usage.usage_texts import number

_UNITS = {unit: 1024**power for power, unit in enumerate("KMGTPE", start=1)}
_GB = 10**9

PARTS = ("shard", "mps")
"""Generic resources that are parts of a GPU, of a size that the site sets."""

NONE_SAID = 2**63
"""From here on a count is Slurm's own mark of "not set" (NO_VAL64)."""


@dataclass(frozen=True)
class Tres:
    """Resources of a job. What the text doesn't name is None; memory is in GB (10^9 bytes)."""

    gpus: Fraction | None = None
    cpus: Fraction | None = None
    memory_gb: Fraction | None = None
    gpu_type: str = ""


def read_tres(text: str, per_gpu: Mapping[str, int]) -> Tres:
    """Read a text of TRES; `per_gpu` says how many shards, or MPS units, make a GPU.

    Raises ValueError that says what can't be read.

    >>> read_tres("cpu=64,gres/gpu:a100=8,gres/gpu=8,mem=1G,node=1", {})
    Tres(gpus=Fraction(8, 1), cpus=Fraction(64, 1), memory_gb=Fraction(2097152, 1953125), \
gpu_type='a100')
    """
    counts = dict(_pairs(text))
    cpus, memory = counts.get("cpu"), counts.get("mem")
    gpus, kinds = _gpus(counts, per_gpu)
    return Tres(
        gpus=gpus,
        cpus=cpus,
        memory_gb=None if memory is None else memory / _GB,
        gpu_type="+".join(sorted(kinds)),
    )


def _pairs(text: str) -> list[tuple[str, Fraction]]:
    found = []
    for part in filter(None, text.split(",")):
        name, sign, value = part.partition("=")
        if not sign:
            raise ValueError(f"{part!r} is no resource with a count")
        if name in {"mem", "cpu"} or name.startswith("gres/"):
            found.append((name, _count(value, _UNITS["M"] if name == "mem" else 1)))
    return found


def _count(text: str, plain: int) -> Fraction:
    """A count with Slurm's suffix; `plain` is what one without a suffix is worth."""
    unit = text[-1:].upper()
    value = number(text[:-1] if unit in _UNITS else text)
    return Fraction(value) * (_UNITS.get(unit) or plain)


def _gpus(
    counts: Mapping[str, Fraction], per_gpu: Mapping[str, int]
) -> tuple[Fraction | None, list[str]]:
    whole = counts.get("gres/gpu")
    kinds = {
        name.removeprefix("gres/gpu:"): count
        for name, count in counts.items()
        if name.startswith("gres/gpu:") and count
    }
    parts = _parts(counts, per_gpu)
    if whole is None and not kinds and parts is None:
        return None, []
    typed = sum(
        (count * (part_of_gpu(kind) if is_mig(kind) else 1) for kind, count in kinds.items()),
        Fraction(0),
    )
    untyped = max((whole or Fraction(0)) - sum(kinds.values()), Fraction(0))
    return typed + untyped + (parts or 0), list(kinds)


def _parts(counts: Mapping[str, Fraction], per_gpu: Mapping[str, int]) -> Fraction | None:
    found = None
    for kind in PARTS:
        count = counts.get(f"gres/{kind}")
        if not count:
            continue
        if kind not in per_gpu:
            raise ValueError(f"gres/{kind}={count}: how many of them make a GPU isn't known")
        found = (found or Fraction(0)) + count / per_gpu[kind]
    return found
