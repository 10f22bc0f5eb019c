"""Every folder is a case that a finance person can read; its README works the answer by hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from walk import walk_all

HERE = Path(__file__).parent
SCENARIOS = sorted(path.parent.name for path in HERE.glob("*/expected.json"))


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str, tmp_path: Path) -> None:
    project = tmp_path / name
    shutil.copytree(HERE / name, project)
    walk_all(project, json.loads((HERE / name / "expected.json").read_text())["steps"])


def test_every_scenario_is_explained() -> None:
    for name in SCENARIOS:
        words = (HERE / name / "README.md").read_text().split()
        assert len(words) > 40, name
