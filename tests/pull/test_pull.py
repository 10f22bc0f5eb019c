"""Pulling reports: pages, waiting, going on, and a key that never shows."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from apportion.errors import ApportionError, ConfigurationError, SourceError, UsageError
from apportion.model.read_project import read_project
from apportion.sources.files import InputFile
from apportion.sources.pages import ASKED, read_pages
from apportion.sources.pull import fetch
from apportion.sources.pull.pull import PulledRange, Wish, pull
from report_server import KEY, Json, Reports, cut, cut_without_length, serve, status

NOW = datetime(2026, 11, 3, 6, 0, tzinfo=UTC)
GROUPED = "[project_id, model]"


@pytest.fixture
def server() -> Iterator[Reports]:
    with serve() as made:
        made.results = completions
        yield made


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited, without waiting."""
    waited: list[float] = []
    made = fetch.Fetcher.__init__

    def quick(self: fetch.Fetcher, *given: Any, **named: Any) -> None:
        made(self, *given, **named | {"sleep": waited.append})

    monkeypatch.setattr(fetch.Fetcher, "__init__", quick)
    return waited


class Place:
    """A project that pulls from a server of the tests."""

    def __init__(self, root: Path, server: Reports) -> None:
        self.root, self.server = root, server
        self.folder = root / "pulled"
        (root / "key").write_text(f"{KEY}\n")
        self.describe()

    def describe(self, api: str = "openai-usage", more: str = "reports: [completions]") -> None:
        section = "sources" if api.endswith("-costs") else "usage"
        (self.root / "apportion.yaml").write_text(
            f"name: Pulled\ncurrency: USD\n{section}:\n  ai:\n    format: {api}\n"
            f"    path: pulled\n    pull:\n      api: {api}\n      key: file:key\n"
            f"      endpoint: {self.server.url}\n" + (f"      {more}\n" if more else "")
        )

    def pull(
        self, start: str = "", until: str = "", now: datetime = NOW
    ) -> tuple[PulledRange, ...]:
        project = read_project(self.root)
        spec = project.sources["ai"] if project.sources else project.usage["ai"]
        days = (date.fromisoformat(text) if text else None for text in (start, until))
        return pull(spec, self.root, Wish(now, *days))

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir()) if self.folder.exists() else []

    def documents(self, name: str) -> list[Json]:
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]

    def days(self, name: str) -> list[str]:
        """The days that a file tells of, by the start of their buckets."""
        pages = read_pages(InputFile(name, self.folder / name))
        return [
            str(datetime.fromtimestamp(bucket["start_time"], UTC).date())
            for page in pages
            for bucket in page.buckets
        ]


@pytest.fixture
def place(tmp_path: Path, server: Reports, waits: list[float]) -> Place:
    return Place(tmp_path, server)


def completions(report: str, day: date) -> list[Json]:
    return [
        {
            "object": f"organization.usage.{report}.result",
            "input_tokens": day.day,
            "output_tokens": 1,
            "num_model_requests": 1,
        }
    ]


def test_all_pages_of_the_days_lie_in_one_file(place: Place) -> None:
    (done,) = place.pull("2026-10-01", "2026-10-09")
    assert done.file == "20261103T060000Z_openai-usage_2026-10-01_2026-10-09.jsonl"
    assert place.files() == [done.file]
    assert done.pages == 3
    assert place.days(done.file) == [f"2026-10-0{n}" for n in range(1, 9)]
    (path, first), second, _ = place.server.asked
    assert path == "/v1/organization/usage/completions"
    assert first["start_time"] == ["1790812800"]
    assert (first["bucket_width"], first["limit"]) == (["1d"], ["31"])
    assert first["group_by"] == [
        "project_id",
        "user_id",
        "api_key_id",
        "model",
        "batch",
        "service_tier",
    ]
    assert second[1]["page"] == ["cursor_3"]


