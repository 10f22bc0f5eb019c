"""Statements as pages: an index and one page a team; no script, nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from apportion.errors import PaperError
from apportion.publish.documents import Document
from apportion.publish.papers.evidence import Evidence
from apportion.publish.papers.facts import PaperFacts
from apportion.publish.papers.words import BASES, money_words, month_words, signed_words
from apportion.run.statement import Statement, TeamStatement

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).with_name("pages")
STYLE = "statements.css"


@dataclass(frozen=True)
class PaperFile:
    """A file of a team's statement in the same folder, and what it is: PDF, XLSX."""

    name: str
    kind: str


def draw_page(evidence: Evidence, files: Sequence[PaperFile] = (), *, index: bool = False) -> str:
    """A team's page; `files` are linked, and with `index` the page of all teams.

    Every text is escaped by the template. Raises PaperError where jinja2 isn't installed.
    """
    paper: Document = json.loads(evidence.files["statement.json"])
    team = paper["team"]
    about = [
        ("Team", team["name"]),
        ("Cost centre", team["cost_center"]),
        ("Product", team["product"]),
        ("Business unit", team["business_unit"]),
        ("Drawn up by", paper["project"]),
        ("Amounts", paper["basis_words"]),
    ]
    return (
        _environment()
        .get_template("statement.html")
        .render(
            **paper,
            about=[pair for pair in about if pair[1]],
            digest=evidence.digest,
            files=files,
            index=index,
        )
    )


def draw_index(
    facts: PaperFacts, version: Document, pages: Iterable[tuple[str, str, Sequence[PaperFile]]]
) -> str:
    """The page of all teams: `pages` are team, page and files; what nobody carries stands below."""
    found = facts.statements[0]
    by_team = {one.facts.team: one for one in found.teams}
    listed = [(by_team[team], page, files) for team, page, files in pages]
    month = month_words(str(facts.run.period))
    return (
        _environment()
        .get_template("index.html")
        .render(
            title=f"Statements of {facts.project}, {month}",
            version=version,
            basis_words=f"In {found.currency}, {BASES.get(facts.run.basis, facts.run.basis)}",
            files=any(files for _, _, files in listed),
            rows=[
                {
                    "title": team.facts.title or team.facts.team,
                    "page": page,
                    "cells": _cells(team),
                    "files": files,
                }
                for team, page, files in listed
            ],
            totals=_totals(found),
        )
    )


def style() -> str:
    """The one style sheet of all pages."""
    return (FOLDER / STYLE).read_text(encoding="utf-8")


def _cells(team: TeamStatement) -> list[str]:
    return [
        money_words(team.total),
        money_words(team.budget),
        signed_words(team.variance),
        signed_words(team.change),
    ]


def _totals(found: Statement) -> list[dict[str, str]]:
    rows = [(f"kept in pool {pool}", kept) for pool, kept in found.kept if kept]
    rows += [("unallocated", found.unallocated), ("total", found.total)]
    return [{"title": title, "shown": money_words(value)} for title, value in rows]


@cache
def _environment() -> Environment:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ImportError as missing:
        raise PaperError(
            "pages need jinja2, which isn't installed", hint="pip install 'apportion[statements]'"
        ) from missing
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
