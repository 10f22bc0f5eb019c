"""`pull` in apportion.yaml: what can't be is told at its place, and a key is never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from apportion.errors import ConfigurationError
from apportion.model.pull_spec import INTERFACES, PullSpec
from apportion.model.read_project import read_project
from apportion.sources.pull.providers import PROVIDERS
from apportion.sources.usage import anthropic_usage, openai_usage

HEAD = "name: P\ncurrency: USD\n"


def spec(root: Path, text: str) -> PullSpec:
    (root / "apportion.yaml").write_text(HEAD + text)
    project = read_project(root)
    pulls = [one.pull for one in project.sources.values()]
    pulls += [one.pull for one in project.usage.values()]
    (found,) = pulls
    assert found is not None
    return found


def fault(root: Path, pull: str, path: str = "bills", format_: str = "openai-costs") -> str:
    with pytest.raises(ConfigurationError) as found:
        spec(root, f"sources:\n  ai:\n    format: {format_}\n    path: {path}\n    pull: {pull}\n")
    assert found.value.place is not None
    assert found.value.place.line is not None
    return str(found.value)


def test_bills_and_usage_are_pulled(tmp_path: Path) -> None:
    costs = spec(
        tmp_path,
        "sources:\n  ai: {format: openai-costs, path: c, pull: {api: openai-costs, key: env:K}}\n",
    )
    assert (costs.group_by, costs.reports) == (("project_id", "line_item"), ("costs",))
    usage = spec(
        tmp_path,
        "usage:\n  ai:\n    format: anthropic-usage\n    path: u\n    pull:\n"
        "      {api: anthropic-usage, key: 'file:~/key', bucket: 1h, group_by: [model]}\n",
    )
    assert (usage.key, usage.bucket, usage.group_by) == ("file:~/key", "1h", ("model",))


FAULTS = {
    "{api: openai-cost, key: env:K}": "did you mean 'openai-costs'?",
    "{api: anthropic-costs, key: env:K}": "anthropic-costs is pulled, but the source reads",
    "{api: openai-costs, key: env:K, group_by: [model]}": "'model' is not a group of openai-costs",
    "{api: openai-costs, key: env:K, reports: [usage]}": "'usage' is not a report of openai-costs",
    "{api: openai-costs, key: env:K, bucket: 1h}": "openai-costs has no buckets of 1h",
    "{api: openai-costs, key: env:K, endpoint: 'http://api.example.com'}": "in clear text",
    "{api: openai-costs, key: env:K, endpoint: 'https://u:p@example.com'}": "not the URL",
    "{api: openai-costs}": "pull has no 'key'",
}


@pytest.mark.parametrize("pull", FAULTS)
def test_what_cannot_be_is_told(tmp_path: Path, pull: str) -> None:
    assert FAULTS[pull] in fault(tmp_path, pull)


def test_a_key_in_the_settings_is_refused_and_not_repeated(tmp_path: Path) -> None:
    told = fault(tmp_path, "{api: openai-costs, key: sk-admin-12345678}")
    assert "is never the key itself" in told
    assert "sk-admin" not in told


@pytest.mark.parametrize("path", ["bills/*.jsonl", "s3://bucket/bills"])
def test_what_is_pulled_needs_a_folder(tmp_path: Path, path: str) -> None:
    told = fault(tmp_path, "{api: openai-costs, key: env:K}", path=f"'{path}'")
    assert "`path` is none" in told


def test_every_interface_can_be_asked() -> None:
    assert set(PROVIDERS) == set(INTERFACES)
    for usage in (openai_usage.FORMAT, anthropic_usage.FORMAT):
        assert usage.late.days == INTERFACES[usage.name].days
