"""Damage in the lake: what a load finds lost or changed, and what it can't mend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.domain.snapshot import LakeFile, Snapshot, Unit
from apportion.errors import Place
from apportion.store.lake import Lake


def damages(lake: Lake, units: Iterable[Unit]) -> list[Finding]:
    """A note for each file of some units that is lost or damaged; their bill is read anew."""
    return [
        Finding(
            "lake-mended",
            Level.NOTE,
            f"{why}; {unit.input} was read anew, and the file is sound again",
            Place(str(lake.path(file))),
            hint="see what removes or changes files of the lake: nothing but apportion should",
        )
        for unit, file, why in _damaged(lake, units)
    ]


def beyond_mending(
    lake: Lake, former: Mapping[Period, Snapshot], snapshots: Iterable[Snapshot]
) -> list[Finding]:
    """An error for each damaged file of a period that no bill holds any more."""
    gone = sorted(set(former) - {new.period for new in snapshots})
    return [
        Finding(
            "lake-damaged",
            Level.ERROR,
            f"{why}, and {unit.input}, the bill of {unit.period} that it came from, is gone",
            Place(str(lake.path(file))),
            hint=f"put {unit.input} back and load again",
        )
        for period in gone
        for unit, file, why in _damaged(lake, former[period].units)
    ]


def _damaged(lake: Lake, units: Iterable[Unit]) -> Iterable[tuple[Unit, LakeFile, str]]:
    found = ((unit, file, lake.damage(file)) for unit in units for file in unit.files)
    return [(unit, file, why) for unit, file, why in found if why]
