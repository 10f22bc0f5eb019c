"""Load bills: from files to the current snapshots of each source and billing period.

A source is loaded as a whole or not at all. What is folded lies in the lake
without being current; one transaction of the books makes it so. A killed load
therefore leaves nothing to be seen, and the same load again finds its work done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

from apportion.domain.charge import KEY_COLUMNS
from apportion.domain.cost_class import CLASS_COLUMNS
from apportion.domain.finding import Finding
from apportion.domain.period import Period
from apportion.domain.snapshot import Snapshot, Unit
from apportion.errors import UsageError
from apportion.load.classify_keys import ClassBook
from apportion.load.complete import complete
from apportion.load.content import digest
from apportion.load.identity import config_digest
from apportion.load.intake import Intake
from apportion.load.mend import beyond_mending, damages
from apportion.load.open_doubts import with_doubts
from apportion.load.report import Progress, SourceLoad
from apportion.load.snapshots import (
    draw_snapshots,
    emptied,
    final_changed,
    is_same,
    left_behind,
    report_period,
)
from apportion.load.twice import counted_twice, duplicate, two_roads
from apportion.load.what_changed import what_changed
from apportion.load.workbench import Workbench
from apportion.model.classes import ClassRule
from apportion.model.faults import did_you_mean
from apportion.model.project import Project, SourceSpec
from apportion.sources.files import InputFile
from apportion.sources.formats import FORMATS
from apportion.sources.ready_tables import roads_of
from apportion.sources.remote.mirror import at_hand
from apportion.store.books import Books
from apportion.store.lake import Lake

Tell = Callable[[Progress], None]


def load(  # noqa: PLR0913 -- three places and five wishes, all but the places by name
    project: Project,
    books: Books,
    lake: Lake,
    *,
    visible: frozenset[str] = frozenset(),
    classes: Sequence[ClassRule] = (),
    sources: Sequence[str] | None = None,
    actor: str = "",
    progress: Tell | None = None,
    done: Callable[[SourceLoad], None] | None = None,
) -> tuple[SourceLoad, ...]:
    """Load the bills of all sources, or of those named, and say what that brought.

    `visible` are the ``x_`` columns that the model's conditions name; they
    become part of the charge keys; `classes` are the model's own patterns of what
    kind of cost a charge is. Loading the same again changes nothing; a
    file that was folded before isn't read. Each source is committed by itself:
    when one fails, those before it stay loaded, and `done` has been told of each.

    Raises SourceError for a file that can't be read as a whole, LoadConflict
    where another load of the same period was first, UsageError for a source
    that the project doesn't have.
    """
    book = ClassBook(tuple(classes))
    lake.sweep_staging()
    wanted = list(project.sources) if sources is None else list(dict.fromkeys(sources))
    for name in wanted:
        if name not in project.sources:
            raise UsageError(
                f"no source is called {name!r}",
                hint=did_you_mean(name, project.sources, "see `sources` of the project"),
            )
    loads = (
        _SourceInLoad(project, books, lake, project.sources[name], visible, book, progress)
        for name in wanted
    )
    loaded = []
    for one in loads:
        loaded.append(one.load(actor))
        if done:
            done(loaded[-1])
    return tuple(loaded)


@dataclass
class _SourceInLoad:
    """One source while it is loaded, and what happens to its files."""

    project: Project
    books: Books
    lake: Lake
    spec: SourceSpec
    visible: frozenset[str]
    classes: ClassBook
    tell: Tell | None
    files: tuple[InputFile, ...] = ()
    fetched: int = 0
    rows: int = 0
    read: int = 0
    known: int = 0
    duplicate: int = 0
    damaged: dict[str, Unit] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    began: float = field(default_factory=monotonic)

    def load(self, actor: str) -> SourceLoad:
        """Bring all files in, and flip the periods that changed in one transaction."""
        seen = self.books.seen(self.spec.name)
        format_ = FORMATS[self.spec.format]
        with at_hand(format_, self.spec, self.project.root, self._note_fetched) as found:
            self.files, self.fetched = found.files, found.fetched
            return self._load(seen, actor)

    def _load(self, seen: Mapping[Period, str | None], actor: str) -> SourceLoad:
        name, books = self.spec.name, self.books
        with self.lake.staging() as folder, Workbench(folder) as bench:
            snapshots = draw_snapshots(name, self._whole(self._intake(bench, folder)))
            self._mend(snapshots)
            former = {one.period: one for one in books.current(name)}
            if self.spec.table and self.spec.table.spread:
                files = {file.name for file in self.files}
                snapshots += emptied(name, former, snapshots, files)
            snapshots = with_doubts(bench, self.lake, self.spec, snapshots, former)
            changed = [new for new in snapshots if not is_same(new, former.get(new.period))]
            moved = {
                new.period: what_changed(bench, self.lake, former[new.period], new)
                for new in changed
                if new.period in former
            }
            roads = roads_of(self.spec)
            self.findings += (one for new in snapshots for one in two_roads(new, roads))
            finals = {one.period for one in books.declared_final(name)}
            self.findings += final_changed(name, changed, former, finals, self.spec.final_until)
            books.commit_load(name, changed, seen, actor)
        return SourceLoad(
            source=name,
            files_read=self.read,
            files_known=self.known,
            files_duplicate=self.duplicate,
            files_fetched=self.fetched,
            periods=tuple(
                replace(
                    report_period(new, former.get(new.period)),
                    moved=moved.get(new.period, ()),
                )
                for new in snapshots
            ),
            rows=self.rows,
            seconds=monotonic() - self.began,
            remarks=(
                *self.findings,
                *left_behind(name, former, snapshots),
                *beyond_mending(self.lake, former, snapshots),
            ),
        )

    def _intake(self, bench: Workbench, folder: Path) -> Intake:
        given = {*KEY_COLUMNS, *CLASS_COLUMNS, "Tags"}
        own = FORMATS[self.spec.format].keys
        extra = tuple(sorted({*self.visible, *self.spec.keys, *own} - given))
        currency = self.spec.currency or self.project.currency
        config = config_digest(self.spec, extra, currency, self.classes.digest)
        return Intake(bench, self.lake, folder, self.spec, extra, config, currency, self.classes)

    def _whole(self, intake: Intake) -> list[Unit]:
        """The units of all files, and those that only all of them together make."""
        units = self._units(intake)
        completion = FORMATS[self.spec.format].completion
        if completion is None:
            return units
        return [*units, *complete(intake, completion, units, self._in_books)]

    def _units(self, intake: Intake) -> list[Unit]:
        """The units of all files, each content once; known ones are taken from the books."""
        first: dict[tuple[str, str], str] = {}
        units: list[Unit] = []
        elsewhere = self.books.inputs_of_others(self.spec.name)
        for number, file in enumerate(self.files, start=1):
            self._note("looking at", file.name, number, 0.0)
            content = digest(file.path, file.name)
            # An actual and an amortised export are alike where nothing is committed; both count.
            same = (content, file.cost)
            if same in first:
                self.duplicate += 1
                self.findings.append(duplicate(file.name, first[same]))
                continue
            first[same] = file.name
            if content in elsewhere and self._counts_in(elsewhere[content][0]):
                self.findings.append(counted_twice(file.name, *elsewhere[content]))
            of_file = intake.of(file)
            known = self._known(content, of_file.config)
            units += known or self._taken(of_file, file, content, number)
        return units

    def _counts_in(self, other: str) -> bool:
        """Whether another source reads the same of a file: two may read two sheets of a workbook.

        One that the project no longer has keeps what it loaded.
        """
        spec = self.project.sources.get(other)
        return spec is None or spec.sheet == self.spec.sheet

    def _known(self, content: str, config: str) -> tuple[Unit, ...]:
        """What a content was folded into before; such a file isn't read again."""
        units = self._in_books(content, config)
        self.known += bool(units)
        return units

    def _in_books(self, content: str, config: str) -> tuple[Unit, ...]:
        """The units in the books of a content, unless the lake has lost or damaged some of it."""
        units = self.books.units(self.spec.name, content, config)
        damaged = damages(self.lake, units)
        if damaged:
            self.damaged |= {unit.id: unit for unit in units}
            self.findings += damaged
            return ()
        return units

    def _mend(self, snapshots: Iterable[Snapshot]) -> None:
        """Have the books point to the files that were written anew for damaged units."""
        anew = {unit.id: unit for snapshot in snapshots for unit in snapshot.units}
        self.books.mend_units(
            [
                anew[name]
                for name, unit in self.damaged.items()
                if name in anew and anew[name].files != unit.files
            ]
        )

    def _taken(
        self, intake: Intake, file: InputFile, content: str, number: int
    ) -> tuple[Unit, ...]:
        taken = intake.take(
            file, content, lambda share: self._note("reading", file.name, number, share)
        )
        self.read += 1
        self.rows += taken.rows
        self.findings += taken.findings
        return taken.units

    def _note_fetched(self, url: str, number: int, files: int) -> None:
        if self.tell:
            seconds = monotonic() - self.began
            self.tell(Progress(self.spec.name, url, "fetched", number, files, 0.0, 0, seconds))

    def _note(self, step: str, file: str, number: int, share: float) -> None:
        if self.tell:
            seconds = monotonic() - self.began
            files = len(self.files)
            self.tell(
                Progress(self.spec.name, file, step, number, files, share, self.rows, seconds)
            )
