"""GPUs and their like: by the type of a machine, or by their own name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from apportion.classify.tables import rows
from apportion.domain.cost_class import CostClass

KINDS = {
    "gpu": CostClass.GPU_COMPUTE,
    "tpu": CostClass.TPU_COMPUTE,
    "accelerator": CostClass.ACCELERATOR_COMPUTE,
}


@dataclass(frozen=True)
class Accelerator:
    """A model of GPU, TPU or other chip for AI, and its family."""

    name: str
    cost_class: CostClass
    family: str


@cache
def accelerator_named(text: str) -> Accelerator | None:
    """The accelerator that a text names; None where it names none that is known.

    >>> accelerator_named("Nvidia H100 80GB").family
    'NVIDIA Hopper'
    """
    lowered = text.lower().replace("_", " ")
    for pattern, found in _accelerators():
        if pattern.search(lowered):
            return found
    return None


@cache
def accelerators_of(machine: str) -> tuple[Accelerator, Fraction] | None:
    """Which accelerators a machine type has, and how many; None where it has none.

    >>> accelerators_of("p5.48xlarge")[1], accelerators_of("Standard_NV6ads_A10_v5")[1]
    (Fraction(8, 1), Fraction(1, 6))
    """
    name = machine.lower().replace(" ", "_").removeprefix("standard_").removeprefix("ml.")
    for pattern, accelerator, count in _machines():
        if pattern.fullmatch(name):
            return accelerator, count
    return None


@cache
def _accelerators() -> tuple[tuple[re.Pattern[str], Accelerator], ...]:
    return tuple(
        (
            re.compile(row["pattern"]),
            Accelerator(row["accelerator"], KINDS[row["kind"]], row["family"]),
        )
        for row in rows("accelerators")
    )


@cache
def _machines() -> tuple[tuple[re.Pattern[str], Accelerator, Fraction], ...]:
    by_name = {one.name: one for _, one in _accelerators()}
    return tuple(
        (re.compile(row["pattern"]), by_name[row["accelerator"]], Fraction(row["count"]))
        for row in rows("machines")
    )