def test_months_have_files_of_their_own_and_names_are_in_the_order_of_time(place: Place) -> None:
    place.pull("2026-09-29", "2026-10-02")
    place.pull("2026-09-30", "2026-10-01", now=NOW + timedelta(hours=1))
    assert place.files() == [
        "20261103T060000Z_openai-usage_2026-09-29_2026-10-01.jsonl",
        "20261103T060000Z_openai-usage_2026-10-01_2026-10-02.jsonl",
        "20261103T070000Z_openai-usage_2026-09-30_2026-10-01.jsonl",
    ]


def test_the_first_time_from_the_month_before_and_then_what_may_have_changed(place: Place) -> None:
    first = place.pull()
    assert [(str(d.start), str(d.until)) for d in first] == [
        ("2026-10-01", "2026-11-01"),
        ("2026-11-01", "2026-11-03"),
    ]
    again = place.pull(now=NOW + timedelta(days=2))
    assert [(str(d.start), str(d.until)) for d in again] == [
        ("2026-10-27", "2026-11-01"),
        ("2026-11-01", "2026-11-05"),
    ]


def test_each_report_is_asked_by_the_groups_that_it_has(place: Place) -> None:
    place.describe(more="")
    (done,) = place.pull("2026-10-01", "2026-10-02")
    groups = {path.rsplit("/", 1)[1]: query.get("group_by") for path, query in place.server.asked}
    assert len(groups) == 10
    assert groups["vector_stores"] == ["project_id"]
    assert groups["images"] == ["project_id", "user_id", "api_key_id", "model", "size", "source"]
    heads = [one[ASKED] for one in place.documents(done.file) if ASKED in one]
    assert [head["report"] for head in heads] == list(groups)


def test_busy_and_broken_servers_are_asked_again(place: Place, waits: list[float]) -> None:
    place.server.faults = {
        1: status(429, Retry_After="7"),
        2: status(500),
        3: cut,
        4: cut_without_length,
        6: status(503, Retry_After="Tue, 03 Nov 2020 06:00:00 GMT"),
    }
    (done,) = place.pull("2026-10-01", "2026-10-05")
    assert place.days(done.file) == [f"2026-10-0{n}" for n in range(1, 5)]
    assert waits[0] == 7
    assert waits[4] == 0, "a date that has passed"
    assert all(0 <= wait <= 60 for wait in waits[1:])
    assert len(place.server.asked) == 7


def test_a_server_that_stays_busy_is_left_after_some_tries(
    place: Place, waits: list[float]
) -> None:
    place.server.always = status(500, "out of order")
    with pytest.raises(SourceError, match="didn't answer after 8 tries") as fault:
        place.pull("2026-10-01", "2026-10-02")
    assert fault.value.why == "500: out of order"
    assert len(waits) == 7
    assert place.files() == []


def test_a_long_wait_is_told_and_not_waited_for(place: Place, waits: list[float]) -> None:
    place.server.always = status(429, Retry_After="3600")
    with pytest.raises(SourceError, match="asks to wait for 60 minutes"):
        place.pull("2026-10-01", "2026-10-02")
    assert waits == []


def test_a_pull_that_was_cut_off_goes_on_where_it_ended(place: Place) -> None:
    place.server.faults = dict.fromkeys(range(3, 20), cut)
    with pytest.raises(SourceError, match="didn't answer after"):
        place.pull("2026-10-01", "2026-10-12")
    assert place.files() == [], "what isn't whole is no file of the source"
    (part,) = (place.root / ".apportion/pull/ai").iterdir()
    with part.open("a") as torn:
        torn.write('{"object": "page", "da')  # killed while it wrote
    asked = len(place.server.asked)
    place.server.faults = {}
    (done,) = place.pull("2026-10-01", "2026-10-12")
    assert done.resumed
    assert place.server.asked[asked][1]["page"] == ["cursor_6"]
    assert len(place.server.asked) == asked + 2
    assert place.days(done.file) == [str(date(2026, 10, n)) for n in range(1, 12)]
    assert list((place.root / ".apportion/pull/ai").iterdir()) == []


