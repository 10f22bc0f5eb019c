"""Usage that was pulled, loaded and told anew: each bucket counts once, by what was told last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from apportion.domain.period import Period
from apportion.load.usage import UsageLoad, load_usage
from apportion.model.read_project import read_project
from apportion.sources.pull.pull import Wish, pull
from apportion.store.books import Books
from apportion.store.lake import Lake
from report_server import KEY, Json, Reports, serve


@pytest.fixture
def server() -> Iterator[Reports]:
    with serve() as made:
        yield made


def bring_in(root: Path, now: datetime, start: str, until: str) -> UsageLoad:
    project = read_project(root)
    days = (date.fromisoformat(start), date.fromisoformat(until))
    pull(project.usage["openai"], root, Wish(now, *days))
    books = Books.open(project.books)
    try:
        (loaded,) = load_usage(project, books, Lake(project.lake))
    finally:
        books.close()
    return loaded


def test_a_bucket_that_has_grown_counts_by_the_later_file(
    tmp_path: Path, server: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AI_ADMIN", KEY)
    (tmp_path / "apportion.yaml").write_text(
        "name: P\ncurrency: USD\nusage:\n  openai:\n    format: openai-usage\n    path: pulled\n"
        "    pull: {api: openai-usage, key: env:AI_ADMIN, reports: [completions], "
        f"endpoint: '{server.url}'}}\n"
    )
    grown = 1

    def results(report: str, day: date) -> list[Json]:
        return [
            {
                "object": "organization.usage.completions.result",
                "input_tokens": 100 * grown,
                "input_cached_tokens": 40,
                "output_tokens": 10,
                "num_model_requests": 1,
                "project_id": "proj_nlp",
            },
            {
                "object": "organization.usage.completions.result",
                "input_tokens": 5,
                "input_cached_tokens": 9,
                "output_tokens": 1,
                "num_model_requests": 1,
                "project_id": "proj_odd",
            },
        ]

    server.results = results
    now = datetime(2026, 10, 6, tzinfo=UTC)
    first = bring_in(tmp_path, now, "2026-10-01", "2026-10-04")
    (period,) = first.periods
    assert period.period == Period(2026, 10)
    assert (period.read, period.accepted, period.rejected) == (6, 3, 3), "more cached than went in"
    grown = 3
    second = bring_in(tmp_path, now.replace(day=7), "2026-10-03", "2026-10-05")
    (period,) = second.periods
    assert (period.read, period.accepted, period.rejected) == (10, 4, 5)
    assert (period.superseded, period.duplicate, period.conflict) == (1, 0, 0)
