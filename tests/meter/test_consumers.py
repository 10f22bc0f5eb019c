"""Who calls: from headers, keys and claims; and nothing secret is ever kept."""

from __future__ import annotations

import io
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from apportion.errors import ConfigurationError
from apportion.meter import Caller, Consumer, KeyMap, by_claim, by_header, by_key, digest_of_key
from apportion.meter import hash_key as command
from apportion.meter.consumer import NOBODY, Identify, who_calls

SECRET = "sk-very-secret-0123456789"
TOKEN = "eyJhbGciOiJub25lIn0.eyJ0ZWFtIjoic2VhcmNoIn0.c2lnbmF0dXJl"


def caller(headers: Mapping[str, str] | None = None, **state: object) -> Caller:
    return Caller(headers or {}, state)


def keys() -> KeyMap:
    return KeyMap({digest_of_key(SECRET): {"id": "search-prod", "team": "search"}})


def test_headers_name_team_and_product() -> None:
    way = by_header(team="X-Team", product="X-Product")
    assert way(caller({"x-team": " search ", "x-product": "ranking"})) == Consumer(
        "search", "ranking"
    )
    assert way(caller()) == NOBODY


@pytest.mark.parametrize(
    "headers",
    [{"x-api-key": SECRET}, {"authorization": f"Bearer {SECRET}"}, {"authorization": SECRET}],
)
def test_a_key_names_its_holder(headers: dict[str, str]) -> None:
    assert by_key(keys())(caller(headers)) == Consumer(team="search", key_id="search-prod")


def test_an_unknown_key_has_a_name_that_is_no_key() -> None:
    found = by_key(keys())(caller({"x-api-key": "sk-other"}))
    assert found.team == ""
    assert found.key_id == "sha256:" + digest_of_key("sk-other")[:16]


def test_a_signed_token_is_no_key() -> None:
    assert by_key(keys())(caller({"authorization": f"Bearer {TOKEN}"})) == NOBODY


def test_a_pepper_makes_other_digests() -> None:
    peppered = digest_of_key(SECRET, b"pepper")
    assert peppered != digest_of_key(SECRET)
    known = KeyMap({peppered: {"team": "ads"}}, pepper=b"pepper")
    assert known.holder(SECRET) == Consumer(team="ads", key_id=f"sha256:{peppered[:16]}")


def test_a_map_that_holds_keys_is_refused_without_showing_them(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({SECRET: {"team": "search"}}))
    with pytest.raises(ConfigurationError, match="entry 1") as raised:
        KeyMap.from_file(path)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("text", ["", "[]", '{"', f'{{"{"a" * 64}": {{"tema": "x"}}}}', '"text"'])
def test_a_wrong_map_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys.json").write_text(text)
    with pytest.raises(ConfigurationError):
        KeyMap.from_file(tmp_path / "keys.json")


def test_a_map_is_read_anew_when_its_file_changes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "keys.json"
    path.write_text("{}")
    known = KeyMap.from_file(path)
    assert known.holder(SECRET).team == ""
    path.write_text(json.dumps({digest_of_key(SECRET): {"team": "search"}}))
    known._look = 0
    assert known.holder(SECRET).team == "search"
    path.write_text(f'{{"{SECRET}"')
    known._look = 0
    with caplog.at_level(logging.DEBUG):
        assert known.holder(SECRET).team == "search"
    assert "stays as it was" in caplog.text
    assert SECRET not in caplog.text


def test_claims_that_the_service_verified() -> None:
    way = by_claim(team="org.team", product="product", user="sub")
    claims = {"org": {"team": "search"}, "product": ["a", "list"], "sub": 17}
    assert way(caller(claims=claims)) == Consumer(team="search", user="17")


def test_nothing_is_read_of_a_token_that_nobody_verified() -> None:
    assert by_claim()(caller({"authorization": f"Bearer {TOKEN}"})) == NOBODY


def test_a_token_is_verified_by_what_the_service_gives() -> None:
    seen = []

    def verify(token: str) -> Mapping[str, object] | None:
        seen.append(token)
        return {"team": "search"} if token == TOKEN else None

    way = by_claim(verify=verify)
    assert way(caller({"authorization": f"Bearer {TOKEN}"})).team == "search"
    assert way(caller({"authorization": "Bearer other"})) == NOBODY
    # What a middleware of the service left is not believed in its place.
    assert way(caller(claims={"team": "ads"})) == NOBODY
    assert seen == [TOKEN, "other"]


def test_ways_are_asked_in_turn_and_fill_each_other_in() -> None:
    ways = [by_key(keys()), by_header()]
    told = caller({"x-api-key": SECRET, "x-team": "ads", "x-product": "ranking"})
    assert who_calls(ways, told) == Consumer("search", "ranking", key_id="search-prod")


def test_a_way_that_fails_knows_nobody_and_tells_no_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def verify(token: str) -> Mapping[str, object]:
        raise ValueError(f"bad token {token}")

    ways: list[Identify] = [by_claim(verify=verify), by_header()]
    told = caller({"authorization": f"Bearer {TOKEN}", "x-team": "ads"})
    with caplog.at_level(logging.DEBUG):
        assert who_calls(ways, told) == Consumer(team="ads")
    assert "ValueError" in caplog.text
    assert TOKEN not in caplog.text


def test_the_command_prints_a_digest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))
    assert command.main() == 0
    monkeypatch.setitem(os.environ, "APPORTION_METER_PEPPER", "pepper")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))
    assert command.main() == 0
    printed = capsys.readouterr().out.split()
    assert printed == [digest_of_key(SECRET), digest_of_key(SECRET, b"pepper")]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert command.main() == 2
