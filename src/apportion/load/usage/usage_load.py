"""What a load of usage tells: how many records were read, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from apportion.domain.finding import Finding
from apportion.domain.period import Period
from apportion.domain.snapshot import Snapshot
from apportion.load.report import State


@dataclass(frozen=True)
class UsagePeriod:
    """A month of a source of usage after a load.

    read = accepted + duplicate + superseded + conflict + rejected, of the records that
    begin in the month. A record that runs on from the month before counts there.
    """

    period: Period
    snapshot: str
    state: State
    read: int
    accepted: int
    duplicate: int = 0
    superseded: int = 0
    conflict: int = 0
    rejected: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class UsageLoad:
    """What a load did for one source of usage; `rows` were read now, in `seconds`."""

    source: str
    files_read: int
    files_known: int
    files_duplicate: int
    rows: int
    seconds: float
    periods: tuple[UsagePeriod, ...] = ()
    remarks: tuple[Finding, ...] = field(default=())

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that was found, each once, the gravest first."""
        every = [*self.remarks, *(one for period in self.periods for one in period.findings)]
        return tuple(sorted(dict.fromkeys(every), key=lambda found: found.level.rank))

    @property
    def set_aside(self) -> int:
        return sum(one.rejected + one.conflict for one in self.periods)


_CODES = {
    "duplicate": "usage-duplicate",
    "superseded": "usage-superseded",
    "conflict": "usage-conflict",
}


def usage_period(new: Snapshot, former: Snapshot | None) -> UsagePeriod:
    """What a snapshot of usage says of its records."""
    told = {name: _rows(new, code) for name, code in _CODES.items()}
    totals = [one for unit in new.units for one in unit.totals]
    read = sum(one.read_rows for one in totals)
    rejected = sum(one.quarantined_rows for one in totals)
    state = State.NEW if former is None else State.CHANGED
    if former is not None and former.id == new.id:
        state = State.UNCHANGED
    return UsagePeriod(
        period=new.period,
        snapshot=new.id,
        state=state,
        read=read,
        accepted=read - rejected - sum(told.values()),
        rejected=rejected,
        findings=(*new.findings, *(found for unit in new.units for found in unit.findings)),
        **told,
    )


def _rows(snapshot: Snapshot, code: str) -> int:
    found: Iterable[Finding] = (one for unit in snapshot.units for one in unit.findings)
    return sum(one.rows for one in found if one.code == code)
