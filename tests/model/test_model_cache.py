"""A model that was read before comes back at once, and never when anything changed."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
from pathlib import Path

import pytest

from apportion.model import cache
from apportion.model import read_model as reading
from apportion.model.diff import diff
from apportion.model.digest import digest
from apportion.model.project import Model
from apportion.model.read_model import read_model
from apportion.model.read_project import read_project
from workshop import Workshop

MODEL = """\
rules:
  - {name: a, tag: {team: nlp}, team: nlp, from: 2026-01-01}
  - {name: b, where: "lower(tag.env) LIKE 'p%' AND length(RegionId) > 3", team: vision}
  - {name: c, resources: list.csv}
pools:
  - {name: p, service: x, split: {by: fixed, percentages: {nlp: 1/3, vision: 299/3}}}
  - {name: q, service: y, split: {by: driver, driver: gb, when_missing: {fallback: {by: even}}}}
drivers: [{name: gb, unit: GB, file: gb.csv}]
budgets: [{team: nlp, amount: "12000.10"}]
"""


@pytest.fixture
def kept(shop: Workshop, tmp_path: Path) -> Model:
    shop.write("model/list.csv", "ResourceId,team\ni-1,nlp\n")
    shop.write("model/gb.csv", "team,period,quantity\nnlp,2026-10,5\n")
    model: Model = shop.model(MODEL)
    assert (tmp_path / ".apportion/cache/model").exists()
    return model


@pytest.fixture
def no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("the YAML was read anew")

    monkeypatch.setattr(reading, "_build", fail)


def again(root: Path) -> Model:
    return read_model(read_project(root))


def test_a_model_that_did_not_change_comes_from_the_cache_just_as_it_was(
    kept: Model, no_reading: None, tmp_path: Path
) -> None:
    assert again(tmp_path) == kept


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("model/rules.yaml", "name: a", "name: z"),
        ("model/organisation.yaml", "name: platform", "name: platforms"),
        ("model/list.csv", "i-1", "i-2"),
        ("model/gb.csv", ",5", ",6"),
        ("apportion.yaml", "USD", "EUR"),
    ],
)
def test_any_change_is_read(kept: Model, tmp_path: Path, file: str, old: str, new: str) -> None:
    path = tmp_path / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert again(tmp_path).hash != kept.hash


def test_a_file_that_comes_or_goes_is_noticed(kept: Model, shop: Workshop, tmp_path: Path) -> None:
    path = shop.write("model/more.yaml", "rules: [{name: more, service: x, team: nlp}]")
    assert [rule.name for rule in again(tmp_path).rules] == ["more", "a", "b", "c"]
    path.unlink()
    assert again(tmp_path) == kept


def test_a_list_that_is_gone_is_a_fault_again(kept: Model, tmp_path: Path) -> None:
    (tmp_path / "model/list.csv").unlink()
    with pytest.raises(Exception, match=r"model/list.csv can't be read"):
        again(tmp_path)


def test_another_version_does_not_trust_it(
    kept: Model, no_reading: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_program", lambda: "another version")
    with pytest.raises(AssertionError, match="read anew"):
        again(tmp_path)


def test_it_may_be_deleted_damaged_or_unwritable(kept: Model, tmp_path: Path) -> None:
    file = tmp_path / cache.FOLDER / cache.FILE
    whole = file.read_bytes()
    for damaged in (b"", b"junk", whole[: len(whole) // 2], whole[:-1] + b"x", b"[]\n" + whole):
        file.write_bytes(damaged)
        assert again(tmp_path) == kept
    file.unlink()
    file.mkdir()
    assert again(tmp_path) == kept


SCENARIOS = Path(__file__).parents[1] / "scenarios"


@pytest.mark.parametrize("name", sorted(path.parent.name for path in SCENARIOS.glob("*/model")))
def test_a_kept_model_says_what_the_read_one_says(name: str, tmp_path: Path) -> None:
    shutil.copytree(SCENARIOS / name, tmp_path / name)
    project = read_project(tmp_path / name)
    fresh, kept = read_model(project), read_model(project)
    assert fresh is not kept
    assert digest(kept) == fresh.hash
    assert diff(fresh, kept) == ()


class Harmful:
    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (Path("harm"),)


def test_a_cache_from_elsewhere_can_not_run_anything(
    kept: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / cache.FOLDER / cache.FILE
    head = json.loads(file.read_bytes().split(b"\n", 1)[0])
    body = pickle.dumps(Harmful())
    head["body"] = hashlib.sha256(body).hexdigest()
    file.write_bytes(json.dumps(head).encode() + b"\n" + body)
    assert again(tmp_path) == kept
    assert not Path("harm").exists()


def test_a_moved_project_keeps_its_cache(
    kept: Model, no_reading: None, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    moved = tmp_path_factory.mktemp("elsewhere") / "project"
    tmp_path.rename(moved)
    assert again(moved) == kept
    moved.rename(tmp_path)


def test_faults_are_never_kept(shop: Workshop, tmp_path: Path) -> None:
    for _ in range(2):
        assert shop.faults("rules: [{name: r, team: rec}]")
    assert not (tmp_path / ".apportion").exists()