def test_a_part_of_other_questions_is_not_gone_on_with(place: Place) -> None:
    place.server.faults = {n: status(500) for n in range(2, 20)}
    with pytest.raises(SourceError):
        place.pull("2026-10-01", "2026-10-12")
    place.server.faults = {}
    place.describe(more=f"group_by: {GROUPED}\n      reports: [completions]")
    asked = len(place.server.asked)
    (done,) = place.pull("2026-10-01", "2026-10-12")
    assert not done.resumed
    assert "page" not in place.server.asked[asked][1]


def test_a_stale_cursor_begins_anew(place: Place) -> None:
    place.server.faults = {n: status(500) for n in range(2, 20)}
    with pytest.raises(SourceError):
        place.pull("2026-10-01", "2026-10-08")
    asked = len(place.server.asked)
    place.server.faults = {asked + 1: status(400, "no such page")}
    (done,) = place.pull("2026-10-01", "2026-10-08")
    assert not done.resumed
    assert place.days(done.file) == [f"2026-10-0{n}" for n in range(1, 8)]


def test_two_pulls_of_one_source_at_once(place: Place) -> None:
    from apportion.sources.pull.part import open_part

    private = place.root / ".apportion/pull/ai/openai-usage_2026-10-01_2026-10-02"
    with open_part(private, []), pytest.raises(UsageError, match="another pull"):
        place.pull("2026-10-01", "2026-10-02")


def test_a_wrong_key_is_told_and_not_tried_again(place: Place, waits: list[float]) -> None:
    (place.root / "key").write_text("sk-wrong-key-00000000")
    with pytest.raises(SourceError, match="OpenAI refused the key") as fault:
        place.pull("2026-10-01", "2026-10-02")
    assert "`key: file:key` must lead to an admin key" in fault.value.hint
    assert "sk-wrong" not in str(fault.value)
    assert waits == []


