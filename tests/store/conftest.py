"""Open books, on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apportion.store.books import Books


@pytest.fixture
def books(books_url: str) -> Iterator[Books]:
    """Empty books, open."""
    opened = Books.open(books_url)
    yield opened
    opened.close()
