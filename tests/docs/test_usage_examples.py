"""What the pages on usage show is sound: their sources are declared as they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from apportion.model.read_project import read_project
from apportion.sources.usage.formats import MODULES

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs/how-to"
PAGES = [*sorted(HOW_TO.glob("usage-from-*.md")), HOW_TO / "charge-by-usage.md"]
EXAMPLES = [
    pytest.param(example, id=f"{page.stem}-{at}")
    for page in PAGES
    for at, example in enumerate(
        re.findall(r"```yaml\n(usage:\n.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    )
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_source_of_usage_is_declared_soundly(tmp_path: Path, example: str) -> None:
    (tmp_path / "apportion.yaml").write_text("name: Examples\ncurrency: EUR\n" + example)
    found = read_project(tmp_path).usage
    assert found
    assert {one.format for one in found.values()} <= set(MODULES)


def test_every_format_has_a_page() -> None:
    told = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [name for name in MODULES if f"format: {name}" not in told] == []
