"""OpenAI's usage reports: disjoint tokens, buckets, and who is named."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apportion.domain.usage import INPUT_TOKENS, OUTPUT_TOKENS
from apportion.errors import SourceError
from apportion.sources.usage.openai_tokens import tokens_of_completions
from apportion.sources.usage.openai_usage import FORMAT
from pages import asked, lines, openai_bucket, page, read_usage

Json = dict[str, Any]


def result(kind: str = "completions", **over: Any) -> Json:
    made: Json = {"object": f"organization.usage.{kind}.result", "project_id": "proj_nlp"}
    if kind == "completions":
        made |= {"input_tokens": 1000, "output_tokens": 50, "num_model_requests": 4}
        made |= {"api_key_id": "key_7", "user_id": None, "model": "gpt-small-2026-08-06"}
    return made | over


def read(path: Path, *results: Json) -> list[Json]:
    records, rejected = read_usage(
        "openai-usage", path, lines(page(openai_bucket("2026-10-03", *results)))
    )
    assert rejected == []
    return records


def test_a_bucket_of_completions(tmp_path: Path) -> None:
    (record,) = read(
        tmp_path / "u.json",
        result(input_cached_tokens=600, input_cache_write_tokens=100, service_tier="default"),
    )
    assert record["UsageStart"] == datetime.fromisoformat("2026-10-03")
    assert record["UsageEnd"] == datetime.fromisoformat("2026-10-04")
    assert (record["ProjectId"], record["ApiKeyId"]) == ("proj_nlp", "key_7")
    assert "UserId" not in record
    assert (record["ProviderName"], record["ModelId"]) == ("OpenAI", "gpt-small-2026-08-06")
    assert record["ServiceTier"] == "standard"
    assert record["uncached_input_tokens"] == 300
    assert record["cache_read_tokens"] == 600
    assert record["cache_write_5m_tokens"] == 100
    assert (record["output_tokens"], record["requests"]) == (50, 4)


def test_uncached_tokens_are_taken_where_they_are_told(tmp_path: Path) -> None:
    (record,) = read(
        tmp_path / "u.json",
        result(input_cached_tokens=600, input_cache_write_tokens=100, input_uncached_tokens=290),
    )
    assert record["uncached_input_tokens"] == 290


def test_batch_is_a_tier(tmp_path: Path) -> None:
    batch, flex = read(
        tmp_path / "u.json",
        result(batch=True, service_tier="default"),
        result(batch=False, service_tier="flex"),
    )
    assert (batch["ServiceTier"], flex["ServiceTier"]) == ("batch", "flex")
    assert batch["UsageId"] != flex["UsageId"]


MODALITIES: dict[str, tuple[Json, Json]] = {
    "audio and images are uncached, as the interface says now": (
        {
            "input_tokens": 1000,
            "input_cached_tokens": 300,
            "input_uncached_tokens": 700,
            "input_text_tokens": 400,
            "input_audio_tokens": 250,
            "input_image_tokens": 50,
            "input_cached_text_tokens": 200,
            "input_cached_audio_tokens": 100,
        },
        {"uncached_input_tokens": 400, "input_audio_tokens": 250, "input_image_tokens": 50}
        | {"cache_read_tokens": 200, "cache_read_audio_tokens": 100},
    ),
    "an older answer counts cached audio as audio, too": (
        {
            "input_tokens": 1000,
            "input_cached_tokens": 300,
            "input_text_tokens": 600,
            "input_audio_tokens": 400,
            "input_cached_text_tokens": 200,
            "input_cached_audio_tokens": 100,
        },
        {"uncached_input_tokens": 400, "input_audio_tokens": 300}
        | {"cache_read_tokens": 200, "cache_read_audio_tokens": 100},
    ),
    "what is cached of the audio isn't told: they aren't told apart": (
        {
            "input_tokens": 1000,
            "input_cached_tokens": 300,
            "input_text_tokens": 600,
            "input_audio_tokens": 400,
        },
        {"uncached_input_tokens": 700, "input_audio_tokens": 0, "cache_read_tokens": 300},
    ),
    "more audio than uncached tokens": (
        {"input_tokens": 1000, "input_cached_tokens": 900, "input_audio_tokens": 800},
        {"uncached_input_tokens": 100, "input_audio_tokens": 0, "cache_read_tokens": 900},
    ),
}


@pytest.mark.parametrize("told", MODALITIES)
def test_audio_and_images_never_overlap_what_is_cached(tmp_path: Path, told: str) -> None:
    given_tokens, expected = MODALITIES[told]
    (record,) = read(tmp_path / "u.json", result(**given_tokens))
    assert {name: record[name] for name in expected} == expected
    assert sum(record.get(name, 0) for name in INPUT_TOKENS) == 1000
    overlap = dict(record.get("Attributes") or []).get("modalities")
    assert (overlap == "overlap") == (record["input_audio_tokens"] == 0)


COUNT = st.integers(0, 5000)
COUNTS = st.tuples(COUNT, COUNT, COUNT)


@given(parts=COUNTS, cached=COUNTS, written=COUNT, inclusive=st.booleans(), told=st.booleans())
def test_classes_sum_to_what_went_in(
    parts: tuple[int, int, int],
    cached: tuple[int, int, int],
    written: int,
    inclusive: bool,
    told: bool,
) -> None:
    text, audio, image = parts
    more = cached if inclusive else (0, 0, 0)
    answer: Json = {
        "input_tokens": text + audio + image + sum(cached) + written,
        "input_cached_tokens": sum(cached),
        "input_cache_write_tokens": written,
        "input_text_tokens": text + more[0],
        "input_audio_tokens": audio + more[1],
        "input_image_tokens": image + more[2],
        "output_tokens": text + audio,
        "output_audio_tokens": audio,
    }
    if told:
        names = (
            "input_cached_text_tokens",
            "input_cached_audio_tokens",
            "input_cached_image_tokens",
        )
        answer |= dict(zip(names, cached, strict=True))
    made: Json = tokens_of_completions(answer, {})
    assert sum(made[name] for name in made if name in INPUT_TOKENS) == answer["input_tokens"]
    assert sum(made[name] for name in made if name in OUTPUT_TOKENS) == answer["output_tokens"]
    assert min(made.values()) >= 0
    if told or not inclusive:
        assert (made["input_audio_tokens"], made["uncached_input_tokens"]) == (audio, text)


def test_more_cached_than_went_in_is_left_to_loading_which_refuses_it(tmp_path: Path) -> None:
    (record,) = read(tmp_path / "u.json", result(input_tokens=10, input_cached_tokens=12))
    assert record["uncached_input_tokens"] == -2


def test_the_other_reports(tmp_path: Path) -> None:
    records = read(
        tmp_path / "u.json",
        result("embeddings", input_tokens=20, num_model_requests=2, model="embed-1"),
        result("moderations", input_tokens=5, num_model_requests=1),
        result("images", images=3, num_model_requests=2, size="1024x1024", source="image.edit"),
        result("audio_speeches", characters=900, num_model_requests=1),
        result("audio_transcriptions", seconds=61, num_model_requests=1),
        result("vector_stores", usage_bytes=3 * 1024**3),
        result("code_interpreter_sessions", num_sessions=7),
        result("file_searches", num_requests=8, vector_store_id="vs_1"),
        result("web_searches", num_requests=9, num_model_requests=5, context_level="medium"),
    )
    by_name = {record["Operation"]: record for record in records}
    assert by_name["embeddings"]["uncached_input_tokens"] == 20
    assert by_name["moderations"]["requests"] == 1
    images = by_name["images"]
    assert images["items"] == 3
    assert dict(images["Attributes"]) == {"size": "1024x1024", "source": "image.edit"}
    own = [(one["Meter"], one["Quantity"], one["Unit"]) for one in records if "Meter" in one]
    assert own == [
        ("characters", Decimal(900), "characters"),
        ("audio_seconds", Decimal(61), "seconds"),
        ("file_searches", Decimal(8), "calls"),
    ]
    assert by_name["vector_stores"]["storage_gb"] == 3
    assert by_name["code_interpreter_sessions"]["code_sessions"] == 7
    assert by_name["file_search_calls"]["ResourceId"] == "vs_1"
    searches = by_name["web_search_calls"]
    assert searches["web_searches"] == 9
    assert "requests" not in searches, "its requests are among the completions"
    assert len({one["UsageId"] for one in records}) == len(records)


def test_the_same_bucket_has_the_same_id_when_it_has_grown(tmp_path: Path) -> None:
    (first,) = read(tmp_path / "a.json", result())
    (later,) = read(tmp_path / "b.json", result(input_tokens=2000))
    assert first["UsageId"] == later["UsageId"]
    assert FORMAT.restates
    assert FORMAT.late == timedelta(days=7)


def test_results_that_differ_in_what_we_do_not_know_hide_none(tmp_path: Path) -> None:
    first, second = read(tmp_path / "u.json", result(api_source="a"), result(api_source="b"))
    assert first["UsageId"] != second["UsageId"]


def test_pages_may_be_one_document_or_lines_with_what_was_asked(tmp_path: Path) -> None:
    one, two = (page(openai_bucket(day, result())) for day in ("2026-10-03", "2026-10-04"))
    head = asked("openai-usage", "completions", "project_id")
    records, _ = read_usage("openai-usage", tmp_path / "p.jsonl", lines(head, one, two))
    assert [record["SourceLine"] for record in records] == [2, 3]
    records, _ = read_usage("openai-usage", tmp_path / "p.json", json.dumps(one, indent=2))
    assert len(records) == 1


def test_what_cannot_be_read_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    bad = [
        result(input_tokens="many"),
        result(output_tokens=None),
        result("telepathy"),
        {"object": "organization.costs.result", "amount": {"value": 1, "currency": "usd"}},
    ]
    text = lines(page(openai_bucket("2026-10-03", *bad, result())))
    records, rejected = read_usage("openai-usage", tmp_path / "u.json", text)
    assert len(records) == 1
    assert [one.reason for one in rejected] == [
        "input_tokens is no whole number: 'many'",
        "output_tokens is missing",
        "results of 'organization.usage.telepathy.result' are not known",
        "this is cost: it is a bill, `format: openai-costs` under `sources`",
    ]
    assert rejected[0].line == 1
    assert rejected[0].row["api_key_id"] == "key_7"


NO_PAGES = {
    "no json": ("time,tokens\n", "it is no JSON"),
    "cut short": ('{"object": "page", "data": [', "it is no JSON"),
    "an error": ('{"error": {"message": "no"}}', "the provider's error in place of a page"),
    "no buckets": ('{"data": [1]}', "it has no buckets with results"),
    "a list": ("[]", "no page of a report"),
    "not a number": (
        '{"data": [{"start_time": NaN, "results": []}], "has_more": false}',
        "it is no JSON",
    ),
    "more to come": (lines(page(openai_bucket("2026-10-03"), more="cursor")), "isn't whole"),
    "more to come, then another report": (
        lines(page(more="cursor"), asked("openai-usage", "images"), page()),
        "isn't whole",
    ),
}


@pytest.mark.parametrize("name", NO_PAGES)
def test_what_is_no_whole_report_is_refused(tmp_path: Path, name: str) -> None:
    text, why = NO_PAGES[name]
    with pytest.raises(SourceError, match=why):
        read_usage("openai-usage", tmp_path / "u.json", text)
