"""Reconcile: a run's proofs beside the outside totals and what has been acknowledged since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.domain.result import Proof, Run
from apportion.domain.snapshot import Acknowledgement, Snapshot, SnapshotKind
from apportion.model.project import Control, Project
from apportion.run.uncarried import Uncarried, uncarried
from apportion.store.books import Books


@dataclass(frozen=True)
class SetAside:
    """Rows of a source that are in quarantine, and who accepted that, if anybody did."""

    source: str
    rows: int
    acknowledged: tuple[Acknowledgement, ...]


@dataclass(frozen=True)
class Doubts:
    """What a source's files say only together and leaves open whether they are the bill, and
    who accepted that, if anybody did.
    """

    source: str
    findings: tuple[Finding, ...]
    acknowledged: tuple[Acknowledgement, ...]


@dataclass(frozen=True)
class Reconciliation:
    """The proofs of a period as they stand now.

    `stale` says that a newer snapshot was loaded after the run. `uncarried` is
    what the run's statements can't show, since its cost basis isn't in the bill:
    the proof can't be complete then. Nor can that of a source with `doubts` that
    nobody acknowledged.
    """

    run: Run
    proofs: tuple[Proof, ...]
    stale: bool
    aside: tuple[SetAside, ...] = ()
    uncarried: tuple[Uncarried, ...] = ()
    findings: tuple[Finding, ...] = ()
    doubts: tuple[Doubts, ...] = ()

    @property
    def ok(self) -> bool:
        return bool(self.proofs) and all(proof.ok for proof in self.proofs) and not self._errors

    @property
    def complete(self) -> bool:
        return all(proof.complete for proof in self.proofs) and not (self.uncarried or self.open)

    @property
    def open(self) -> tuple[Doubts, ...]:
        """The doubts that nobody has acknowledged."""
        return tuple(one for one in self.doubts if not one.acknowledged)

    def is_complete(self, proof: Proof) -> bool:
        """Whether a proof is complete, and nothing is open about its source."""
        return proof.complete and all(one.source != proof.source for one in self.open)

    @property
    def _errors(self) -> bool:
        return any(finding.level is Level.ERROR for finding in self.findings)


def reconcile(project: Project, books: Books, run: Run) -> Reconciliation:
    """Lay controls and acknowledgements beside the proofs of a run.

    A control without a proof to hold it against (a period that a source has no
    charges for) is a finding, and the reconciliation isn't ok.
    """
    bills = books.of_kind(run.snapshots, SnapshotKind.CHARGES)
    held = tuple(books.snapshot(snapshot, quarantined=False) for snapshot in bills)
    accepted = {a.snapshot for a in books.acknowledgements(run.snapshots)}
    settled = {
        snapshot.source
        for snapshot in held
        if all(other.id in accepted for other in held if other.source == snapshot.source)
    }
    controls = _controls(project, run)
    proofs = tuple(
        replace(
            proof,
            control=controls.pop((proof.source, proof.currency, proof.basis), None),
            acknowledged=proof.source in settled,
        )
        for proof in run.proofs
    )
    lacking = tuple(uncarried(held, run.basis))
    doubts = tuple(_doubts(held, books))
    findings = (
        *(found for one in doubts if not one.acknowledged for found in one.findings),
        *_unmet(controls, project, run),
        *(one.finding() for one in lacking),
        *silent_sources(project, run.period, held),
    )
    stale = is_stale(books, run)
    return Reconciliation(run, proofs, stale, _aside(held, books), lacking, findings, doubts)


def silent_sources(
    project: Project, period: Period, held: Iterable[Snapshot]
) -> tuple[Finding, ...]:
    """A note for each source of the project that brings nothing for a period."""
    heard = {snapshot.source for snapshot in held}
    return tuple(
        Finding(
            "source-without-charges",
            Level.NOTE,
            f"source {source.name} brings no charges for {period}",
            source.place,
            hint=f"`apportion load --source {source.name}`, unless it has none in this month",
        )
        for source in project.sources.values()
        if source.name not in heard
    )


def is_stale(books: Books, run: Run) -> bool:
    """Whether other bills or usage are current than those that the run was made on."""
    for kind in SnapshotKind:
        held = books.of_kind(run.snapshots, kind)
        if kind is SnapshotKind.USAGE and not held:
            continue
        now = books.current(period=run.period, quarantined=False, kind=kind)
        if {snapshot.id for snapshot in now} != set(held):
            return True
    return False


def _aside(held: Iterable[Snapshot], books: Books) -> tuple[SetAside, ...]:
    found: list[SetAside] = []
    for snapshot in held:
        totals = (one for unit in snapshot.units for one in unit.totals)
        rows = sum(one.quarantined_rows for one in totals)
        if rows:
            accepted = books.acknowledgements([snapshot.id])
            found.append(SetAside(snapshot.source, rows, tuple(accepted)))
    return tuple(found)


def _doubts(held: Iterable[Snapshot], books: Books) -> Iterable[Doubts]:
    for snapshot in held:
        if snapshot.findings:
            accepted = books.acknowledgements([snapshot.id])
            yield Doubts(snapshot.source, snapshot.findings, tuple(accepted))


def _controls(project: Project, run: Run) -> dict[tuple[str, str, str], Decimal]:
    found: dict[tuple[str, str, str], Decimal] = {}
    for source in project.sources.values():
        for control in source.control:
            if control.period == str(run.period):
                key = (source.name, control.currency, control.basis)
                found[key] = found.get(key, Decimal(0)) + control.amount
    return found


def _unmet(
    controls: dict[tuple[str, str, str], Decimal], project: Project, run: Run
) -> Iterable[Finding]:
    for (source, currency, basis), amount in sorted(controls.items()):
        place = next(iter(_places(project, source, str(run.period))), None)
        yield Finding(
            "control-unmet",
            Level.ERROR,
            f"source {source} should have {basis} of {amount} {currency} in {run.period}, "
            "but nothing was loaded that it could be held against",
            place.place if place else None,
            "load the bill, or correct the control",
        )


def _places(project: Project, source: str, period: str) -> Iterable[Control]:
    return [c for c in project.sources[source].control if c.period == period]
