"""What a source's units make of its billing periods: new snapshots, changed ones, and the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.domain.snapshot import Snapshot, Unit
from apportion.load.identity import snapshot_id
from apportion.load.report import PeriodLoad, State, add_totals, change_between


def draw_snapshots(source: str, units: Iterable[Unit]) -> tuple[Snapshot, ...]:
    """A snapshot of each period that the units hold, in the order of periods."""
    by_period: dict[Period, dict[str, Unit]] = defaultdict(dict)
    for unit in units:
        by_period[unit.period][unit.id] = unit
    at = datetime.now(UTC)
    return tuple(
        Snapshot(snapshot_id(source, period, held), source, period, tuple(held.values()), at)
        for period, held in sorted(by_period.items())
    )


def emptied(
    source: str,
    former: Mapping[Period, Snapshot],
    snapshots: Iterable[Snapshot],
    files: Collection[str],
) -> tuple[Snapshot, ...]:
    """Empty snapshots of the periods that files held before, and hold no longer.

    For registers, whose files say what holds for all months: a life that was
    shortened takes months away. Where a file itself is gone, its months stay.
    """
    brought = {new.period for new in snapshots}
    at = datetime.now(UTC)
    return tuple(
        Snapshot(snapshot_id(source, period, ()), source, period, (), at)
        for period, held in sorted(former.items())
        if period not in brought and all(unit.input in files for unit in held.units)
    )


def is_same(new: Snapshot, former: Snapshot | None) -> bool:
    """Whether a period holds what it held before."""
    return former is not None and former.id == new.id


def report_period(new: Snapshot, former: Snapshot | None) -> PeriodLoad:
    """What a load made of one period."""
    totals = add_totals(new.units)
    state, change = State.CHANGED, {}
    if former is None:
        state = State.NEW
    elif is_same(new, former):
        state = State.UNCHANGED
    else:
        change = change_between(add_totals(former.units), totals)
    findings = (*new.findings, *(found for unit in new.units for found in unit.findings))
    return PeriodLoad(new.period, new.id, state, totals, change, findings)


def final_changed(
    source: str,
    changed: Iterable[Snapshot],
    former: Mapping[Period, Snapshot],
    finals: Collection[Period],
    until: str,
) -> tuple[Finding, ...]:
    """A warning of the periods that were declared final and hold something else now."""
    moved = sorted(
        new.period
        for new in changed
        if new.period in former and (new.period in finals or str(new.period) <= until)
    )
    if not moved:
        return ()
    return (
        Finding(
            "final-changed",
            Level.WARNING,
            f"source {source}: {', '.join(map(str, moved))} was declared final, "
            "and this load changed it",
            hint="see what moved above; if the month is open after all, `apportion final --not` "
            "(or `final_until`) says so",
        ),
    )


def left_behind(
    source: str, former: Mapping[Period, Snapshot], snapshots: Iterable[Snapshot]
) -> tuple[Finding, ...]:
    """A note of the periods that no file holds any more; what was loaded for them stays."""
    gone = sorted(set(former) - {new.period for new in snapshots})
    if not gone:
        return ()
    return (
        Finding(
            "period-without-file",
            Level.NOTE,
            f"source {source}: no file holds {', '.join(map(str, gone))} any more; "
            "what was loaded for it stays",
            hint="nothing to do, if these months are settled",
        ),
    )
