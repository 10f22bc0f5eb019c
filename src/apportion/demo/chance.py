"""Chance that repeats: the same seed and subject always give the same numbers."""

from __future__ import annotations

from random import Random


def chance(seed: int, *subject: object) -> Random:
    """Numbers for one subject, independent of those for any other.

    >>> chance(1, "late", "2026-10").random() == chance(1, "late", "2026-10").random()
    True
    """
    return Random(":".join(map(str, (seed, *subject))))  # noqa: S311 (nothing here is secret)
