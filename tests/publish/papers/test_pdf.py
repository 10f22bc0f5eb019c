"""The PDF is one for archives and for readers, by the judgement of another program: pikepdf."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest

from apportion.publish.papers.evidence import Evidence
from apportion.publish.papers.typeset import typeset
from bills import row
from paper_projects import Papers


@pytest.fixture(scope="module")
def evidence(papers: Papers) -> Evidence:
    return papers.evidence("nlp")


@pytest.fixture(scope="module")
def pdf(evidence: Evidence) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(typeset(evidence)))


def elements(node: Any) -> Iterator[Any]:
    """Every structure element below one."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def test_it_claims_pdf_a_3a_and_pdf_ua_1_in_one_file(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as said:
        assert (said["pdfaid:part"], said["pdfaid:conformance"]) == ("3", "A")
        assert said["pdfuaid:part"] == "1"
        assert said["dc:title"] == "Statement of Language, October 2026"
    assert "/OutputIntents" in pdf.Root


def test_it_is_tagged_and_has_a_language_and_a_title(pdf: pikepdf.Pdf) -> None:
    assert bool(pdf.Root.MarkInfo.Marked)
    assert str(pdf.Root.Lang) == "en"
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
    kinds = {str(one.S) for one in elements(pdf.Root.StructTreeRoot)}
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/L", "/LI", "/Figure"} <= kinds


def test_the_chart_has_its_figures_as_alternative_text(pdf: pikepdf.Pdf) -> None:
    figures = [one for one in elements(pdf.Root.StructTreeRoot) if one.S == "/Figure"]
    assert all("/Alt" in one for one in figures)
    assert "September 2026 70.00" in str(figures[0].Alt)


def test_every_font_is_embedded_and_nothing_is_run_or_fetched(pdf: pikepdf.Pdf) -> None:
    fonts = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary)]
    descriptors = [one for one in fonts if one.get("/Type") == "/FontDescriptor"]
    assert descriptors
    assert all({"/FontFile2", "/FontFile3"} & set(one.keys()) for one in descriptors)
    for one in fonts:
        assert not {"/JS", "/JavaScript", "/OpenAction", "/AA", "/URI"} & set(one.keys())


def test_the_evidence_is_attached_as_it_was_drawn(evidence: Evidence, pdf: pikepdf.Pdf) -> None:
    relations = {str(one.F): str(one.AFRelationship) for one in pdf.Root.AF}
    assert relations.pop("statement.json") == "/Source"
    assert set(relations.values()) == {"/Data"}
    held = {name: spec.get_file().read_bytes() for name, spec in pdf.attachments.items()}
    assert held == dict(evidence.attachments)


def test_its_structure_has_no_fault_by_qpdf(pdf: pikepdf.Pdf) -> None:
    assert pdf.check_pdf_syntax() == []


def test_the_same_evidence_gives_the_same_bytes(evidence: Evidence) -> None:
    assert typeset(evidence) == typeset(evidence)


def test_teams_with_nothing_with_several_currencies_and_with_large_sums_are_set(
    tmp_path: Path,
) -> None:
    rows = [
        row("60.00", {"team": "nlp"}),
        row("-123456789012.34", {"team": "nlp"}, ServiceName="Refund"),
        row("700", {"team": "nlp"}, BillingCurrency="JPY"),
    ]
    papers = Papers(tmp_path / "p", rows)
    for team, shown in (("nlp", "-123,456,788,952.34"), ("cv", "Nothing.")):
        pages = pypdf.PdfReader(io.BytesIO(typeset(papers.evidence(team)))).pages
        assert shown in "".join(page.extract_text() for page in pages)
