"""The same cost twice: one content in two files or two sources, or two ways of telling it."""

from __future__ import annotations

from collections.abc import Collection

from apportion.domain.finding import Finding, Level
from apportion.domain.money import plain_text
from apportion.domain.snapshot import Snapshot, Unit
from apportion.errors import Place
from apportion.load.report import add_totals


def duplicate(name: str, first: str) -> Finding:
    """A file that is another one of its source, to the byte."""
    return Finding(
        "duplicate-file",
        Level.WARNING,
        f"the same content as {first}, to the byte: it counts once",
        Place(name),
        hint="remove one of the two",
    )


def counted_twice(name: str, source: str, other: str) -> Finding:
    """A file that another source counts too."""
    return Finding(
        "duplicate-in-sources",
        Level.WARNING,
        f"the same content, to the byte, as {other} of source {source}: it counts in both",
        Place(name),
        hint="take the file out of one of the two sources",
    )


def two_roads(held: Snapshot, roads: Collection[str]) -> tuple[Finding, ...]:
    """A warning where a month has files of several of a provider's `roads`, with what each brings.

    Each of them tells the whole cost in its own way, so that both count it.
    """
    by_road: dict[str, list[Unit]] = {}
    for unit in held.units:
        if unit.version in roads:
            by_road.setdefault(unit.version, []).append(unit)
    if len(by_road) < 2:
        return ()
    brought = " and ".join(f"{_money(by_road[name])} in {name}" for name in sorted(by_road))
    return (
        Finding(
            "two-roads",
            Level.WARNING,
            f"source {held.source}, {held.period}: files tell the cost in two ways, {brought}. "
            "Both count",
            hint="keep the files of one way, unless each holds only what the other lacks",
        ),
    )


def _money(units: Collection[Unit]) -> str:
    return ", ".join(
        f"{plain_text(one.loaded['BilledCost'])} {one.currency}" for one in add_totals(units)
    )
