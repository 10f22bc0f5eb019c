"""Write statements into a folder: PDF, XLSX and pages, of all teams, on all cores."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from apportion.errors import UsageError
from apportion.publish.documents import Document
from apportion.publish.papers.draw_paper import draw_paper
from apportion.publish.papers.evidence import Evidence, EvidenceDesk
from apportion.publish.papers.facts import PaperFacts
from apportion.publish.papers.file_names import file_names
from apportion.publish.papers.html import STYLE, PaperFile, draw_index, draw_page, style
from apportion.publish.papers.typeset import typeset
from apportion.publish.papers.workbook import draw_workbook

FORMATS = ("pdf", "xlsx", "html")
ALONE = 6
"""So many statements are set faster without a second process."""

CHUNK = 4


@dataclass(frozen=True)
class Written:
    """A statement that was written: its files, and the digest of its evidence."""

    team: str
    files: tuple[Path, ...]
    digest: str


def check_formats(text: str, most: int = len(FORMATS)) -> tuple[str, ...]:
    """Formats from a list with commas; raises UsageError for one that isn't known.

    >>> check_formats("pdf, html")
    ('pdf', 'html')
    """
    found = tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))
    known = f"known: {', '.join(FORMATS)}"
    for one in found:
        if one not in FORMATS:
            raise UsageError(f"no format is called {one!r}", hint=known)
    if not 1 <= len(found) <= most:
        raise UsageError("say in which format", hint=known)
    return found


def draw_file(evidence: Evidence, form: str) -> bytes:
    """A statement in one format; raises UsageError for another."""
    if form == "pdf":
        return typeset(evidence)
    if form == "xlsx":
        return draw_workbook(evidence)
    if form == "html":
        return _alone(draw_page(evidence)).encode("utf-8", "replace")
    raise UsageError(f"no format is called {form!r}", hint=f"known: {', '.join(FORMATS)}")


def _alone(page: str) -> str:
    """A page that stands alone holds the style sheet."""
    link = f'<link rel="stylesheet" href="{STYLE}">'
    return page.replace(link, f"<style>\n{style()}</style>", 1)


def write_papers(
    facts: PaperFacts, folder: Path, formats: Sequence[str], *, processes: int = 0
) -> tuple[Written, ...]:
    """Write the statements of all teams, and with `html` an index of them.

    Raises UsageError for a format that isn't known, PaperError where the extra for statements
    isn't installed.
    """
    check_formats(",".join(formats))
    folder.mkdir(parents=True, exist_ok=True)
    names = file_names(facts.teams, str(facts.run.period))
    desk = EvidenceDesk(facts)
    papers: dict[str, Document] = {}

    def jobs() -> Iterator[_Job]:
        for team in facts.teams:
            papers[team] = draw_paper(facts, team)
            evidence = desk.draw(team, papers[team])
            yield _Job(team, evidence, folder / names[team], tuple(formats))

    written = tuple(_all_written(jobs(), len(facts.teams), processes or os.cpu_count() or 1))
    if "html" in formats and papers:
        pages = [
            (one.team, f"{names[one.team]}.html", _linked(folder / names[one.team], formats))
            for one in written
        ]
        version = next(iter(papers.values()))["version"]
        (folder / STYLE).write_text(style(), encoding="utf-8")
        text = draw_index(facts, version, pages)
        (folder / "index.html").write_bytes(text.encode("utf-8", "replace"))
    return written


@dataclass(frozen=True)
class _Job:
    team: str
    evidence: Evidence
    stem: Path
    formats: tuple[str, ...]


def _all_written(jobs: Iterator[_Job], count: int, processes: int) -> Iterator[Written]:
    if count <= ALONE or processes < 2:
        yield from map(_write, jobs)
        return
    with _pool(processes) as pool:
        yield from pool.map(_write, jobs, chunksize=CHUNK)


def _pool(processes: int) -> AbstractContextManager[ProcessPoolExecutor]:
    """Fresh processes: this one may have an engine's threads, which can't be copied."""
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"))


def _write(job: _Job) -> Written:
    made: list[Path] = []
    for form in job.formats:
        path = job.stem.with_name(f"{job.stem.name}.{form}")
        if form == "html":
            page = draw_page(job.evidence, _linked(job.stem, job.formats), index=True)
            content = page.encode("utf-8", "replace")
        else:
            content = draw_file(job.evidence, form)
        path.write_bytes(content)
        made.append(path)
    return Written(job.team, tuple(made), job.evidence.digest)


def _linked(stem: Path, formats: Sequence[str]) -> list[PaperFile]:
    return [PaperFile(f"{stem.name}.{one}", one.upper()) for one in formats if one != "html"]
