"""The books as the rest of the house sees them: one object, and values in and out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, select

from apportion.domain.comment import Comment
from apportion.domain.journal import JournalDocument
from apportion.domain.period import Period
from apportion.domain.period_life import PeriodState, PeriodStep
from apportion.domain.result import Run
from apportion.domain.role import Roles
from apportion.domain.snapshot import Acknowledgement, Declaration, Snapshot, SnapshotKind, Unit
from apportion.errors import BooksError, NotLoaded, UsageError
from apportion.store.books import finality, journals, runs, schema
from apportion.store.books.audit import AuditEntry, add_entry, now, read_entries
from apportion.store.books.audit_chain import Broken, verify
from apportion.store.books.comments import add_comment, read_comments
from apportion.store.books.commit_load import commit_load
from apportion.store.books.connect import (
    PATIENCE,
    compact,
    connect,
    read_url,
    reading,
    shown,
    writing,
)
from apportion.store.books.migrate import migrate
from apportion.store.books.period_steps import read_steps, state_in, take_step
from apportion.store.books.roles import read_roles
from apportion.store.books.runs import ALL_PARTS, RunHead
from apportion.store.books.snapshots import read_snapshots
from apportion.store.books.units import read_units, replace_files
from apportion.store.books.verify_books import Departure, verify_books


class Books:
    """The commit point of a project: what is current, what was run, who did what.

    Every method is one transaction. Readers see what is committed and never
    wait; writers work one at a time. All of them raise BooksError, with the
    remedy, where the database can't be used.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     books = Books.open(f"sqlite:///{folder}/books.sqlite")
    ...     books.log("ann", "note", "nlp", {"because": "a first line"})
    ...     [(entry.actor, entry.detail["because"]) for entry in books.audit()]
    ...     books.close()
    [('ann', 'a first line')]
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str, *, patience: float = PATIENCE) -> Books:
        """Open the books at a SQLAlchemy URL; new ones are created, older ones brought up to date.

        `patience` is how many seconds a writer waits for another. Raises
        BooksError for an address that can't be used and for a newer schema.
        """
        engine = connect(read_url(url), patience)
        try:
            migrate(engine)
        except BooksError:
            engine.dispose()
            raise
        return cls(engine)

    def __repr__(self) -> str:
        return f"Books({shown(self._engine.url)!r})"

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def compact(self) -> None:
        """Have the database let go of what was deleted, so that no copy stays in its files."""
        compact(self._engine)

    # What takes several steps

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that reads; the functions of `store.books` take it."""
        return reading(self._engine)

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction that writes, alone among writers: all of it is committed, or nothing.

        What belongs together is written in one: a document, a state, and the audit log's line.
        """
        return writing(self._engine)

    # What is loaded

    def current(
        self,
        source: str | None = None,
        period: Period | None = None,
        *,
        quarantined: bool = True,
        kind: SnapshotKind = SnapshotKind.CHARGES,
    ) -> tuple[Snapshot, ...]:
        """The current snapshots of charges (or usage), of a source or period or all, in order.

        A bad bill can have very many quarantined rows; who doesn't need them
        leaves them out, and gets the units with none. A period that a load has
        emptied has no charges, and isn't among them.
        """
        pointers = schema.pointers
        heads = schema.snapshots
        wanted = (
            select(pointers.c.snapshot)
            .join(heads, heads.c.id == pointers.c.snapshot)
            .where(heads.c.kind == str(kind))
        )
        if source is not None:
            wanted = wanted.where(pointers.c.source == source)
        if period is not None:
            wanted = wanted.where(pointers.c.period == period)
        return tuple(one for one in self._snapshots(wanted, quarantined) if one.units)

    def seen(self, source: str) -> dict[Period, str]:
        """The ids of a source's current snapshots: what a load must see before it begins."""
        pointers = schema.pointers
        wanted = select(pointers.c.period, pointers.c.snapshot).where(pointers.c.source == source)
        with reading(self._engine) as connection:
            return {row.period: row.snapshot for row in connection.execute(wanted).all()}

    def of_kind(self, snapshots: Iterable[str], kind: SnapshotKind) -> tuple[str, ...]:
        """Those among some snapshots that hold charges (or usage), in their order."""
        ids, table = tuple(snapshots), schema.snapshots
        wanted = select(table.c.id).where(table.c.id.in_(ids), table.c.kind == str(kind))
        with reading(self._engine) as connection:
            found = frozenset(connection.execute(wanted).scalars())
        return tuple(one for one in ids if one in found)

    def snapshot(self, snapshot_id: str, *, quarantined: bool = True) -> Snapshot:
        """A snapshot by its id, current or not; raises NotLoaded where there is none."""
        table = schema.snapshots
        found = self._snapshots(select(table.c.id).where(table.c.id == snapshot_id), quarantined)
        if not found:
            raise NotLoaded(f"no snapshot {snapshot_id} is in the books")
        return found[0]

    def history(self, source: str, period: Period) -> tuple[Snapshot, ...]:
        """Every snapshot that a source ever had for a period, in the order of their loading."""
        table = schema.snapshots
        held = (table.c.source == source) & (table.c.period == period)
        return self._snapshots(select(table.c.id).where(held))

    def _snapshots(self, ids: Select[Any], quarantined: bool = True) -> tuple[Snapshot, ...]:
        with reading(self._engine) as connection:
            return read_snapshots(connection, ids, quarantined=quarantined)

    def units(self, source: str, content: str, config: str) -> tuple[Unit, ...]:
        """What a source's input was folded into before, when read with the same settings."""
        links, heads, units = schema.snapshot_units, schema.snapshots, schema.units
        wanted = (
            select(units.c.id)
            .join(links, links.c.unit == units.c.id)
            .join(heads, heads.c.id == links.c.snapshot)
            .where(heads.c.source == source, units.c.content == content, units.c.config == config)
        )
        with reading(self._engine) as connection:
            return read_units(connection, wanted)

    def inputs_of_others(self, source: str) -> dict[str, tuple[str, str]]:
        """Content → source and name of the inputs that other sources count now."""
        links, pointers, units = schema.snapshot_units, schema.pointers, schema.units
        wanted = (
            select(units.c.content, pointers.c.source, units.c.input)
            .join(links, links.c.unit == units.c.id)
            .join(pointers, pointers.c.snapshot == links.c.snapshot)
            .where(pointers.c.source != source)
            .order_by(pointers.c.source, units.c.input)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(wanted).all()
        return {row.content: (row.source, row.input) for row in reversed(rows)}

    def files(self) -> frozenset[str]:
        """The lake's files that any snapshot refers to, which a sweep must leave alone."""
        with reading(self._engine) as connection:
            return frozenset(connection.execute(select(schema.unit_files.c.path)).scalars())

    def commit_load(
        self,
        source: str,
        snapshots: Sequence[Snapshot],
        seen: Mapping[Period, str | None],
        actor: str,
    ) -> tuple[Snapshot, ...]:
        """Make snapshots current, all or none; see :func:`.commit_load.commit_load`."""
        with writing(self._engine) as connection:
            return commit_load(connection, source, snapshots, seen, actor)

    def mend_units(self, units: Sequence[Unit]) -> None:
        """Have units that are in the books point to files that were written anew for them."""
        if units:
            with writing(self._engine) as connection:
                replace_files(connection, units)

    def acknowledge(self, snapshot: str, actor: str, because: str) -> None:
        """Accept that a snapshot's quarantined rows stay out, for a reason that is given."""
        if not because.strip():
            raise UsageError("an acknowledgement needs a reason", hint="say because of what")
        at = now()
        with writing(self._engine) as connection:
            table = schema.snapshots
            held = connection.execute(select(table.c.id).where(table.c.id == snapshot)).scalar()
            if held is None:
                raise NotLoaded(f"no snapshot {snapshot} is in the books")
            row = {"snapshot": snapshot, "actor": actor, "because": because, "at": at.date()}
            connection.execute(schema.acknowledgements.insert(), row)
            entry = AuditEntry(at, actor, "acknowledge", snapshot, {"because": because})
            add_entry(connection, entry)

    def acknowledgements(self, snapshots: Iterable[str]) -> tuple[Acknowledgement, ...]:
        """What was acknowledged of some snapshots, in the order of time."""
        table = schema.acknowledgements
        wanted = select(table).where(table.c.snapshot.in_(sorted(set(snapshots))))
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(table.c.id)).all()
        return tuple(Acknowledgement(row.snapshot, row.actor, row.because, row.at) for row in rows)

    def declare_final(self, source: str, period: Period, actor: str, because: str = "") -> bool:
        """Keep that a period of a source is final; False where that is kept already."""
        with writing(self._engine) as connection:
            said = Declaration(source, period, actor, because.strip(), now())
            return finality.declare_final(connection, said)

    def take_back_final(self, source: str, period: Period, actor: str, because: str = "") -> bool:
        """Take back that a period of a source is final; False where nobody declared it."""
        with writing(self._engine) as connection:
            said = Declaration(source, period, actor, because.strip(), now())
            return finality.take_back(connection, said)

    def declared_final(self, source: str | None = None) -> tuple[Declaration, ...]:
        """Which periods of a source, or of all, somebody declared final."""
        with reading(self._engine) as connection:
            return finality.read_declarations(connection, source)

    # What was run

    def save_run(self, run: Run) -> None:
        """Keep a run; a run of the whole period becomes the latest of it, unless that is closed.

        The run that a period was closed with stands for it for good.

        A run that is in the books already stays as it is: the same id means the
        same inputs and so the same result. Raises NotLoaded for a run on a
        snapshot that isn't in the books.
        """
        with writing(self._engine) as connection:
            runs.write_run(connection, run)
            closed = state_in(connection, run.period).is_closed
            if run.span == run.period.span and not closed:
                runs.point_to_run(connection, run)

    def run(
        self,
        period: Period,
        parts: Collection[str] = ALL_PARTS,
        shares_of: str | None = None,
    ) -> Run | None:
        """The latest run of a period, or None.

        `parts` names the fields to read (``teams``, ``attributed``, ``shares``,
        ``lines``, ``proofs``, ``rates``, ``findings``); the others come back empty.
        `shares_of` a team reads only its shares, and those of pools.
        """
        with reading(self._engine) as connection:
            latest = runs.latest_run(connection, period)
            if latest is None:
                return None
            return runs.read_run(connection, latest, parts, shares_of)

    def run_by_id(self, run_id: str, parts: Collection[str] = ALL_PARTS) -> Run:
        """A run by its id; raises NotLoaded where there is none."""
        with reading(self._engine) as connection:
            found = runs.read_run(connection, run_id, parts)
        if found is None:
            raise NotLoaded(f"no run {run_id} is in the books")
        return found

    def runs(self, period: Period | None = None) -> tuple[RunHead, ...]:
        """The runs of a period, or all, without their parts, the oldest first."""
        with reading(self._engine) as connection:
            return runs.list_runs(connection, period)

    def save_shadow(self, run: str, shadow: Run, label: str) -> None:
        """Keep the run of a shadow model beside a run: for information, it stands for no period.

        The shadow run that was there before is no longer shown, and stays in the books.
        """
        with writing(self._engine) as connection:
            runs.link_shadow(connection, run, shadow, label)

    def shadow(self, run: str, parts: Collection[str] = ALL_PARTS) -> tuple[Run, str] | None:
        """The shadow run beside a run and what its model is called, or None."""
        with reading(self._engine) as connection:
            found = runs.shadow_of(connection, run)
            made = runs.read_run(connection, found[0], parts) if found else None
        return None if found is None or made is None else (made, found[1])

    # What is booked

    def book(self, documents: Sequence[JournalDocument], actor: str) -> tuple[JournalDocument, ...]:
        """Book journal documents, all or none; gives those that were new.

        Raises JournalConflict where another content has one of the ids.
        """
        with writing(self._engine) as connection:
            return journals.write_documents(connection, documents, actor)

    def journal(self, period: Period | None = None) -> tuple[JournalDocument, ...]:
        """What is booked for a period, or for all."""
        with reading(self._engine) as connection:
            return journals.read_documents(connection, period)

    def verify_audit(self, anchor: str = "") -> tuple[int, str, Broken | None]:
        """How many lines of the audit log hold, the digest of the last, and where it breaks.

        `anchor` is the digest of a line that must be among them: a head kept elsewhere.
        """
        with reading(self._engine) as connection:
            return verify(connection, anchor)

    def verify_books(self) -> tuple[Departure, ...]:
        """Documents and rows of acts that aren't what the audit log says of them."""
        with reading(self._engine) as connection:
            return verify_books(connection)

    # The life of periods

    def take_step(self, step: PeriodStep) -> None:
        """Take a period to another state; raises PeriodClosed where it may not go there."""
        with writing(self._engine) as connection:
            take_step(connection, step)

    def steps(self, period: Period | None = None) -> tuple[PeriodStep, ...]:
        """The steps of a period's life, or of all, the oldest first."""
        with reading(self._engine) as connection:
            return read_steps(connection, period)

    def state(self, period: Period) -> PeriodState:
        """Where a period is in its life."""
        with reading(self._engine) as connection:
            return state_in(connection, period)

    # What teams say

    def comment(self, comment: Comment) -> None:
        """Keep what somebody says of a line, and a line of the audit log."""
        if not comment.text.strip():
            raise UsageError("a comment without words", hint="say what is meant")
        with writing(self._engine) as connection:
            add_comment(connection, comment)
            detail = {"period": str(comment.period), "team": comment.team, "text": comment.text}
            entry = AuditEntry(comment.at, comment.author, "comment", comment.line, detail)
            add_entry(connection, entry)

    def comments(self, period: Period, team: str | None = None) -> tuple[Comment, ...]:
        """What was said of a period's lines, or of one team's, the oldest first."""
        with reading(self._engine) as connection:
            return read_comments(connection, period, team)

    # Who may do what, and who did what

    def roles(self) -> Roles:
        """The roles that are held now."""
        with reading(self._engine) as connection:
            return read_roles(connection)

    def log(self, actor: str, action: str, subject: str, detail: Mapping[str, str]) -> None:
        """Add a line to the audit log."""
        with writing(self._engine) as connection:
            add_entry(connection, AuditEntry(now(), actor, action, subject, detail))

    def audit(
        self,
        subject: str | None = None,
        action: str | None = None,
        since: datetime | None = None,
    ) -> tuple[AuditEntry, ...]:
        """Lines of the audit log, the oldest first; of a subject or action, or since a moment."""
        with reading(self._engine) as connection:
            return read_entries(connection, subject, action, since)
