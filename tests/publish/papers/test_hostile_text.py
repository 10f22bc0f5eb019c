"""Text from bills, models and people is text on every paper: nothing in it is run."""

from __future__ import annotations

import io
import json
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pypdf
import pytest
import yaml

from apportion.domain.comment import Comment
from apportion.publish.papers.evidence import Evidence
from apportion.publish.papers.file_names import file_names
from apportion.publish.papers.html import draw_page
from apportion.publish.papers.typeset import typeset
from apportion.publish.papers.workbook import draw_workbook
from apportion.store.books.audit import now
from bills import row
from paper_projects import HOSTILE, MODEL, OCTOBER, ROWS, Papers


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Hostile text in every field that a bill, a model or a person can fill."""
    model = yaml.safe_load(MODEL)
    model["organisation"][0]["title"] = HOSTILE
    model["pools"][0] |= {"title": HOSTILE, "because": HOSTILE, "owner": HOSTILE}
    model["rules"][0] |= {"name": HOSTILE, "because": HOSTILE}
    more = [
        row("1.00", {"team": "nlp"}, ServiceName=HOSTILE, ResourceName=HOSTILE, ResourceId="r-9"),
        row("1.00", {"team": "nlp"}, ServiceName="\u202ereversed\x01\u2066"),
    ]
    root = tmp_path_factory.mktemp("hostile") / "p"
    papers = Papers(root, [*ROWS, *more], yaml.safe_dump(model, allow_unicode=True))
    (root / "apportion.yaml").write_text(
        (root / "apportion.yaml")
        .read_text()
        .replace("name: Acme", f"name: {json.dumps(HOSTILE, ensure_ascii=False)}")
    )
    line = papers.paper("nlp")["parts"][0]["direct"][0]["id"]
    with papers.open() as project:
        project.books.comment(Comment(OCTOBER, "nlp", line, HOSTILE, HOSTILE, now()))
    return papers.evidence("nlp")


def test_the_pdf_shows_it_as_text_with_the_names_of_what_no_font_has(evidence: Evidence) -> None:
    content = typeset(evidence)
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    shown = "".join(text.split())
    assert '#panic("in")$y$' in shown
    assert "[grinningface]" in shown
    assert "[U+4E2D]" in shown
    assert "[right-to-leftoverride]reversed[U+0001]" in shown
    assert typeset(evidence) == content


def test_no_cell_of_the_workbook_is_a_formula_but_ours(evidence: Evidence) -> None:
    book = zipfile.ZipFile(io.BytesIO(draw_workbook(evidence)))
    sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name]
    formulas = [part.split("</f>")[0] for one in sheets for part in one.split("<f>")[1:]]
    assert formulas
    assert not [one for one in formulas if "HYPERLINK" in one or "http" in one]
    assert not [name for name in book.namelist() if "hyperlink" in name or "externalLink" in name]
    assert not any("<hyperlink" in one for one in sheets)


class _Tags(HTMLParser):
    """The tags of a page, and whatever would load or run something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in {"src", "href", "action"} and value not in {"statements.css", "#content"}:
                self.loads.append(value or "")
            assert not name.startswith("on")


def test_the_page_has_no_tag_of_it(evidence: Evidence) -> None:
    page = draw_page(evidence)
    found = _Tags(page)
    assert not {"script", "img", "iframe", "object", "form", "style"} & found.tags
    assert found.loads == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7*7 }}" in page


def test_names_of_files_are_never_paths() -> None:
    names = file_names(["../../etc/passwd", "A", "a", "\x00", "C:\\x", "con", HOSTILE], "2026-10")
    assert all(Path(name).name == name and "\\" not in name for name in names.values())
    assert len({name.lower() for name in names.values()}) == len(names)
