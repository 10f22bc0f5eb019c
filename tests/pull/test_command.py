"""`apportion pull` as people run it: reports are fetched, loaded, and proven."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from commands import apportion
from report_server import KEY, Json, Reports, serve


@pytest.fixture
def server() -> Iterator[Reports]:
    with serve() as made:
        made.results = costs
        yield made


def costs(report: str, day: date) -> list[Json]:
    return [
        {
            "object": "organization.costs.result",
            "amount": {"value": 0.1, "currency": "usd"},
            "line_item": "gpt-small-2026-08-06, input",
            "project_id": "proj_nlp",
        }
    ]


@pytest.fixture
def folder(tmp_path: Path, server: Reports, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AI_ADMIN", KEY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (tmp_path / "apportion.yaml").write_text(
        "name: Pulled\ncurrency: USD\nsources:\n  openai:\n    format: openai-costs\n"
        "    path: bills/openai\n    pull:\n      api: openai-costs\n      key: env:AI_ADMIN\n"
        f"      endpoint: {server.url}\n"
    )
    (tmp_path / "model").mkdir()
    (tmp_path / "model/organisation.yaml").write_text(
        "organisation:\n  - {name: nlp, kind: team, cost_center: CC-1}\n"
    )
    return tmp_path


def test_pulled_loaded_and_summed(folder: Path) -> None:
    told = apportion(folder, "pull", "openai", "--from", "2026-09-01", "--to", "2026-10-01")
    assert "openai: 2026-09-01 to before 2026-10-01: 10 pages;" in told
    assert KEY not in told
    apportion(folder, "load")
    apportion(folder, "run", "--period", "2026-09")
    found = apportion(folder, "reconcile", "--period", "2026-09", "--json")
    proofs = {proof["basis"]: proof["loaded"] for proof in found["proofs"]}
    assert proofs["BilledCost"] == "3"


def test_json(folder: Path) -> None:
    found = apportion(folder, "pull", "--from", "2026-09-01", "--to", "2026-10-01", "--json")
    (source,) = found["pulled"]
    (range_,) = source["ranges"]
    assert (source["source"], range_["from"], range_["to"]) == (
        "openai",
        "2026-09-01",
        "2026-10-01",
    )
    assert (range_["pages"], range_["resumed"]) == (10, False)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["nobody"], "no source is called 'nobody'"),
        (["--from", "yesterday"], "--from 'yesterday' is no day"),
    ],
)
def test_wrong_use(folder: Path, arguments: list[str], what: str) -> None:
    assert what in apportion(folder, "pull", *arguments, expect=2)


def test_a_wrong_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AI_ADMIN", "sk-somebody-else-1234")
    told = apportion(folder, "pull", "--from", "2026-09-01", "--to", "2026-10-01", expect=2)
    assert "OpenAI refused the key" in told
    assert "sk-somebody" not in told


def test_without_the_libraries_it_says_how_to_get_them(folder: Path) -> None:
    script = (
        "import sys; sys.modules['httpx'] = None\n"
        "from apportion.cli.app import run_app\n"
        f"run_app(['--project', {str(folder)!r}, 'pull'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=dict(os.environ),
    )
    assert done.returncode == 2
    assert "pip install 'apportion[pull]'" in done.stderr
    assert "Traceback" not in done.stderr
