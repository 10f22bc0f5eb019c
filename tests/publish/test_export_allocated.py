"""FOCUS with the allocation in it, held against a checker of our own that knows only the files.

The checker reads the plain export and the allocated one as text. It imports nothing
of the program: the rule that it checks is FOCUS's own, that ratios of an origin
charge sum to 1 and its parts to the charge, in every column that sums.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections import defaultdict
from decimal import Decimal, localcontext
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bills import row as bill_row
from bills import write_project
from walk import apportion

SCENARIOS = Path(__file__).parents[1] / "scenarios"
COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
SUMMABLE = (*COSTS, "ConsumedQuantity", "PricingQuantity")
ALLOCATED = (
    "AllocatedMethodId",
    "AllocatedMethodDetails",
    "AllocatedResourceId",
    "AllocatedResourceName",
    "AllocatedTags",
)

Row = dict[str, str]


def read(path: Path) -> list[Row]:
    if path.suffix == ".parquet":
        rows = pq.read_table(path).to_pylist()
        return [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def check_sum_rule(plain: list[Row], allocated: list[Row]) -> dict[str, int]:
    """Raise AssertionError where the rule is broken; counts origins and parts."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in allocated:
        groups[row["x_OriginId"]].append(row)
    assert len(groups) == len(plain)
    with localcontext() as wide:
        wide.prec = 80
        origins = sorted(_sums(group) for group in groups.values())
        assert origins == sorted(_sums([row]) for row in plain)
        for group in groups.values():
            _check_group(group)
    split = [group for group in groups.values() if group[0]["AllocatedMethodId"]]
    return {"origins": len(groups), "split": len(split), "rows": len(allocated)}


def _sums(group: list[Row]) -> tuple[Decimal, ...]:
    return tuple(sum((Decimal(row[name] or "0") for row in group), Decimal(0)) for name in SUMMABLE)


def _check_group(group: list[Row]) -> None:
    if not group[0]["AllocatedMethodId"]:
        assert len(group) == 1
        assert not any(group[0][name] for name in ALLOCATED)
        return
    ratios = []
    for row in group:
        details = json.loads(row["AllocatedMethodDetails"], parse_float=Decimal, parse_int=Decimal)
        ratios.append(sum(element["AllocatedRatio"] for element in details["Elements"]))
        for element in details["Elements"]:
            assert ("UsageQuantity" in element) <= ("UsageUnit" in element)
        assert all(row[name] for name in ALLOCATED)
        json.loads(row["AllocatedTags"])
    assert sum(ratios) == 1
    assert len({row["AllocatedResourceId"] for row in group}) == len(group)
    assert len({row["AllocatedMethodId"] for row in group}) == 1
    for name in COSTS:
        whole = sum(Decimal(row[name]) for row in group)
        for row, ratio in zip(group, ratios, strict=True):
            assert abs(Decimal(row[name]) - whole * ratio) < Decimal("1e-16")
    same = (
        set(group[0]) - set(ALLOCATED) - set(SUMMABLE) - {"x_Owner", "PricingCurrencyEffectiveCost"}
    )
    for name in same:
        assert len({row[name] for row in group}) == 1, name


def exported(folder: Path, name: str, kind: str, version: str) -> tuple[list[Row], list[Row]]:
    project = folder / name
    shutil.copytree(SCENARIOS / name, project)
    for words in ("load", "run --period 2026-10"):
        assert apportion(project, *words.split())[0] in {0, 1}
    out = []
    for words in ("", "--allocated "):
        path = folder / f"{words.strip('- ') or 'plain'}.{kind}"
        line = f"export focus {words}--version {version} --period 2026-10 --format {kind}"
        code, said, errors = apportion(project, *line.split(), "-o", str(path))
        assert code == 0, said + errors
        out.append(read(path))
    return out[0], out[1]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("version", ["1.3", "1.4"])
def test_a_chain_of_pools_keeps_the_sum_rule(tmp_path: Path, kind: str, version: str) -> None:
    plain, allocated = exported(tmp_path, "chain-of-pools", kind, version)
    assert check_sum_rule(plain, allocated) == {"origins": 3, "split": 3, "rows": 6}
    carried: dict[str, Decimal] = defaultdict(Decimal)
    for row in allocated:
        carried[row["AllocatedResourceId"]] += Decimal(row["BilledCost"])
    assert {who: round(amount, 2) for who, amount in carried.items()} == {
        "team:nlp": Decimal("7118.75"),
        "team:cv": Decimal("2381.25"),
    }


def test_what_is_kept_of_a_capped_pool_hides_no_method(tmp_path: Path) -> None:
    # Of 100 a and b pay 30 at most; the pool keeps 40, and each row says what decided on it.
    model = """\
organisation: [{name: a, kind: team}, {name: b, kind: team}]
pools:
  - {name: p, service: EC2, split: {by: even}, limits: [{caps: {a: 30, b: 30}}]}
"""
    project = write_project(tmp_path / "p", [bill_row("100", {}, ServiceName="EC2")], model=model)
    for words in ("load", "run --period 2026-10"):
        assert apportion(project, *words.split())[0] in {0, 1}
    path = tmp_path / "out.csv"
    line = "export focus --allocated --version 1.3 --period 2026-10 --format csv"
    assert apportion(project, *line.split(), "-o", str(path))[0] == 0
    methods = {
        row["AllocatedResourceId"]: json.loads(row["AllocatedMethodDetails"])["x_Method"]
        for row in read(path)
    }
    assert methods == {"team:a": "even", "team:b": "even", "pool:p:kept": "kept"}


