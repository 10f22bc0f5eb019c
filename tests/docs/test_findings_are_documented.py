"""Every code that a finding can have is described in the reference, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from apportion.load.departures import QUANTITY_UNREADABLE
from apportion.sources.tags import Remark

ROOT = Path(__file__).parents[2]


def codes() -> Iterator[str]:
    """Codes as the code writes them: the first word of a Finding, or ``code=``."""
    yield QUANTITY_UNREADABLE
    yield from map(str, Remark)
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                given = [word.value for word in node.keywords if word.arg == "code"]
                if isinstance(node.func, ast.Name) and node.func.id == "Finding":
                    given += node.args[:1]
                for one in given:
                    if isinstance(one, ast.Constant):
                        yield str(one.value)


def test_codes_and_reference_are_the_same() -> None:
    pages = [ROOT / "docs" / "reference" / name for name in ("findings.md", "model.md")]
    told = {
        code
        for page in pages
        for code in re.findall(r"^\| `([a-z]+(?:-[a-z0-9]+)+)` \|", page.read_text(), re.MULTILINE)
    }
    assert set(codes()) - told == set()
    listed = re.findall(r"^\| `([a-z0-9-]+)` \|", pages[0].read_text(), re.MULTILINE)
    assert set(listed) - set(codes()) == set()


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
