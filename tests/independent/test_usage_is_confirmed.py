"""A script that knows nothing of apportion confirms how priced usage meets the bill."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from apportion.demo import write_demo
from apportion.demo.api_calls import PRICES
from walk import apportion

HERE = Path(__file__).parent
SCRIPT = HERE / "confirm_usage.py"
SCENARIO = HERE.parent / "scenarios" / "llm-api-matched"
PERIOD = "2026-10"

DEMO = {
    "pool": "llm-api",
    "service": "OpenAI API",
    "bills": [f"bills/openai/{PERIOD}.jsonl"],
    "usage": [f"usage/openai/{PERIOD}.jsonl"],
    "prices": {
        model: dict(zip(("input", "cache_read", "output"), prices, strict=True))
        for model, prices in PRICES.items()
    },
    "teams": {
        "key_nlp_chat": "nlp",
        "key_nlp_eval": "nlp",
        "key_cv_caption": "cv",
        "key_rec_explain": "rec",
        "key_search_rewrite": "search",
        "key_fraud_notes": "fraud",
    },
}
MATCHED = {
    "pool": "acme",
    "service": "Acme API",
    "bills": ["bills/2026-10.csv"],
    "usage": ["usage/acme.csv"],
    "prices": {"a-large": {"input": "4", "cache_read": "1", "output": "16"}},
    "teams": {"nlp": "nlp", "cv": "cv"},
}


def confirm(project: Path, case: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Write down what apportion says of a period, and let the script judge it.

    Of the demo other bills aren't loaded: it is incomplete, and says so by its exit code.
    """
    for command in ("reconcile", "statement"):
        _, output, errors = apportion(project, command, "--period", PERIOD, "--json")
        assert output, errors
        (project / f"{command}.json").write_text(output)
    return judge(project, case)


def judge(project: Path, case: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    said = {"reconciliation": "reconcile.json", "statement": "statement.json"}
    whole = {"currency": "USD", "period": PERIOD, **case, **said}
    (project / "case.json").write_text(json.dumps(whole))
    command = [sys.executable, "-I", str(SCRIPT), str(project / "case.json")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def bring(project: Path, *sources: str) -> None:
    wanted = [part for source in sources for part in ("--source", source)]
    for arguments in (["load", *wanted], ["run", "--period", PERIOD]):
        code, output, errors = apportion(project, *arguments)
        assert code == 0, output + errors


def test_the_model_api_of_the_demo(tmp_path: Path) -> None:
    write_demo(tmp_path, months=1)
    bring(tmp_path, "openai", "openai-usage")
    found = confirm(tmp_path, DEMO)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "confirmed: pool llm-api, 2026-10" in found.stdout


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("confirmed") / "project"
    shutil.copytree(SCENARIO, project)
    bring(project)
    found = confirm(project, MATCHED)
    assert found.returncode == 0, found.stdout + found.stderr
    return project


@pytest.mark.parametrize(
    ("file", "was", "now", "told"),
    [
        ("statement.json", '"42.40"', '"42.50"', "nlp carries 42.400000, not 42.50"),
        ("reconcile.json", '"113.6"', '"113.7"', "a-large: billed and priced are"),
    ],
)
def test_the_script_would_tell(scenario: Path, file: str, was: str, now: str, told: str) -> None:
    text = (scenario / file).read_text()
    assert was in text
    try:
        (scenario / file).write_text(text.replace(was, now))
        found = judge(scenario, MATCHED)
    finally:
        (scenario / file).write_text(text)
    assert found.returncode == 1
    assert told in found.stdout


def test_the_script_imports_nothing_of_ours() -> None:
    lines = SCRIPT.read_text().splitlines()
    imports = [line for line in lines if line.startswith(("import ", "from "))]
    assert imports
    assert not [line for line in imports if "apportion" in line]
