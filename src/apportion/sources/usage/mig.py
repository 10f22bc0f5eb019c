"""How much of a GPU a slice of it is: the compute slices of a MIG instance out of all.

NVIDIA cuts a GPU into *instances*; `3g.40gb` has three compute slices and 40 GB. What is
charged is the share of the compute slices, 3/7 on most models. The share of the memory
may be larger (`1g.20gb` of 80 GB: a seventh of the compute, a fourth of the memory); compute
is what this project goes by, everywhere and in print, as Red Hat's cost management does.
An H100 cut into 3g + 3g adds up to 6/7: the last slice can't be used, and is idle.

Source: NVIDIA's MIG User Guide (supported GPUs and profiles), and koku's `mig-gpu-support`.
"""

from __future__ import annotations

import re
from fractions import Fraction

_PROFILE = re.compile(r"(?:^|[^0-9a-z])([1-7])g[._](\d+)gb", re.ASCII | re.IGNORECASE)

_SLICES = (("A30", 4), ("RTX PRO 6000", 4), ("RTX PRO 5000", 2))
"""Compute slices of the models that don't have seven, by a part of their name."""

_A30 = {(1, 6), (2, 12), (4, 24)}
"""Profiles that only the A30 has, where the model isn't told."""

SEVEN = 7


def is_mig(text: str) -> bool:
    """Whether a type, profile or resource names a slice of a GPU.

    >>> is_mig("1g.10gb"), is_mig("nvidia_com_mig_3g_40gb"), is_mig("a100")
    (True, True, False)
    """
    return _PROFILE.search(text) is not None


def part_of_gpu(profile: str, model: str = "", slices: int | None = None) -> Fraction:
    """The share of a GPU that a profile is; `slices` are those of the whole GPU, if told.

    Raises ValueError for what is no profile, and for one that its GPU can't have.

    >>> part_of_gpu("1g.10gb"), part_of_gpu("a100_3g.20gb"), part_of_gpu("nvidia.com/mig-7g.80gb")
    (Fraction(1, 7), Fraction(3, 7), Fraction(1, 1))
    >>> part_of_gpu("2g.12gb"), part_of_gpu("1g.6gb+me", "NVIDIA A30")
    (Fraction(1, 2), Fraction(1, 4))
    """
    found = _PROFILE.search(profile)
    if found is None:
        raise ValueError(f"{profile!r} is no MIG profile such as 1g.10gb")
    taken, memory = int(found[1]), int(found[2])
    whole = slices or _slices_of(model, (taken, memory))
    if taken > whole:
        raise ValueError(f"{profile!r} has more slices than the {whole} of its GPU")
    return Fraction(taken, whole)


def _slices_of(model: str, profile: tuple[int, int]) -> int:
    plain = re.sub(r"[^0-9A-Za-z]+", " ", model).upper()
    for name, slices in _SLICES:
        if re.search(rf"\b{name}\b", plain):
            return slices
    return 4 if not plain and profile in _A30 else SEVEN
