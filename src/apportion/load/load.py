"""Load bills: from files to the current snapshots of each source and billing period.

A source is loaded as a whole or not at all. What is folded lies in the lake
without being current; one transaction of the books makes it so. A killed load
therefore leaves nothing to be seen, and the same load again finds its work done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic

from apportion.domain.charge import KEY_COLUMNS
from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.domain.snapshot import Snapshot, Unit
from apportion.errors import Place, UsageError
from apportion.load.content import digest
from apportion.load.identity import config_digest, snapshot_id
from apportion.load.intake import Intake
from apportion.load.overlap import find_overlaps
from apportion.load.report import (
    PeriodLoad,
    Progress,
    SourceLoad,
    State,
    add_totals,
    change_between,
)
from apportion.load.workbench import Workbench
from apportion.model.project import Project, SourceSpec
from apportion.sources.files import InputFile, find_files
from apportion.store.books import Books
from apportion.store.lake import Lake

Tell = Callable[[Progress], None]


def load(
    project: Project,
    books: Books,
    lake: Lake,
    *,
    visible: frozenset[str] = frozenset(),
    sources: Sequence[str] | None = None,
    actor: str = "",
    progress: Tell | None = None,
) -> tuple[SourceLoad, ...]:
    """Load the bills of all sources, or of those named, and say what that brought.

    `visible` are the ``x_`` columns that the model's conditions name; they
    become part of the charge keys. Loading the same again changes nothing; a
    file that was folded before isn't read. Each source is committed by itself:
    when one fails, those before it stay loaded.

    Raises SourceError for a file that can't be read as a whole, LoadConflict
    where another load of the same period was first, UsageError for a source
    that the project doesn't have.
    """
    wanted = list(project.sources) if sources is None else list(dict.fromkeys(sources))
    for name in wanted:
        if name not in project.sources:
            raise UsageError(
                f"no source is called {name!r}",
                hint=f"the project has {', '.join(project.sources) or 'none'}",
            )
    return tuple(
        _load_source(project, books, lake, project.sources[name], visible, actor, progress)
        for name in wanted
    )


@dataclass
class _Course:
    """What happens to the files of one source, noted as it happens."""

    source: str
    files: int
    tell: Tell | None
    began: float = field(default_factory=monotonic)
    rows: int = 0
    read: int = 0
    known: int = 0
    duplicate: int = 0
    findings: list[Finding] = field(default_factory=list)

    def note(self, file: str, step: str, number: int, share: float) -> None:
        if self.tell:
            seconds = monotonic() - self.began
            self.tell(
                Progress(self.source, file, step, number, self.files, share, self.rows, seconds)
            )


def _load_source(
    project: Project,
    books: Books,
    lake: Lake,
    spec: SourceSpec,
    visible: frozenset[str],
    actor: str,
    tell: Tell | None,
) -> SourceLoad:
    seen = books.seen(spec.name)
    files = find_files(spec, project.root)
    extra = tuple(sorted({*visible, *spec.keys} - {*KEY_COLUMNS, "Tags"}))
    config = config_digest(spec, extra, project.currency)
    course = _Course(spec.name, len(files), tell)
    with lake.staging() as folder, Workbench(folder) as bench:
        intake = Intake(bench, lake, folder, spec, extra, config, project.currency)
        units = _take_all(books, lake, intake, files, course)
        former = {snapshot.period: snapshot for snapshot in books.current(spec.name)}
        snapshots = _snapshots(spec.name, units)
        changed = [new for new in snapshots if not _same(new, former.get(new.period))]
        overlaps = {new.period: find_overlaps(bench, lake, new.units) for new in changed}
        books.commit_load(spec.name, changed, seen, actor)
    course.findings += _left_behind(spec.name, former, snapshots)
    return SourceLoad(
        source=spec.name,
        files_read=course.read,
        files_known=course.known,
        files_duplicate=course.duplicate,
        periods=tuple(
            _period_load(new, former.get(new.period), overlaps.get(new.period, ()))
            for new in snapshots
        ),
        rows=course.rows,
        seconds=monotonic() - course.began,
        remarks=tuple(course.findings),
    )


def _take_all(
    books: Books, lake: Lake, intake: Intake, files: Sequence[InputFile], course: _Course
) -> list[Unit]:
    """The units of all files, each content once; what was folded before is taken from the books."""
    first: dict[str, str] = {}
    units: list[Unit] = []
    for number, file in enumerate(files, start=1):
        course.note(file.name, "looking at", number, 0.0)
        content = digest(file.path, file.name)
        if content in first:
            course.duplicate += 1
            course.findings.append(_duplicate(file.name, first[content]))
            continue
        first[content] = file.name
        known = books.units(intake.spec.name, content, intake.config)
        if known and all(lake.path(kept).exists() for unit in known for kept in unit.files):
            course.known += 1
            units += known
            continue
        taken = intake.take(file, content, _ticker(course, file.name, number))
        course.read += 1
        course.rows += taken.rows
        course.findings += taken.findings
        units += taken.units
    return units


def _ticker(course: _Course, file: str, number: int) -> Callable[[float], None]:
    return lambda share: course.note(file, "reading", number, share)


def _duplicate(name: str, first: str) -> Finding:
    return Finding(
        "duplicate-file",
        Level.WARNING,
        f"the same content as {first}, to the byte: it counts once",
        Place(name),
        hint="remove one of the two",
    )


def _snapshots(source: str, units: Iterable[Unit]) -> list[Snapshot]:
    by_period: dict[Period, dict[str, Unit]] = defaultdict(dict)
    for unit in units:
        by_period[unit.period][unit.id] = unit
    at = datetime.now(UTC)
    return [
        Snapshot(snapshot_id(source, period, members), source, period, tuple(members.values()), at)
        for period, members in sorted(by_period.items())
    ]


def _same(new: Snapshot, former: Snapshot | None) -> bool:
    return former is not None and former.id == new.id


def _left_behind(
    source: str, former: Mapping[Period, Snapshot], snapshots: Iterable[Snapshot]
) -> list[Finding]:
    gone = sorted(set(former) - {new.period for new in snapshots})
    if not gone:
        return []
    return [
        Finding(
            "period-without-file",
            Level.NOTE,
            f"source {source}: no file holds {', '.join(map(str, gone))} any more; "
            "what was loaded for it stays",
            hint="nothing to do, if these months are settled",
        )
    ]


def _period_load(new: Snapshot, former: Snapshot | None, overlaps: Sequence[Finding]) -> PeriodLoad:
    totals = add_totals(new.units)
    state = State.NEW if former is None else State.CHANGED
    change = {}
    if _same(new, former):
        state = State.UNCHANGED
    elif former is not None:
        change = change_between(add_totals(former.units), totals)
    findings = (*overlaps, *(found for unit in new.units for found in unit.findings))
    return PeriodLoad(new.period, new.id, state, totals, change, findings)
