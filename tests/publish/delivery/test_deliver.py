"""Statements reach the owners of teams by mail and whoever listens over the web, once each."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from apportion.errors import DeliveryError, UsageError
from apportion.publish.delivery.call_webhook import Message, call_webhook, signature
from apportion.publish.delivery.deliver import ACTION, Order, Sent, deliver
from apportion.publish.delivery.outbound import Target
from apportion.publish.papers.check_paper import check_paper
from apportion.publish.papers.facts import gather_facts
from apportion.publish.papers.issue_papers import issue_papers
from apportion.publish.papers.read_paper import read_paper
from paper_projects import MODEL, OCTOBER, Papers
from receivers import Calls, Mailbox, mail_server, web_server


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as made:
        yield made


@pytest.fixture
def calls() -> Iterator[Calls]:
    with web_server() as made:
        yield made


def by_mail(root: Path, box: Mailbox, security: str = "none", model: str = MODEL) -> Papers:
    mail = f"server: 127.0.0.1, port: {box.port}, from: finops@example.com, security: {security}"
    more = f"delivery: {{email: {{{mail}, formats: [pdf, xlsx]}}}}\n"
    return Papers(root / "acme", model=model, more=more)


def over_the_web(root: Path, calls: Calls, allow: str = "allow: [127.0.0.1]") -> Papers:
    hook = f"url: http://127.0.0.1:{calls.port}/hook?k=1, secret: env:TEST_HOOK_SECRET"
    more = f"delivery: {{webhook: {{{hook}}}, {allow}}}\n"
    return Papers(root / "acme", more=more)


def send(papers: Papers, way: str, order: Order | None = None) -> list[Sent]:
    with papers.open() as project:
        facts = issue_papers(project, gather_facts(project, OCTOBER), actor="ann")
        return list(deliver(project, facts, way, order or Order(), actor="ann"))


def test_each_owner_gets_the_own_statement_and_it_holds(tmp_path: Path, box: Mailbox) -> None:
    sent = send(by_mail(tmp_path, box), "email")
    assert [(one.team, one.to, one.state) for one in sent] == [
        ("cv", "ben@example.com", "sent"),
        ("nlp", "ann@example.com", "sent"),
    ]
    mail = box.mails[1]
    assert (mail["To"], mail["From"]) == ("ann@example.com", "finops@example.com")
    assert mail["Subject"] == "Statement of Language, October 2026"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "Total: 85.00 USD" in text.get_content()
    pdf, xlsx = mail.iter_attachments()
    assert pdf.get_filename() == "statement-2026-10-nlp.pdf"
    assert xlsx.get_content_type().endswith("spreadsheetml.sheet")
    (tmp_path / "got.pdf").write_bytes(pdf.get_content())
    assert all(one.ok for one in check_paper(read_paper(tmp_path / "got.pdf")))


def test_who_was_sent_what_is_kept_and_isnt_sent_twice(tmp_path: Path, box: Mailbox) -> None:
    papers = by_mail(tmp_path, box)
    send(papers, "email")
    assert {one.state for one in send(papers, "email")} == {"known"}
    assert len(box.mails) == 2
    again = send(papers, "email", Order(("nlp",), again=True))
    assert [one.state for one in again] == ["sent"]
    assert len(box.mails) == 3
    with papers.open() as project:
        lines = project.books.audit("2026-10", ACTION)
        assert project.books.verify_audit()[2] is None
    assert [(one.actor, one.detail["to"], one.detail["number"]) for one in lines] == [
        ("ann", "ben@example.com", "1"),
        ("ann", "ann@example.com", "1"),
        ("ann", "ann@example.com", "1"),
    ]


def test_a_dry_run_sends_and_keeps_nothing(tmp_path: Path, box: Mailbox) -> None:
    papers = by_mail(tmp_path, box)
    assert {one.state for one in send(papers, "email", Order(dry_run=True))} == {"planned"}
    assert box.commands == []
    with papers.open() as project:
        assert project.books.audit("2026-10", ACTION) == ()


def test_one_that_is_refused_keeps_none_back(tmp_path: Path, box: Mailbox) -> None:
    box.refuses.add("ben@example.com")
    cv, nlp = send(by_mail(tmp_path, box), "email")
    assert (cv.state, nlp.state) == ("failed", "sent")
    assert "550 nobody is called so" in cv.why


@pytest.mark.parametrize("owner", ["Ann", '"a@example.com, b@example.com"'])
def test_an_owner_that_is_no_mail_address_is_told(tmp_path: Path, box: Mailbox, owner: str) -> None:
    model = MODEL.replace("ann@example.com", owner)
    papers = by_mail(tmp_path, box, model=model)
    nlp = send(papers, "email")[1]
    assert (nlp.state, nlp.to) == ("failed", "")
    assert len(box.mails) == 1


def test_without_tls_nothing_is_said_where_tls_was_asked(tmp_path: Path, box: Mailbox) -> None:
    sent = send(by_mail(tmp_path, box, security="starttls"), "email")
    assert {one.state for one in sent} == {"failed"}
    assert not [one for one in box.commands if one.startswith(("MAIL", "RCPT", "DATA"))]


def test_a_webhook_gets_a_signed_statement(
    tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_HOOK_SECRET", "s3cret")
    papers = over_the_web(tmp_path, calls)
    sent = send(papers, "webhook")
    assert {one.state for one in sent} == {"sent"}
    assert {one.to for one in sent} == {"http://127.0.0.1"}
    head, body = calls.headers[1], calls.bodies[1]
    message = Message(head["webhook-id"], body)
    assert head["webhook-signature"] == signature("s3cret", message, int(head["webhook-timestamp"]))
    event = json.loads(body)
    assert (event["type"], event["team"]["name"], event["totals"]) == (
        "statement",
        "nlp",
        {"USD": "85.00"},
    )
    (tmp_path / "got.pdf").write_bytes(base64.b64decode(event["files"][0]["base64"]))
    assert all(one.ok for one in check_paper(read_paper(tmp_path / "got.pdf")))
    with papers.open() as project:
        log = json.dumps([dict(one.detail) for one in project.books.audit()])
    assert "s3cret" not in log
    assert "k=1" not in log


def test_a_redirect_isnt_followed(
    tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_HOOK_SECRET", "s")
    calls.status, calls.location = 302, f"http://127.0.0.1:{calls.port}/elsewhere"
    sent = send(over_the_web(tmp_path, calls), "webhook")
    assert {one.state for one in sent} == {"failed"}
    assert "sends us elsewhere" in sent[0].why
    assert set(calls.paths) == {"/hook?k=1"}


def test_a_server_that_refuses_is_a_failure(
    tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_HOOK_SECRET", "s")
    calls.status = 500
    assert {one.state for one in send(over_the_web(tmp_path, calls), "webhook")} == {"failed"}


def test_this_machine_isnt_called_unless_it_is_allowed(
    tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_HOOK_SECRET", "s")
    with pytest.raises(DeliveryError, match="isn't a public address"):
        send(over_the_web(tmp_path, calls, "allow: [10.0.0.0/8]"), "webhook")
    assert calls.bodies == []


def test_a_secret_that_isnt_there_is_told_before_anything_is_sent(
    tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_HOOK_SECRET", raising=False)
    with pytest.raises(DeliveryError, match="'TEST_HOOK_SECRET' is not set"):
        send(over_the_web(tmp_path, calls), "webhook")


def test_the_address_that_was_checked_is_called_whatever_the_name_says(calls: Calls) -> None:
    target = Target("http", "nowhere.invalid", calls.port, "/x", "127.0.0.1")
    assert call_webhook(target, Message("m", b"{}"), "s", 1) == 200
    assert calls.headers[0]["Host"] == f"nowhere.invalid:{calls.port}"


def test_a_way_that_isnt_set_up_is_told(tmp_path: Path) -> None:
    papers = Papers(tmp_path / "acme")
    for way, words in (("email", "by email"), ("fax", "can't be sent to 'fax'")):
        with pytest.raises(UsageError, match=words):
            send(papers, way)
