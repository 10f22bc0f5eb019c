"""What posting a period to a target means: which documents, as which messages, by whose hand."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apportion.domain.finding import Finding, Level
from apportion.domain.journal import Assignment, DocumentKind, JournalDocument
from apportion.domain.period import Period
from apportion.domain.period_life import PeriodState
from apportion.domain.posting import Posting
from apportion.domain.role import Roles
from apportion.errors import PeriodClosed, ProofError, UsageError
from apportion.model.faults import did_you_mean
from apportion.publish.erp.draw_files import erp_settings, refuse
from apportion.publish.erp.post.connector import Connector
from apportion.publish.erp.post.message import Message
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.split import split
from apportion.store.books.journals import read_documents
from apportion.store.books.postings import (
    documents_in_outboxes,
    posted_documents,
    refuse_elsewhere,
    sealed_by,
)

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Plan:
    """What is to be posted: messages with their postings, in the order of their ids.

    `documents` are all that are to be posted of the period, `left_out` those of entities that
    this target isn't the ERP of. A document and what takes it back whole aren't among them
    while neither was ever to be sent.
    """

    connector: Connector
    period: Period
    documents: tuple[JournalDocument, ...]
    left_out: tuple[JournalDocument, ...]
    messages: tuple[tuple[Message, Posting], ...]
    findings: tuple[Finding, ...]


def plan(project: OpenProject, period: Period, kind: type[Connector]) -> Plan:
    """Draw what would be posted; changes nothing.

    Raises PeriodClosed while the period isn't closed (what is booked in it beside a month's
    chargeback, a correction say, is posted all the same), UsageError where something can't
    be posted, ConfigurationError where settings are missing, ProofError where a document
    doesn't say what it said when it was booked, JournalConflict where one is in another
    target's outbox.
    """
    settings = erp_settings(project.settings, project.model, kind.target.name)
    connector = kind(settings)
    documents = _postable(project, period)
    own = settings.options("entities")
    _known(own, settings)
    mine = tuple(one for one in documents if not own or one.entity in own)
    unsent = _cancelled_out(project, mine)
    documents = tuple(one for one in documents if one.id not in unsent)
    mine = tuple(one for one in mine if one.id not in unsent)
    with project.books.reading() as connection:
        refuse_elsewhere(connection, [one.id for one in mine], kind.target.name)
    _after_what_they_reverse(project, mine)
    _one_entity(connector, mine)
    fitted = kind.target.fit(mine, settings)
    refuse(fitted.findings)
    contents = dict(_contents(mine, settings, kind.target.limits.lines))
    messages = sorted(connector.messages(fitted.parts), key=lambda one: one.id)
    return Plan(
        connector=connector,
        period=period,
        documents=documents,
        left_out=tuple(one for one in documents if one not in mine),
        messages=tuple((one, _posting(connector, one, contents)) for one in messages),
        findings=(
            *_unsent(unsent),
            *(one for one in fitted.findings if one.level is not Level.ERROR),
        ),
    )


def keep_apart(
    project: OpenProject, roles: Roles, documents: Iterable[JournalDocument], actor: str
) -> None:
    """Refuse to post to whoever prepared: booked a document, or closed its month.

    Source: segregation of duties, preparer and poster.
    """
    found = tuple(documents)
    with project.books.reading() as connection:
        sealed = sealed_by(connection, found)
    preparers = {who for who, _ in sealed.values()}
    for period in {one.period for one in found}:
        steps = project.books.steps(period)
        preparers |= {one.actor for one in steps if one.state is PeriodState.CLOSED}
    for preparer in sorted(preparers):
        roles.keep_apart(actor, preparer, "preparing and posting")


def _postable(project: OpenProject, period: Period) -> tuple[JournalDocument, ...]:
    """The booked documents of a period that may be posted, unchanged since they were booked."""
    booked = project.books.journal(period)
    with project.books.reading() as connection:
        sealed = sealed_by(connection, booked)
    for one in booked:
        if sealed[one.id][1] != one.content:
            raise ProofError(
                f"{one.id} doesn't say what it said when it was booked",
                why="somebody changed it in the database",
                hint="`apportion audit verify`; post nothing before it is cleared up",
            )
    state = project.books.state(period)
    if state.is_closed:
        return booked
    found = tuple(one for one in booked if one.kind is not DocumentKind.CHARGEBACK)
    if not found:
        raise PeriodClosed(
            f"{period} is {state}: nothing of it can be posted",
            why="a month is posted once it is closed",
            hint=f"`apportion close --period {period}`, by somebody else than who posts",
        )
    return found


def _cancelled_out(
    project: OpenProject, documents: Sequence[JournalDocument]
) -> dict[str, JournalDocument]:
    """Documents, and what takes them back whole in the same month, where no outbox has either.

    Once one of the two is in an outbox, the other must follow.
    """
    with project.books.reading() as connection:
        known = documents_in_outboxes(connection)
    held = {one.id: one for one in documents if one.id not in known}
    found: dict[str, JournalDocument] = {}
    for back in sorted(held.values(), key=lambda one: one.id):
        taken = held.get(back.reverses)
        if taken and not {taken.id, back.id} & found.keys() and _whole(taken, back):
            found |= {taken.id: taken, back.id: back}
    return found


def _whole(taken: JournalDocument, back: JournalDocument) -> bool:
    same = (taken.entity, taken.period, taken.currency) == (back.entity, back.period, back.currency)
    sums = Counter[Assignment]()
    for line in (*taken.lines, *back.lines):
        sums[line.at] += line.signed
    return same and not any(sums.values())


def _unsent(cancelled: Mapping[str, JournalDocument]) -> Iterator[Finding]:
    for one in cancelled.values():
        if one.reverses in cancelled:
            yield Finding(
                "posting-cancelled-out",
                Level.NOTE,
                f"{one.reverses} isn't sent, nor is {one.id}, which takes it back whole",
                hint="nothing: together they change no account",
            )


def _after_what_they_reverse(project: OpenProject, documents: Sequence[JournalDocument]) -> None:
    """A reversal is posted after what it takes back, or with it: never alone."""
    reversed_by = {one.reverses: one.id for one in documents if one.reverses}
    for one in documents:
        reversed_by.pop(one.id, None)
    with project.books.reading() as connection:
        for original in read_documents(connection, ids=reversed_by):
            if original.id not in posted_documents(connection, original.period):
                raise UsageError(
                    f"{reversed_by[original.id]} reverses {original.id}, which isn't posted yet",
                    why="a reversal alone would take back what the ERP doesn't have",
                    hint=f"post {original.period} first",
                )


def _known(entities: Sequence[str], settings: ErpSettings) -> None:
    """An entity that nobody knows would leave its documents out without a word."""
    known = settings.accounting.entities
    for name in entities:
        if name not in known:
            raise UsageError(
                f"`entities` of {settings.spec.format} names {name!r}: there is no such entity",
                hint=did_you_mean(name, known, f"it has {', '.join(known)}"),
            )


def _one_entity(connector: Connector, documents: Sequence[JournalDocument]) -> None:
    entities = sorted({one.entity for one in documents})
    if connector.one_entity and len(entities) > 1:
        name = connector.target.name
        raise UsageError(
            f"{connector.target.title} is the ERP of one entity, and documents are of "
            f"{', '.join(entities)}",
            why="each entity's documents belong into its own company",
            hint=f"erp: {{{name}: {{options: {{entities: [{entities[0]}]}}}}}} in apportion.yaml",
        )


def _contents(
    documents: Iterable[JournalDocument], settings: ErpSettings, most: int
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Of each part the document, and a digest of what the books say of it, by the part's id."""
    caps = [one for one in (most, settings.spec.lines) if one]
    for document in documents:
        for part in split(document, min(caps, default=0)):
            yield part.id, (document.id, part.content)


def _posting(
    connector: Connector, message: Message, contents: dict[str, tuple[str, str]]
) -> Posting:
    parts = tuple(one.id for one in message.parts)
    said = "\n".join(contents[one][1] for one in parts)
    return Posting(
        target=connector.target.name,
        id=message.id,
        period=message.parts[0].period,
        documents=tuple(dict.fromkeys(contents[one][0] for one in parts)),
        parts=parts,
        content=hashlib.sha256(said.encode()).hexdigest(),
        currency=message.currency,
        lines=len(message.lines),
        debits=message.totals.debits,
    )
