"""The JSON Schema for editors accepts what the reader accepts, and refuses what it refuses."""

# ruff: noqa: E501
# Tables read best with one case in a line.

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from apportion.model import marked_yaml as y
from apportion.model.faults import Faults
from apportion.model.model_forms import MODEL
from apportion.model.project_forms import PROJECT
from apportion.model.schema import model_schema, project_schema, write_schemas
from apportion.model.starter import init_project


class Core(yaml.SafeLoader):
    """YAML as editors resolve it (1.2): days are texts, `yes` and `on` too."""


Core.yaml_implicit_resolvers = {
    first: [
        (tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Core.add_implicit_resolver(
    "tag:yaml.org,2002:bool", __import__("re").compile("^(true|false)$"), list("tf")
)


def both(text: str, *, project: bool) -> tuple[bool, bool]:
    """Whether the schema and the reader accept a text."""
    schema: dict[str, Any] = project_schema() if project else model_schema()
    Draft202012Validator.check_schema(schema)
    by_schema = Draft202012Validator(schema).is_valid(yaml.load(text, Core))
    faults = Faults()
    node = y.parse_yaml(text, "t.yaml", faults)
    assert node is not None
    by_reader = (PROJECT if project else MODEL).check(node, faults)
    return by_schema, by_reader


GOOD_MODELS = [
    "organisation:\nrules:\npools: []\n",
    "organisation: [{name: a, kind: team, cost_center: 0042, head_count: 3, from: 2026-01-01}]",
    "organisation: [{name: a, kind: team, head_count: [{value: 3, until: 2026-01-01}]}]",
    "tags: {team: {synonyms: [Team], required: true, values: [a], aliases: {a: [A, b], c: d}}}",
    "tags: {team: {}, group: }",
    "rules: [{name: r, tag: {team: [a, 1, true]}, account: 1111, team: nlp}]",
    "rules: [{name: r, RegionId: [eu], x_Own: a, where: \"tag.a = 'b'\", pool: p}]",
    "rules: [{name: r, team_from_tag: team, evidence: manual, because: b, owner: o}]",
    "rules: [{name: r, resources: a.csv}]",
    "inherit: [{name: i, child: tag.c, parent: ResourceName}]",
    "inherit: [{name: i, child: tag.c, owners: {'1': nlp}}]",
    "pools: [{name: p, service: x, split: {by: fixed, percentages: {a: 50.5, b: 1/3, c: 5%}}}]",
    "pools: [{name: p, from_team: t, split: [{by: even, until: 2026-01-01}]}]",
    "pools: [{name: p, split: {by: weighted, drivers: {a: 1}, when_missing: keep}}]",
    "pools: [{name: p, split: {by: even, when_missing: {fallback: {by: even, among: [a]}}}}]",
    "drivers: [{name: d, unit: GB, file: d.csv}]",
    "budgets: [{team: a, amount: 12000.10}, {team: b, amounts: {2026-10: '1'}, currency: EUR}]",
]
BAD_MODELS = [
    "rulez: []",
    "organisation: {}",
    "organisation: [{name: a}]",
    "organisation: [{name: a, kind: squad}]",
    "organisation: [{name: '', kind: team}]",
    "organisation: [{name: ' a', kind: team}]",
    "organisation: [{name: a, kind: team, head_count: 1.5}]",
    "organisation: [{name: a, kind: team, head_count: [{until: 2026-01-01}]}]",
    "organisation: [{name: a, kind: team, from: 1.1.2026}]",
    "tags: {team: {synonym: [a]}}",
    "tags: {team: {required: yes}}",
    "rules: [{name: r}]",
    "rules: [{name: r, team: a, pool: b}]",
    "rules: [{name: r, team: a, BilledCost: 1}]",
    "rules: [{name: r, team: a, service: {a: b}}]",
    "rules: [{name: r, team: a, tag: team}]",
    "rules: [{name: r, team: a, evidence: none}]",
    "inherit: [{name: i, child: c, parent: p, owners: {a: b}}]",
    "pools: [{name: p}]",
    "pools: [{name: p, split: {by: evenly}}]",
    "pools: [{name: p, split: {by: even, among: a}}]",
    "pools: [{name: p, split: {by: even, when_missing: {fallback: even}}}]",
    "pools: [{name: p, split: {by: fixed, percentages: {a: some}}}]",
    "drivers: [{name: d, unit: GB}]",
    "budgets: [{team: a}]",
    "budgets: [{team: a, amount: '1,000'}]",
    "budgets: [{team: a, amounts: {2026-13: 1}}]",
]
GOOD_PROJECTS = [
    "{name: A, currency: USD}",
    "{name: A, currency: USD, basis: ListCost, engine: duckdb, sources: {a: {format: focus, path: b}}}",
    "{name: A, currency: USD, engine: {name: spark, address: sc://h}, locations: {books: b.sqlite}}",
    "{name: A, currency: USD, sources: {a: {format: focus, path: b, control: c.csv}}}",
    (
        "{name: A, currency: USD, sources: {a: {format: focus, path: b, "
        "control: {2026-10: 12.5, 2026-11: {EUR: '-1'}}, without: [BilledCost], keys: [x_a]}}}"
    ),
    (
        "{name: A, currency: USD, sources: {a: {format: table, path: b, sheet: S, header: 3, "
        "currency: EUR, columns: {BilledCost: a * b, x_a: 1.5}, tags: {team: t}, "
        "spread: {over: 12, from: d, billed: monthly, residual: r}, "
        "prices: {path: p.csv, match: {sku: s}, price: p, at: d, start: f, until: u}}}}"
    ),
    "{name: A, currency: USD, sources: {a: {format: databricks, path: b, prices: p.csv}}}",
]
BAD_PROJECTS = [
    "{name: A}",
    "{name: A, currency: USD, basis: Cost}",
    "{name: A, currency: USD, curency: EUR}",
    "{name: A, currency: USD, engine: spork}",
    "{name: A, currency: USD, sources: {a: {format: cur, path: b}}}",
    "{name: A, currency: USD, sources: {a: {format: table, path: b, columns: {Cost: a}}}}",
    "{name: A, currency: USD, sources: {a: {format: table, path: b, columns: {x_: a}}}}",
    "{name: A, currency: USD, sources: {a: {format: table, path: b, columns: {BilledCost: [a]}}}}",
    "{name: A, currency: USD, sources: {a: {format: table, path: b, spread: {over: 1, from: d}}}}",
    "{name: A, currency: USD, sources: {a: {format: table, path: b, prices: {path: p}}}}",
    "{name: A, currency: USD, sources: {a: {format: focus, path: b, header: one}}}",
    "{name: A, currency: USD, sources: {a: {format: focus, path: b, keys: [a]}}}",
    "{name: A, currency: USD, sources: {a: {format: focus, path: b, control: {'2026': 1}}}}",
    "{name: A, currency: USD, sources: {a: {format: focus, path: b, control: {2026-10: x}}}}",
]


@pytest.mark.parametrize("text", GOOD_MODELS)
def test_good_models_are_good_to_both(text: str) -> None:
    assert both(text, project=False) == (True, True)


@pytest.mark.parametrize("text", BAD_MODELS)
def test_bad_models_are_bad_to_both(text: str) -> None:
    assert both(text, project=False) == (False, False)


@pytest.mark.parametrize("text", GOOD_PROJECTS)
def test_good_projects_are_good_to_both(text: str) -> None:
    assert both(text, project=True) == (True, True)


@pytest.mark.parametrize("text", BAD_PROJECTS)
def test_bad_projects_are_bad_to_both(text: str) -> None:
    assert both(text, project=True) == (False, False)


def test_the_starter_is_good_to_both(tmp_path: Path) -> None:
    files = [path for path in init_project(tmp_path / "new") if path.suffix == ".yaml"]
    for path in files:
        is_project = path.name == "apportion.yaml"
        assert both(path.read_text(), project=is_project) == (True, True), path


def test_schemas_are_written_for_editors_with_the_meaning_of_each_key(tmp_path: Path) -> None:
    written = write_schemas(tmp_path / "schemas")
    assert [path.name for path in written] == ["apportion.schema.json", "model.schema.json"]
    schema = yaml.safe_load(written[0].read_text())
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["properties"]["currency"]["description"].startswith("Reporting currency")
