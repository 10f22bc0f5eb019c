"""apportion post, postings and stand-in, as a newcomer types them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from apportion.cli.stand_in import stand_in
from apportion.errors import UsageError
from commands import apportion
from posting import ENVIRONMENT, TARGETS, closed_october, place, project_settings


@pytest.mark.parametrize("target", TARGETS)
def test_a_stand_in_is_started_and_posted_to(
    tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**ENVIRONMENT, "APPORTION_ACTOR": "ben"}.items():
        monkeypatch.setenv(name, value)
    small = closed_october(tmp_path / "p")
    kept = tmp_path / "kept.jsonl"
    command = [sys.executable, "-m", "apportion", "stand-in", target, "--journal", str(kept)]
    server = subprocess.Popen(
        [*command, "--seconds", "90", "--misbehave", "time-out"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
        assert found
        with (small.root / "apportion.yaml").open("a") as handle:
            handle.write(project_settings(target, found[0]))
        asked = ("--period", "2026-10", "--to", target)
        plan = apportion(small.root, "post", *asked, "--dry-run", "--json")
        assert plan["postings"][0]["debits"] == "150.00"
        assert not kept.exists()
        said = apportion(small.root, "post", *asked)
        assert "posted: 1 of 1 posting; 2026-10 is posted" in said
        listed = apportion(small.root, "postings", "--period", "2026-10", "--json")["postings"]
        assert listed[0]["number"]
        assert len(kept.read_text().splitlines()) == 1
        said = apportion(small.root, "post", *asked, "--reconcile")
        assert "2026-10 is reconciled" in said
    finally:
        server.terminate()
        server.wait(timeout=20)


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with place(tmp_path / "p", "sap") as at:
        port = at.server.server_port
        with pytest.raises(UsageError, match=f"port {port} is taken") as told:
            stand_in("sap", port=port)
    assert "--port" in told.value.hint


def test_a_rejection_is_shown_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**ENVIRONMENT, "APPORTION_ACTOR": "ben"}.items():
        monkeypatch.setenv(name, value)
    with place(tmp_path / "p", "sap", ["reject"]) as at:
        said = apportion(at.small.root, "post", "--period", "2026-10", "--to", "sap", expect=1)
    assert "is rejected: 609(RW) Error; 507(F5) G/L account 9999999999 is not defined" in said
    assert "do: correct what the ERP says" in said


def test_an_unknown_stand_in_is_told(tmp_path: Path) -> None:
    said = apportion(tmp_path, "stand-in", "workday", expect=2)
    assert "'workday' isn't known" in said
    assert "'reject'" in apportion(tmp_path, "stand-in", "sap", "--misbehave", "rejct", expect=2)