def test_the_key_shows_nowhere(
    place: Place, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    faults: list[Any] = [
        status(401, f"bad key {KEY}"),
        status(400, f"bad request, {KEY}"),
        status(500, f"trace: Bearer {KEY}"),
        status(302, "moved", Location=f"{place.server.url}/elsewhere"),
        cut,
    ]
    told = ""
    for fault in faults:
        place.server.always = fault
        with pytest.raises(ApportionError) as known:
            place.pull("2026-10-01", "2026-10-02")
        told += str(known.value) + repr(known.value) + repr(known.value.__cause__)
    place.server.always = None
    place.pull("2026-10-01", "2026-10-08")
    written = "".join(path.read_text() for path in place.folder.iterdir())
    written += "".join(map(str, place.server.asked))  # paths and queries
    out, err = capfd.readouterr()
    assert KEY not in told + written + out + err + caplog.text
    assert "[key]" in told
    assert not any("elsewhere" in path for path, _ in place.server.asked), "not followed"


def test_what_the_provider_refuses_is_told_in_its_words(place: Place) -> None:
    place.server.always = status(400, "group_by user_id is not supported")
    with pytest.raises(SourceError, match="refused the question") as fault:
        place.pull("2026-10-01", "2026-10-02")
    assert fault.value.why == "400: group_by user_id is not supported"


def test_days_that_were_not_asked_are_refused(place: Place) -> None:
    from pages import openai_bucket, page

    place.server.always = lambda handler: handler.answer(200, page(openai_bucket("2026-12-01")))
    with pytest.raises(SourceError, match="answered what wasn't asked") as fault:
        place.pull("2026-10-01", "2026-10-02")
    assert "2026-12-01" in fault.value.why
    assert place.files() == []


def test_pages_that_never_end_are_refused(place: Place) -> None:
    from pages import page

    place.server.always = lambda handler: handler.answer(200, page(more="same"))
    with pytest.raises(SourceError, match="answered what wasn't asked"):
        place.pull("2026-10-01", "2026-10-02")


def test_a_report_that_ends_early_is_told(place: Place) -> None:
    from pages import openai_bucket, page

    place.server.always = lambda handler: handler.answer(200, page(openai_bucket("2026-10-01")))
    (done,) = place.pull("2026-10-01", "2026-10-04")
    assert str(done.told_until) == "2026-10-02"


def test_other_groups_are_refused_where_both_would_count(place: Place) -> None:
    place.pull("2026-10-01", "2026-10-02")
    place.describe(more=f"reports: [completions]\n      group_by: {GROUPED}")
    with pytest.raises(ConfigurationError, match="pulled by other groups"):
        place.pull("2026-10-02", "2026-10-03")


def test_cost_is_pulled_by_whole_months(place: Place) -> None:
    place.server.results = lambda report, day: [
        {"object": "organization.costs.result", "amount": {"value": 0.1, "currency": "usd"}}
    ]
    place.describe("openai-costs", "")
    (done,) = place.pull("2026-10-10", "2026-10-12")
    assert (str(done.start), str(done.until)) == ("2026-10-01", "2026-11-01")
    again = place.pull(now=NOW + timedelta(hours=1))
    assert [(one.file != "", str(one.start)) for one in again] == [
        (False, "2026-10-01"),
        (True, "2026-11-01"),
    ], "the same month says the same: it has no new file"
    assert place.server.asked[0][1]["group_by"] == ["project_id", "line_item"]


def test_anthropic_is_asked_in_its_own_way(place: Place) -> None:
    place.describe("anthropic-usage", "bucket: 1h")
    place.pull("2026-10-01", "2026-10-03")
    path, query = place.server.asked[0]
    assert path == "/v1/organizations/usage_report/messages"
    assert query["starting_at"] == ["2026-10-01T00:00:00Z"]
    assert query["ending_at"] == ["2026-10-03T00:00:00Z"]
    assert query["limit"] == ["168"]
    assert "workspace_id" in query["group_by[]"]
    place.describe("anthropic-costs", "")
    place.pull("2026-10-01", "2026-11-01")
    path, query = place.server.asked[-1]
    assert path == "/v1/organizations/cost_report"
    assert query["group_by[]"] == ["workspace_id", "description"]


def test_a_key_from_the_environment(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (place.root / "apportion.yaml").read_text()
    (place.root / "apportion.yaml").write_text(text.replace("file:key", "env:AI_ADMIN"))
    monkeypatch.delenv("AI_ADMIN", raising=False)
    with pytest.raises(ConfigurationError, match="'AI_ADMIN' is not set"):
        place.pull("2026-10-01", "2026-10-02")
    monkeypatch.setenv("AI_ADMIN", KEY)
    place.pull("2026-10-01", "2026-10-02")
    assert len(place.files()) == 1


@pytest.mark.parametrize(
    ("content", "what"),
    [("", "is empty"), ("two words", "is no key"), ("a\nb", "is no key")],
)
def test_what_is_no_key_is_never_sent(place: Place, content: str, what: str) -> None:
    (place.root / "key").write_text(content)
    with pytest.raises(ConfigurationError, match=what) as fault:
        place.pull("2026-10-01", "2026-10-02")
    assert not content or content not in str(fault.value)
    assert place.server.asked == []


def test_days_that_never_were(place: Place) -> None:
    with pytest.raises(UsageError, match="no day lies between"):
        place.pull("2026-12-01")
    with pytest.raises(UsageError, match="no day lies between"):
        place.pull("2026-10-02", "2026-10-01")


def test_a_source_that_is_not_pulled(place: Place) -> None:
    (place.root / "apportion.yaml").write_text(
        "name: P\ncurrency: USD\nusage:\n  ai: {format: openai-usage, path: pulled}\n"
    )
    with pytest.raises(UsageError, match="'ai' is not pulled"):
        place.pull()


def test_a_folder_on_another_disk(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if ".apportion" in self.parts:
            raise OSError(18, "Invalid cross-device link")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    (done,) = place.pull("2026-10-01", "2026-10-02")
    assert place.files() == [done.file]
    assert list((place.root / ".apportion/pull/ai").iterdir()) == []
