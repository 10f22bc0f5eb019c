"""Send the statements of a month to their teams, and keep who was sent what."""

from __future__ import annotations

import base64
import json
import os
import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from apportion.errors import DeliveryError, Place, UsageError
from apportion.model.dated import on
from apportion.model.delivery_spec import MailSpec, WebhookSpec
from apportion.publish.delivery.call_webhook import Message, call_webhook
from apportion.publish.delivery.outbound import target_of
from apportion.publish.delivery.write_mail import address_of, mail_server, said, write_mail
from apportion.publish.documents import Document
from apportion.publish.papers.draw_paper import draw_paper
from apportion.publish.papers.evidence import Evidence, EvidenceDesk
from apportion.publish.papers.facts import PaperFacts
from apportion.publish.papers.file_names import file_names
from apportion.publish.papers.write_papers import draw_file
from apportion.store.books.audit import AuditEntry, add_entry, now
from apportion.store.books.people import make_known

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject

WAYS = ("email", "webhook")
ACTION = "send-statement"


@dataclass(frozen=True)
class Sent:
    """What became of one statement: sent, known (sent there before), planned or failed."""

    team: str
    to: str
    state: str
    why: str = ""


@dataclass(frozen=True)
class Order:
    """Which teams' statements are sent (all when empty), or only planned.

    What was sent by the same way to the same address isn't sent there again, unless `again`.
    """

    teams: tuple[str, ...] = ()
    dry_run: bool = False
    again: bool = False


@dataclass(frozen=True)
class _Way:
    """A way for statements: to whom a team's goes, in which formats, and what sends it."""

    name: str
    formats: tuple[str, ...]
    recipient: Callable[[str], str]
    send: Callable[[str, _Letter], None]


@dataclass(frozen=True)
class _Letter:
    team: str
    paper: Document
    digest: str
    files: dict[str, bytes]


def deliver(
    project: OpenProject, facts: PaperFacts, way: str, order: Order, *, actor: str
) -> Iterator[Sent]:
    """Send each team's statement; one that fails doesn't keep the others back.

    Each one sent is a line in the audit log. Raises UsageError for a way that isn't set up,
    DeliveryError where no statement can be sent at all.
    """
    check_way(project, way)
    with ExitStack() as open_ways:
        found = _way(project, way, open_ways, facts, dry_run=order.dry_run)
        known = _known(project, facts, way)
        desk, names = EvidenceDesk(facts), file_names(facts.teams, str(facts.run.period))
        for team in order.teams or facts.teams:
            to = found.recipient(team)
            if not to:
                hint = "its owner in the organisation is no mail address"
                yield Sent(team, "", "failed", hint)
                continue
            paper = draw_paper(facts, team)
            evidence = desk.draw(team, paper)
            if not order.again and (team, to, evidence.digest) in known:
                yield Sent(team, to, "known")
            elif order.dry_run:
                yield Sent(team, to, "planned")
            else:
                letter = _letter(team, paper, evidence, names[team], found.formats)
                yield _sent(project, facts, found, letter, to, actor)


def _letter(
    team: str, paper: Document, evidence: Evidence, stem: str, formats: tuple[str, ...]
) -> _Letter:
    files = {f"{stem}.{form}": draw_file(evidence, form) for form in formats}
    return _Letter(team, paper, evidence.digest, files)


def _sent(
    project: OpenProject, facts: PaperFacts, way: _Way, letter: _Letter, to: str, actor: str
) -> Sent:
    try:
        way.send(to, letter)
    except DeliveryError as fault:
        return Sent(
            letter.team, to, "failed", f"{fault.what}: {fault.why}" if fault.why else fault.what
        )
    issue = facts.version.issue
    detail = {
        "team": letter.team,
        "to": to,
        "by": way.name,
        "run": facts.run.id,
        "number": str(issue.number) if issue else "draft",
        "evidence": letter.digest,
    }
    with project.books.writing() as connection:
        if "@" in to:
            make_known(connection, to)
        add_entry(connection, AuditEntry(now(), actor, ACTION, str(facts.run.period), detail))
    return Sent(letter.team, to, "sent")