@pytest.mark.parametrize(
    "name",
    [
        "between-pools",
        "caps-and-floors",
        "feature-store",
        "idle-capacity",
        "suspense",
        "exemption",
        "two-currencies",
        "even-split-rounding",
        "platform-tax",
        "tax-and-credits",
        "support-on-its-base",
        "team-move",
        "untagged-to-unallocated",
    ],
)
def test_every_kind_of_allocation_keeps_the_sum_rule(tmp_path: Path, name: str) -> None:
    plain, allocated = exported(tmp_path, name, "csv", "1.3")
    counted = check_sum_rule(plain, allocated)
    assert counted["origins"] == len(plain)


def test_drivers_are_told_in_elements(tmp_path: Path) -> None:
    _, allocated = exported(tmp_path, "feature-store", "csv", "1.3")
    nlp = next(row for row in allocated if row["AllocatedResourceId"] == "team:nlp")
    details = json.loads(nlp["AllocatedMethodDetails"])
    assert details["x_Pool"] == "feature-store"
    told = {element["x_Driver"]: element for element in details["Elements"]}
    assert told["storage_gb"]["UsageQuantity"] == 5000
    assert told["storage_gb"]["UsageUnit"] == "GB"
    assert told["materialisation_hours"]["AllocatedRatio"] == 0.3
    assert json.loads(nlp["AllocatedTags"])["team"] == "nlp"


def test_an_old_version_has_no_allocated_charges(tmp_path: Path) -> None:
    project = tmp_path / "p"
    shutil.copytree(SCENARIOS / "feature-store", project)
    line = "export focus --allocated --version 1.2 --period 2026-10"
    code, _, errors = apportion(project, *line.split())
    assert code == 2
    assert errors


def test_methods_are_described_from_the_model(tmp_path: Path) -> None:
    project = tmp_path / "p"
    shutil.copytree(SCENARIOS / "feature-store", project)
    code, said, _ = apportion(project, "export", "methods", "--json")
    (one,) = json.loads(said)["methods"]
    assert code == 0
    assert one["id"].startswith("feature-store@")
    assert one["splits"][0]["definition"].startswith("The pool is cut by the weights")
    weights = {driver["driver"]: driver["weight"] for driver in one["splits"][0]["drivers"]}
    assert set(weights) == {"materialisation_hours", "requests", "storage_gb"}
    assert weights["requests"] in {"1/5", "0.2"}
    code, page, _ = apportion(project, "export", "methods")
    assert "# Allocation methods" in page


TOLD = {
    "idle-capacity": ["capacity: practical", "idle (to reserver"],
    "dual-rate": ["committed: ", "fixed: "],
    "standard-rate": ["rates: ", "currency: "],
    "activity-based": ["activities: "],
    "shared-commitments": ["share by: "],
    "tiers-and-multipliers": ["tiers: ", "multipliers: "],
    "shapley-three-ways": ["game: "],
    "fair-shares": ["resources: ", "shared by: "],
}
"""By scenario, what its methods must say so that they can be computed again."""


@pytest.mark.parametrize("name", sorted(TOLD))
def test_methods_say_all_that_figures_hang_on(tmp_path: Path, name: str) -> None:
    project = tmp_path / "p"
    shutil.copytree(SCENARIOS / name, project)
    code, page, errors = apportion(project, "export", "methods")
    assert code == 0, errors
    assert [words for words in TOLD[name] if words not in page] == []
    splits = [one for method in json.loads(apportion(project, "export", "methods", "--json")[1])[
        "methods"] for one in method["splits"]]  # fmt: skip
    assert all(one["receivers"]["teams"] or one["receivers"]["pools"] for one in splits)


def test_texts_of_a_model_are_no_markup_in_methods(tmp_path: Path) -> None:
    project = tmp_path / "p"
    shutil.copytree(SCENARIOS / "feature-store", project)
    (path,) = (project / "model").glob("*.yaml")
    title = "- name: feature-store\n    title: '<b> *x* @ann'"
    path.write_text(path.read_text().replace("- name: feature-store", title, 1))
    assert "## `<b> *x* @ann`" in apportion(project, "export", "methods")[1]


def test_the_checker_finds_a_lost_unit(tmp_path: Path) -> None:
    plain, allocated = exported(tmp_path, "even-split-rounding", "csv", "1.3")
    broken = [dict(row) for row in allocated]
    broken[0]["BilledCost"] = str(Decimal(broken[0]["BilledCost"]) + Decimal("1e-18"))
    with pytest.raises(AssertionError):
        check_sum_rule(plain, broken)
