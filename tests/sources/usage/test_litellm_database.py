"""LiteLLM's spend logs from a real PostgreSQL: by month, read-only, and never a prompt."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from apportion.domain.finding import Finding
from apportion.errors import ConfigurationError, Place, SourceError
from apportion.load.usage import UsageLoad, load_usage
from apportion.model.read_project import read_project
from apportion.model.usage_spec import UsageSpec
from apportion.sources.usage.litellm_connection import connected
from apportion.sources.usage.litellm_database import gather_spend_logs
from apportion.store.books import Books
from apportion.store.lake import Lake

SECRET = "what nobody should read"

TABLE = """
CREATE TABLE "LiteLLM_SpendLogs" (
    request_id TEXT PRIMARY KEY, call_type TEXT NOT NULL, api_key TEXT NOT NULL DEFAULT '',
    spend DOUBLE PRECISION NOT NULL DEFAULT 0, total_tokens INTEGER NOT NULL DEFAULT 0,
    prompt_tokens INTEGER NOT NULL DEFAULT 0, completion_tokens INTEGER NOT NULL DEFAULT 0,
    "startTime" TIMESTAMP(3) NOT NULL, "endTime" TIMESTAMP(3) NOT NULL,
    "completionStartTime" TIMESTAMP(3), model TEXT NOT NULL DEFAULT '', model_id TEXT,
    model_group TEXT, custom_llm_provider TEXT, api_base TEXT, "user" TEXT, metadata JSONB,
    cache_hit TEXT, cache_key TEXT, request_tags JSONB, team_id TEXT, organization_id TEXT,
    end_user TEXT, requester_ip_address TEXT, messages JSONB, response JSONB, session_id TEXT,
    status TEXT, proxy_server_request JSONB
)
"""
INSERT = """
INSERT INTO "LiteLLM_SpendLogs" (request_id, call_type, api_key, spend, prompt_tokens,
    completion_tokens, "startTime", "endTime", model, custom_llm_provider, "user", metadata,
    cache_hit, request_tags, team_id, messages, status)
VALUES (:id, 'acompletion', 'hash', :spend, 1000, 200, :at, :at, 'gpt-4o', 'openai', 'mira',
    CAST(:metadata AS JSONB), 'False', '["team:nlp"]', 'team-7', CAST(:messages AS JSONB),
    'success')