def _known(project: OpenProject, facts: PaperFacts, way: str) -> set[tuple[str, str, str]]:
    lines = project.books.audit(str(facts.run.period), ACTION)
    return {
        (one.detail.get("team", ""), one.detail.get("to", ""), one.detail.get("evidence", ""))
        for one in lines
        if one.detail.get("by") == way
    }


def check_way(project: OpenProject, way: str) -> None:
    """Raise UsageError for a way that isn't known, or that the project doesn't set up."""
    if way not in WAYS:
        raise UsageError(f"statements can't be sent to {way!r}", hint=f"say {' or '.join(WAYS)}")
    if getattr(project.settings.delivery, way) is None:
        raise UsageError(
            f"the project doesn't say how to send statements by {way}",
            hint=f"set `delivery: {{{way}: …}}` in apportion.yaml",
        )


def _way(
    project: OpenProject, way: str, open_ways: ExitStack, facts: PaperFacts, *, dry_run: bool
) -> _Way:
    delivery = project.settings.delivery
    if way == "email":
        assert delivery.email is not None
        return _by_mail(project, delivery.email, open_ways, facts)
    assert delivery.webhook is not None
    return _over_the_web(delivery.webhook, delivery.allow, dry_run=dry_run)


def _by_mail(project: OpenProject, spec: MailSpec, open_ways: ExitStack, facts: PaperFacts) -> _Way:
    """To the owners of teams as of the last day of the period."""
    day = facts.run.span.until - timedelta(days=1)
    units = project.model.organisation.units

    def recipient(team: str) -> str:
        unit = units.get(team)
        return address_of(on(unit.owner, day) or "" if unit else "") or ""

    server: list[smtplib.SMTP] = []

    def send(to: str, letter: _Letter) -> None:
        if not server:
            password = _secret(spec.password, spec.place) if spec.user else ""
            server.append(open_ways.enter_context(mail_server(spec, password)))
        mail = write_mail(spec, to, letter.paper, letter.digest, letter.files, datetime.now(UTC))
        try:
            server[0].send_message(mail)
        except smtplib.SMTPServerDisconnected as fault:
            server.clear()
            raise DeliveryError("the mail server hung up", why=said(fault)) from fault
        except (smtplib.SMTPException, OSError, ValueError) as fault:
            raise DeliveryError("the mail server refused it", why=said(fault)) from fault

    return _Way("email", spec.formats, recipient, send)


def _over_the_web(spec: WebhookSpec, allow: tuple[str, ...], *, dry_run: bool) -> _Way:
    target = target_of(spec.url, allow)
    secret = "" if dry_run else _secret(spec.secret, spec.place)

    def send(_to: str, letter: _Letter) -> None:
        body = json.dumps(_event(letter), ensure_ascii=True).encode()
        call_webhook(target, Message(f"msg_{letter.digest}", body), secret, int(time.time()))

    return _Way("webhook", spec.formats, lambda _team: target.shown, send)


def _event(letter: _Letter) -> Document:
    """What a webhook is told of a statement; keys may be added, never renamed."""
    paper = letter.paper
    return {
        "type": "statement",
        "project": paper["project"],
        "period": paper["period"],
        "team": paper["team"],
        "version": paper["version"],
        "totals": {part["currency"]: part["total"] for part in paper["parts"]},
        "evidence": letter.digest,
        "statement": paper,
        "files": [
            {"name": name, "base64": base64.b64encode(content).decode()}
            for name, content in letter.files.items()
        ],
    }


def _secret(variable: str, place: Place) -> str:
    found = os.environ.get(variable, "")
    if not found:
        raise DeliveryError(
            f"the environment variable {variable!r} is not set",
            place=place,
            hint=f"set {variable} where apportion runs",
        )
    return found
