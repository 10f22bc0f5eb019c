"""A statement that was changed is found out, by a cent or by a byte."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from apportion.errors import PaperError
from apportion.publish.papers.against_books import against_books
from apportion.publish.papers.check_paper import check_paper
from apportion.publish.papers.draw_paper import draw_paper
from apportion.publish.papers.evidence import Evidence, EvidenceDesk, json_bytes
from apportion.publish.papers.facts import gather_facts
from apportion.publish.papers.issue_papers import issue_papers
from apportion.publish.papers.read_paper import Paper, read_paper
from apportion.publish.papers.typeset import typeset
from paper_projects import OCTOBER, Papers


@pytest.fixture(scope="module")
def evidence(papers: Papers) -> Evidence:
    return papers.evidence("nlp")


@pytest.fixture
def file(evidence: Evidence, tmp_path: Path) -> Path:
    path = tmp_path / "statement.pdf"
    path.write_bytes(typeset(evidence))
    return path


def red(paper: Paper) -> dict[str, str]:
    return {one.name: one.words for one in check_paper(paper) if one.ok is False}


def with_change(evidence: Evidence, name: str, change: Callable[[str], str]) -> Evidence:
    """A forger's evidence: one file is changed, and its digest in the list put right."""
    before = evidence.files[name].decode()
    after = change(before)
    assert after != before
    files = {**evidence.files, name: after.encode()}
    listed = {
        **evidence.document["files"],
        name: {
            "sha256": hashlib.sha256(files[name]).hexdigest(),
            "bytes": len(files[name]),
        },
    }
    return Evidence(files, evidence.document | {"files": listed})


def read(evidence: Evidence, tmp_path: Path) -> Paper:
    path = tmp_path / "forged.pdf"
    path.write_bytes(typeset(evidence))
    return read_paper(path)


def test_a_statement_as_it_was_set_holds(file: Path) -> None:
    checks = check_paper(read_paper(file))
    assert [one.name for one in checks if one.ok] == [
        "files", "statement", "sum", "exact", "shares", "proof", "pages",
    ]  # fmt: skip


def test_a_byte_behind_the_end_is_red(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\n")
    assert set(red(read_paper(file))) == {"pages"}


def test_saving_it_with_another_program_is_red(file: Path, tmp_path: Path) -> None:
    with pikepdf.open(file) as pdf:
        pdf.save(tmp_path / "saved.pdf")
    assert set(red(read_paper(tmp_path / "saved.pdf"))) == {"pages"}


def test_a_changed_attachment_is_red(file: Path, tmp_path: Path) -> None:
    with pikepdf.open(file) as pdf:
        spec = pdf.attachments["lines.csv"]
        content = spec.get_file().read_bytes().replace(b"60.00", b"60.01")
        pdf.attachments["lines.csv"] = pikepdf.AttachedFileSpec(pdf, content, filename="lines.csv")
        pdf.save(tmp_path / "changed.pdf")
    found = red(read_paper(tmp_path / "changed.pdf"))
    assert found["files"] == "lines.csv isn't what it was when the statement was set"
    assert found["sum"] == "the lines don't add up to the total of 85.00 USD"


def test_every_flipped_byte_is_red_or_refused(file: Path) -> None:
    content = file.read_bytes()
    for place in range(0, len(content), len(content) // 40):
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        try:
            assert red(read_paper(file)), place
        except PaperError:
            continue


@pytest.mark.parametrize(
    ("name", "old", "new", "check"),
    [
        ("lines.csv", ",60.00,60,", ",60.01,60.01,", "sum"),
        ("lines.csv", ",30.00,30,0.75,40", ",30.00,30,0.74,40", "exact"),
        ("shares.csv", ",0.75,", ",0.76,", "shares"),
        ("proof.json", '"loaded": "135"', '"loaded": "136"', "proof"),
        ("proof.json", '"ok": true', '"ok": false', "proof"),
        ("statement.json", '"amount": "60.00"', '"amount": "61.00"', "statement"),
        ("statement.json", '"closed": false', '"closed": true', "statement"),
    ],
)
def test_a_forger_who_mends_the_digests_is_caught_by_the_sums(
    evidence: Evidence, tmp_path: Path, name: str, old: str, new: str, check: str
) -> None:
    forged = with_change(evidence, name, lambda text: text.replace(old, new))
    assert check in red(read(forged, tmp_path))


def test_another_typesetter_leaves_the_pages_unchecked_and_says_so(
    evidence: Evidence, tmp_path: Path
) -> None:
    other = {"typst": "0.1", "template": "x"}
    paper = read(Evidence(evidence.files, evidence.document | {"typesetter": other}), tmp_path)
    pages = check_paper(paper)[-1]
    assert pages.ok is None
    assert "typst 0.1" in pages.words


def test_attachments_that_are_no_documents_fail_and_dont_crash(file: Path) -> None:
    paper = read_paper(file)
    for name in paper.attachments:
        if name != "evidence.json":
            for content in (b"", b"[]", b"{}", b"\xff\xfe", b'{"parts": 3}', b"a,b\n1,2\n"):
                broken = dataclasses.replace(
                    paper, attachments={**paper.attachments, name: content}
                )
                assert "files" in red(broken)


def test_other_files_are_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    for content in (b"", b"hello", b"%PDF-1.7\n%%EOF"):
        path.write_bytes(content)
        with pytest.raises(PaperError, match=r"can't be read as a PDF|has no evidence"):
            read_paper(path)
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(path)
    with pytest.raises(PaperError, match="has no evidence attached"):
        read_paper(path)
    with pytest.raises(PaperError, match="can't be read"):
        read_paper(tmp_path / "none.pdf")


def issued(papers: Papers, tmp_path: Path) -> Paper:
    with papers.open() as project:
        facts = issue_papers(project, gather_facts(project, OCTOBER, "nlp"), actor="ann")
        evidence = EvidenceDesk(facts).draw("nlp", draw_paper(facts, "nlp"))
    return read(evidence, tmp_path)


def test_the_books_know_an_issued_statement(own_papers: Papers, tmp_path: Path) -> None:
    paper = issued(own_papers, tmp_path)
    with own_papers.open() as project:
        project.books.log("ben", "note", "later", {})
        checks = against_books(project, paper)
    assert [(one.name, one.ok) for one in checks] == [
        ("books", True),
        ("issue", True),
        ("audit log", True),
    ]
    assert "by ann" in checks[1].words


def test_the_books_refuse_lines_and_an_issue_that_they_dont_have(
    own_papers: Papers, tmp_path: Path
) -> None:
    paper = issued(own_papers, tmp_path)
    other = json.loads(json_bytes(paper.evidence)) | {"number": 7, "audit_head": "f" * 64}
    lines = paper.attachments["lines.csv"].replace(b"60.00", b"61.00")
    forged = Paper(b"", {**paper.attachments, "lines.csv": lines}, other)
    with own_papers.open() as project:
        found = {one.name: one.ok for one in against_books(project, forged)}
    assert found == {"books": False, "issue": False, "audit log": False}


def test_reading_a_pdf_reads_no_more_than_is_there(tmp_path: Path) -> None:
    """A stream that unpacks to very much is refused, not held in memory."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        bomb = pikepdf.AttachedFileSpec(pdf, bytes(120_000_000), filename="evidence.json")
        pdf.attachments["evidence.json"] = bomb
        page = io.BytesIO()
        pdf.save(page, compress_streams=True, recompress_flate=True)
    path = tmp_path / "bomb.pdf"
    path.write_bytes(page.getvalue())
    with pytest.raises(PaperError):
        read_paper(path)