"""


def fill(engine: Engine, *rows: tuple[str, str, float]) -> None:
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": 200,
        "prompt_tokens_details": {"cached_tokens": 600},
    }
    metadata = {"usage_object": usage, "requester_ip_address": SECRET, "status": "success"}
    with engine.begin() as connection:
        for id_, when, spend in rows:
            given = {
                "id": id_,
                "at": when,
                "spend": spend,
                "metadata": json.dumps(metadata),
                "messages": json.dumps([SECRET]),
            }
            connection.execute(text(INSERT), given)


@pytest.fixture
def database(new_database: Callable[[str], str]) -> tuple[str, Engine]:
    url = new_database("postgresql")
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(text(TABLE))
    return url, engine


def spec(path: str, **options: str) -> UsageSpec:
    return UsageSpec("gateway", "litellm", path, Place("apportion.yaml"), options=options)


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def test_each_month_is_a_file(
    database: tuple[str, Engine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, engine = database
    fill(
        engine,
        ("r3", "2026-11-01 00:00:00", 0.1),
        ("r2", "2026-10-31 23:59:59.999", 0.30000000000000004),
        ("r1", "2026-09-02 10:00:00", 1e-7),
    )
    monkeypatch.setenv(
        "LITELLM_URL", f"{url}{'&' if '?' in url else '?'}schema=public&connection_limit=5"
    )
    files = gather_spend_logs(spec("env:LITELLM_URL"), tmp_path / "a")
    assert [one.name for one in files] == [
        "LiteLLM_SpendLogs 2026-09",
        "LiteLLM_SpendLogs 2026-10",
        "LiteLLM_SpendLogs 2026-11",
    ]
    (row,) = rows_of(files[1].path)
    assert (row["request_id"], row["spend"]) == ("r2", 0.30000000000000004)
    assert row["metadata"]["usage_object"]["prompt_tokens_details"] == {"cached_tokens": 600}
    assert SECRET not in str(row)
    again = gather_spend_logs(spec("env:LITELLM_URL"), tmp_path / "b")
    assert [one.path.read_bytes() for one in again] == [one.path.read_bytes() for one in files]


def test_months_can_be_chosen(
    database: tuple[str, Engine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, engine = database
    assert gather_spend_logs(spec(without_password(url, monkeypatch)), tmp_path) == ()
    fill(engine, *((f"r{n}", f"2026-{n:02d}-15 10:00:00", 0.1) for n in (8, 10, 11)))
    monkeypatch.setenv("LITELLM_URL", url)
    since = gather_spend_logs(spec("env:LITELLM_URL", **{"from": "2026-10"}), tmp_path)
    assert [one.name[-7:] for one in since] == ["2026-10", "2026-11"]
    (only,) = gather_spend_logs(spec("env:LITELLM_URL", month="2026-08"), tmp_path)
    assert rows_of(only.path)[0]["request_id"] == "r8"
    with pytest.raises(ConfigurationError, match="is no month"):
        gather_spend_logs(spec("env:LITELLM_URL", month="August"), tmp_path)


def without_password(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    made = make_url(url)
    monkeypatch.setenv("PGPASSWORD", str(made.password or ""))
    return made.set(password=None).render_as_string(hide_password=False)


def test_nothing_can_be_written(
    database: tuple[str, Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, _ = database
    path = without_password(url, monkeypatch)
    with (
        pytest.raises(SourceError, match="read-only transaction"),
        connected(spec(path)) as connection,
    ):
        connection.exec_driver_sql('DELETE FROM "LiteLLM_SpendLogs"')


def test_a_wrong_address_says_so(
    new_database: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LITELLM_URL", raising=False)
    for path, why in (
        ("env:LITELLM_URL", "is not set"),
        ("postgresql://u:secret@db/litellm", "holds a password"),
        ("mysql://u@db/litellm", "no address of a PostgreSQL"),
        ("postgresql://", r"can't be read|no table"),
    ):
        if path == "postgresql://":
            monkeypatch.setenv("PGHOST", str(tmp_path))
        with pytest.raises((ConfigurationError, SourceError), match=why) as found:
            gather_spend_logs(spec(path), tmp_path)
        assert "secret" not in str(found.value)
    monkeypatch.setenv("LITELLM_URL", new_database("postgresql"))
    monkeypatch.delenv("PGHOST")
    with pytest.raises(SourceError, match="has no table"):
        gather_spend_logs(spec("env:LITELLM_URL"), tmp_path)


def load(root: Path) -> UsageLoad:
    project = read_project(root)
    (found,) = load_usage(project, Books.open(project.books), Lake(project.lake))
    return found


def codes(findings: tuple[Finding, ...]) -> set[str]:
    return {one.code for one in findings}


def test_it_is_loaded_by_month_and_once(
    database: tuple[str, Engine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, engine = database
    fill(engine, ("r1", "2026-09-02 10:00:00", 0.1), ("r2", "2026-10-02 10:00:00", 0.0))
    monkeypatch.setenv("LITELLM_URL", url)
    (tmp_path / "apportion.yaml").write_text(
        "name: Gateway\ncurrency: USD\n"
        "usage:\n  gateway: {format: litellm, path: 'env:LITELLM_URL'}\n"
    )
    first = load(tmp_path)
    assert [(str(one.period), one.accepted) for one in first.periods] == [
        ("2026-09", 1),
        ("2026-10", 1),
    ]
    assert "spend-zero" in codes(first.periods[1].findings)
    assert "spend-zero" not in codes(first.periods[0].findings)
    fill(engine, ("r3", "2026-10-03 10:00:00", 0.2))
    second = load(tmp_path)
    assert (second.files_read, second.files_known) == (1, 1)
    assert [one.accepted for one in second.periods] == [1, 2]


def test_a_format_of_files_takes_no_address(tmp_path: Path) -> None:
    (tmp_path / "apportion.yaml").write_text(
        "name: G\ncurrency: USD\nusage:\n  gateway: {format: helicone, path: 'env:URL'}\n"
    )
    with pytest.raises(ConfigurationError, match="reads files only"):
        load(tmp_path)
