"""Misspelt values, look-alike keys, and a proposed schema that the model accepts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apportion.demo import tagging
from apportion.domain.period import Period
from apportion.insight.misspellings import find_misspellings
from apportion.insight.similar_keys import find_similar_keys
from apportion.insight.tag_schema import propose_schema, schema_yaml
from apportion.insight.tag_uses import KeyUse, TagUse
from apportion.insight.team_names import TeamNames, team_names
from apportion.model.organisation import Organisation, OrgUnit, UnitKind
from apportion.model.project import Model
from apportion.model.read_model import read_model
from apportion.model.read_project import read_project
from apportion.model.taxonomy import TagKey, Taxonomy
from companies import HERE

TEAMS = ("nlp", "cv", "rec", "search", "fraud", "platform")
TEAM = TagKey(
    "team",
    HERE,
    synonyms=("Team", "squad"),
    values=TEAMS,
    aliases={
        **dict.fromkeys(("natural-language", "NLP team"), "nlp"),
        **dict.fromkeys(("computer-vision", "computer vision", "vision"), "cv"),
        **dict.fromkeys(("recsys", "recommendation", "recommendations"), "rec"),
    },
    required=True,
)
TAXONOMY = Taxonomy({"team": TEAM, "env": TagKey("env", HERE, values=("prod", "staging", "dev"))})


def key(name: str, *values: tuple[str, int]) -> KeyUse:
    uses = tuple(TagUse(name, value, Decimal(cost), 1) for value, cost in values)
    return KeyUse(name, len(uses), sum((u.cost for u in uses), Decimal(0)), uses)


def of_teams() -> TeamNames:
    units = {name: OrgUnit(name, UnitKind.TEAM, name, HERE) for name in TEAMS}
    model = Model(organisation=Organisation(units), taxonomy=TAXONOMY)
    return team_names(model, Period(2026, 10).span)


def check(text: str, teams: Sequence[str] = TEAMS) -> Taxonomy:
    """The taxonomy of a project whose model/tags.yaml is the text; raises what `check` reports."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "model").mkdir()
        (root / "apportion.yaml").write_text("{name: X, currency: USD}")
        units = ", ".join(f"{{name: {name}, kind: team}}" for name in teams)
        (root / "model" / "a.yaml").write_text(f"organisation: [{units}]")
        (root / "model" / "tags.yaml").write_text(text, encoding="utf-8")
        return read_model(read_project(root)).taxonomy


def test_every_typo_of_the_sample_company_is_found_and_nothing_else() -> None:
    """The demo's own list of typos is the truth: all found, meaning the right team."""
    truth = {typo: team for team, typos in tagging._TYPOS.items() for typo in typos}
    good = [value for values in tagging._VARIANTS.values() for value in values]
    uses = key("team", *((value, 5) for value in [*truth, *good, *TEAMS]))
    found = {one.value: one.meant for one in find_misspellings(TAXONOMY, [uses])}
    assert found == truth


def test_rare_values_of_an_open_key_are_held_against_frequent_ones() -> None:
    taxonomy = Taxonomy({"app": TagKey("app", HERE)})
    apps = [("checkout", 900), ("chekout", 3), ("search", 800), ("node-1", 5), ("node-2", 90)]
    (found,) = find_misspellings(taxonomy, [key("app", *apps)])
    assert (found.value, found.meant) == ("chekout", "checkout")
    assert found.cost == 3


def test_keys_that_look_alike_are_named_once_and_known_spellings_are_not() -> None:
    uses = [
        key("team", ("nlp", 500), ("cv", 400)),
        key("Team", ("nlp", 50)),
        key("tema", ("nlp", 7)),
        key("crew", ("nlp", 20), ("cv", 10)),
        key("Env_", ("prod", 9)),
        key("created-by", ("terraform", 99)),
    ]
    found = {one.key: (one.like, one.why) for one in find_similar_keys(TAXONOMY, uses)}
    assert found == {
        "tema": ("team", "two letters swapped"),
        "crew": ("team", "2 values in common"),
        "Env_": ("env", "the same word, written otherwise"),
    }


def test_the_proposed_schema_widens_the_model_and_can_be_pasted() -> None:
    uses = [
        key("team", ("nlp", 500), ("NPL", 40), ("cv", 400)),
        key("tema", ("nlp", 7)),
        key("Environment", ("Production", 30), ("staging", 20)),
        key("cost-centre", ("0042", 12), ("CC-7", 11)),
        key("note", ("yes: [it, is]", 3)),
    ]
    schema = propose_schema(TAXONOMY, uses, find_similar_keys(TAXONOMY, uses), of_teams())
    read = check(schema_yaml(schema, Decimal(1000)))
    assert list(read.keys) == ["team", "env", "cost-centre"]
    assert read.keys["team"].synonyms == ("Team", "squad", "tema")
    assert read.keys["team"].required
    assert read.keys["team"].values == TEAMS
    assert read.keys["team"].canonical("NPL") == "nlp"
    assert read.keys["team"].canonical("Vision") == "cv"
    assert read.keys["env"].synonyms == ("Environment",)
    assert read.keys["cost-centre"].values == ("0042", "CC-7")


def test_a_project_without_a_taxonomy_gets_one_from_its_tags() -> None:
    uses = [
        key("Owner", ("nlp", 500), ("NLP ", 40), ("computer-vision", 400)),
        key("stage", ("prod", 900), ("Prod", 5), ("prd", 2), ("dev", 100)),
    ]
    schema = propose_schema(Taxonomy(), uses, (), of_teams())
    read = check(schema_yaml(schema, Decimal(1000)))
    assert set(read.keys["Owner"].values) == set(TEAMS)
    assert read.keys["Owner"].required
    assert read.keys["stage"].values == ("prod", "dev")
    assert read.keys["stage"].canonical("prd") == "prod"


def test_no_tags_at_all_give_an_empty_schema_that_still_reads() -> None:
    assert check(schema_yaml((), Decimal(0))).keys == {}


texts = st.text(st.characters(codec="utf-8"), max_size=12)
said = st.sampled_from(["team", "Team ", "tema", "env", "app", "CC", "service", "null", "~"])
tag_names = st.one_of(texts, said)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        tag_names,
        st.dictionaries(texts, st.integers(-5, 1000), max_size=4),
        max_size=6,
    )
)
def test_a_schema_of_any_tags_passes_the_model_check(found: dict[str, dict[str, int]]) -> None:
    uses = [key(name, *values.items()) for name, values in found.items()]
    for taxonomy in (Taxonomy(), TAXONOMY):
        similar = find_similar_keys(taxonomy, uses)
        text = schema_yaml(propose_schema(taxonomy, uses, similar, of_teams()), Decimal(100))
        read = check(text)
        assert set(taxonomy.keys) <= set(read.keys)


@pytest.mark.slow
def test_thousands_of_keys_and_values_take_seconds() -> None:
    from time import perf_counter

    uses = [key(f"label-{n}-{'xyz'[n % 3] * (n % 7)}", (f"value {n}", n)) for n in range(5000)]
    uses.append(key("app", *((f"{n * 7919 % 100003:x}-{n}", n) for n in range(2000))))
    taxonomy = Taxonomy({**TAXONOMY.keys, "app": TagKey("app", HERE)})
    began = perf_counter()
    find_similar_keys(taxonomy, uses)
    find_misspellings(taxonomy, uses)
    assert perf_counter() - began < 10
