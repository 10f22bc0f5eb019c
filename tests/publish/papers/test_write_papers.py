"""All teams at once: files, a site, and the same bytes from several processes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from apportion.errors import UsageError
from apportion.publish.papers.check_paper import check_paper
from apportion.publish.papers.facts import gather_facts
from apportion.publish.papers.read_paper import read_paper
from apportion.publish.papers.write_papers import check_formats, write_papers
from bills import row
from paper_projects import OCTOBER, Papers

MANY = 9


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    teams = "".join(f"  - {{name: team {n}, kind: team}}\n" for n in range(MANY))
    model = f"organisation:\n{teams}rules:\n  - {{name: tag, team_from_tag: team}}\n"
    rows = [row(f"{n + 1}.10", {"team": f"team {n}"}) for n in range(MANY)]
    return Papers(tmp_path_factory.mktemp("many") / "p", rows, model)


def test_processes_write_what_one_would(many: Papers, tmp_path: Path) -> None:
    with many.open() as project:
        facts = gather_facts(project, OCTOBER)
    several = write_papers(facts, tmp_path / "a", ["pdf", "xlsx"], processes=2)
    write_papers(facts, tmp_path / "b", ["pdf", "xlsx"], processes=1)
    assert [one.team for one in several] == [f"team {n}" for n in range(MANY)]
    for one in several:
        for path in one.files:
            assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    assert all(one.ok for one in check_paper(read_paper(several[0].files[0])))


def test_the_site_is_whole_and_loads_nothing_from_elsewhere(many: Papers, tmp_path: Path) -> None:
    with many.open() as project:
        facts = gather_facts(project, OCTOBER)
    write_papers(facts, tmp_path, ["html", "pdf"])
    pages = sorted(tmp_path.glob("*.html"))
    assert len(pages) == MANY + 1
    for page in pages:
        text = page.read_text()
        for link in re.findall(r'(?:href|src)="([^"#]+)', text):
            assert (tmp_path / link).is_file(), link
        assert "<script" not in text
        assert " style=" not in text
        assert 'lang="en"' in text
        assert "://" not in text
    assert "45.90" in (tmp_path / "index.html").read_text()
    style = (tmp_path / "statements.css").read_text()
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style
    assert "url(" not in style


def test_a_format_that_isnt_known_is_refused() -> None:
    with pytest.raises(UsageError, match="no format is called 'doc'"):
        check_formats("pdf,doc")
    with pytest.raises(UsageError, match="say in which format"):
        check_formats(" , ")
