"""The starter is a sound project that a newcomer edits."""

from __future__ import annotations

from pathlib import Path

import pytest

from apportion.domain.owner import Evidence
from apportion.errors import UsageError
from apportion.model.check import check
from apportion.model.read_model import read_model
from apportion.model.read_project import read_project
from apportion.model.starter import init_project


def test_the_starter_passes_the_check_without_a_remark(tmp_path: Path) -> None:
    init_project(tmp_path / "acme")
    assert check(read_project(tmp_path / "acme")) == ()


def test_it_reads_bills_and_attributes_by_a_team_tag_and_accepted_proposals(tmp_path: Path) -> None:
    init_project(tmp_path / "acme")
    project = read_project(tmp_path / "acme")
    assert (project.name, project.currency) == ("acme", "USD")
    assert (project.sources["bills"].format, project.sources["bills"].path) == ("focus", "bills")
    tag, accepted = read_model(project).rules
    assert tag.from_tag == "team"
    assert (accepted.name, accepted.column) == ("accepted proposals", "ResourceId")
    assert (accepted.evidence, accepted.listed) == (Evidence.MANUAL, ())


def test_what_is_written_is_told_and_all_of_it_is_explained(tmp_path: Path) -> None:
    written = init_project(tmp_path / "acme")
    names = sorted(path.relative_to(tmp_path / "acme").as_posix() for path in written)
    assert names == [
        ".gitignore",
        "apportion.yaml",
        "bills/README.md",
        "model/assignments.csv",
        "model/budgets.yaml",
        "model/organisation.yaml",
        "model/pools.yaml",
        "model/rules.yaml",
        "model/tags.yaml",
    ]
    assert all(path.read_text().startswith("#") for path in written if path.suffix == ".yaml")


def test_every_example_in_the_comments_is_sound_once_uncommented(tmp_path: Path) -> None:
    root = tmp_path / "acme"
    init_project(root)
    for name in ("organisation", "tags", "rules", "pools", "budgets"):
        path = root / f"model/{name}.yaml"
        path.write_text("".join(_uncommented(path.read_text())))
    organisation = root / "model/organisation.yaml"
    organisation.write_text(
        organisation.read_text() + "  - {name: platform, kind: team, head_count: 2}\n"
    )
    pools = root / "model/pools.yaml"
    pools.write_text(
        pools.read_text().replace(
            "pools:\n", "pools:\n  - {name: data-lake, split: {by: even}}\n", 1
        )
    )
    (root / "model/inventory.csv").write_text("ResourceId,team\n")
    (root / "model/drivers").mkdir()
    for name in ("storage", "compute", "requests"):
        (root / f"model/drivers/{name}.csv").write_text("team,period,quantity\nnlp,2026-10,1\n")
    model = read_model(read_project(root))
    assert len(model.rules) == 9
    assert len(model.inherit) == 1
    assert len(model.pools) == 6
    assert len(model.drivers) == 3
    assert len(model.budgets) == 3
    assert "speech" in model.organisation.units
    assert model.taxonomy.keys["environment"].canonical("PROD") == "production"


def _uncommented(text: str) -> list[str]:
    """The lines of a file with its commented examples made YAML; sentences stay comments."""
    lines = []
    for line in text.splitlines(keepends=True):
        bare = line.lstrip()
        is_example = bare.startswith(("# - ", "#   ", "# environment:", "# inherit:"))
        lines.append(line.replace("# ", "", 1) if is_example else line)
    return lines


def test_it_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    rules = tmp_path / "model/rules.yaml"
    rules.write_text("rules: []\n")
    with pytest.raises(UsageError, match=r"model/rules.yaml is there already"):
        init_project(tmp_path)
    assert rules.read_text() == "rules: []\n"
    assert not (tmp_path / "apportion.yaml").exists()


def test_a_fresh_repository_with_a_gitignore_keeps_it(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    assert tmp_path / ".gitignore" not in init_project(tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


def test_a_folder_with_an_odd_name_makes_a_sound_project(tmp_path: Path) -> None:
    folder = tmp_path / 'a "b": #c'
    init_project(folder)
    assert read_project(folder).name == 'a "b": #c'
