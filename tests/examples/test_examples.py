"""The example projects do what their READMEs say, step by step, figure by figure."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from walk import walk_all

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
NAMES = sorted(path.stem for path in HERE.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_example(name: str, tmp_path: Path) -> None:
    project = tmp_path / name
    shutil.copytree(EXAMPLES / name, project)
    # A newcomer who deletes the driver's rows of October is left with those of September.
    (tmp_path / "requests-of-september.csv").write_text(_september(EXAMPLES / "feature-store"))
    walk_all(project, json.loads((HERE / f"{name}.json").read_text())["steps"])


def _september(example: Path) -> str:
    rows = (example / "model" / "drivers" / "requests.csv").read_text().splitlines()
    return "\n".join(row for row in rows if ",2026-10," not in row) + "\n"


def test_every_example_has_its_steps() -> None:
    services = {path.parent for path in EXAMPLES.glob("*/server.py")}  # have a test of their own
    projects = sorted(path for path in EXAMPLES.iterdir() if path.is_dir() and path not in services)
    assert [path.name for path in projects] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_holds_the_figures_that_are_tested(name: str) -> None:
    """What a newcomer works out on paper is what the test expects."""
    readme = (EXAMPLES / name / "README.md").read_text().replace("\N{MINUS SIGN}", "-")
    shown = {number.replace(",", "") for number in re.findall(r"-?[\d,]*\d\.\d\d", readme)}
    steps = json.loads((HERE / f"{name}.json").read_text())["steps"]
    last = [s for s in steps if "statement --period" in s.get("run", "")][-1]["expect"]
    for team in last["teams"].values():
        assert {team["total"], team["variance"]} <= shown
    assert last["total"] in shown


@pytest.mark.parametrize("name", NAMES)
def test_the_commands_of_the_readme_exist(name: str) -> None:
    from typer.main import get_command

    from apportion.cli.app import app

    known = set(getattr(get_command(app), "commands", {}))
    readme = (EXAMPLES / name / "README.md").read_text()
    used = set(re.findall(r"^apportion (\w+)", readme, re.MULTILINE))
    assert used
    assert used <= known
