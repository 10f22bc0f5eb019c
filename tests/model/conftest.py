"""Project folders for the tests of the model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from workshop import Workshop


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


@pytest.fixture
def make_shop(tmp_path: Path) -> Callable[[str], Workshop]:
    return lambda name: Workshop(tmp_path / name)
