"""A house whose source is a Cost and Usage Report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loads import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "project", format="aws-cur")
    yield made
    made.books.close()
