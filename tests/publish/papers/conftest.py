"""One project of papers for all tests that don't change it."""

from __future__ import annotations

from pathlib import Path

import pytest

from paper_projects import Papers


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return Papers(tmp_path_factory.mktemp("papers") / "acme")


@pytest.fixture
def own_papers(tmp_path: Path) -> Papers:
    return Papers(tmp_path / "acme")
