"""Attribution by example: each case is a small bill, a small model, and who carries what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from apportion.attribute import Attribution, attribute
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.period import Period
from apportion.errors import Place
from apportion.model.condition import read_where
from apportion.model.dated import ALWAYS, Validity
from apportion.model.organisation import Organisation, OrgUnit, UnitKind
from apportion.model.pools import Pool
from apportion.model.project import Model
from apportion.model.rules import Condition, Inheritance, Listed, Rule
from apportion.model.taxonomy import TagKey, Taxonomy
from apportion.store.engine import Engine
from apportion.store.relation import sql, table
from plain_charges import Charge, charge, fold

HERE = Place("model.yaml", 1, 1)
OCTOBER = Period(2026, 10).span
MIDDLE = date(2026, 10, 16)
NLP, CV = Owner(OwnerKind.TEAM, "nlp"), Owner(OwnerKind.TEAM, "cv")
LAKE = Owner(OwnerKind.POOL, "lake")


def organisation(**valid: Validity) -> Organisation:
    names = ("nlp", "cv", "rec")
    return Organisation(
        {n: OrgUnit(n, UnitKind.TEAM, n, HERE, valid.get(n, ALWAYS)) for n in names}
    )


def equals(**values: str | tuple[str, ...]) -> Condition:
    texts = {k.replace("tag_", "tag."): v for k, v in values.items()}
    return Condition(tuple((k, (v,) if isinstance(v, str) else v) for k, v in texts.items()))


def like(column: str, *globs: str, **values: str) -> Condition:
    return Condition(equals(**values).equals, ((column, globs),))


def where(text: str) -> Condition:
    parts = read_where(text)
    return Condition(parts.equals, (), parts.where)


def rule(
    position: int,
    condition: Condition,
    owner: Owner | None = None,
    *,
    valid: Validity = ALWAYS,
    from_tag: str = "",
    listed: tuple[Listed, ...] = (),
    column: str = "",
) -> Rule:
    return Rule(
        f"rule {position}",
        position,
        HERE,
        condition,
        Evidence.MAPPED,
        owner=owner,
        valid=valid,
        from_tag=from_tag,
        listed=listed,
        column=column,
    )


def pool(name: str, condition: Condition | None = None, **more: object) -> Pool:
    return Pool(name, 0, name, HERE, (), condition, **more)  # type: ignore[arg-type]


def model(*rules: Rule, **more: object) -> Model:
    return Model(**{"organisation": organisation(), "rules": rules, **more})  # type: ignore[arg-type]


def run(engine: Engine, made: Model, charges: Sequence[Charge]) -> Attribution:
    names = fold(engine, charges)
    return attribute(
        engine,
        made,
        OCTOBER,
        keys=names.keys,
        tags=names.tags,
        daily=names.daily,
        monthly=names.monthly,
    )


def carried(found: Attribution) -> dict[str, str]:
    """What each owner carries, as text."""
    sums: dict[str, object] = {}
    for part in found.summary:
        sums[str(part.owner)] = sums.get(str(part.owner), 0) + part.amounts.BilledCost  # type: ignore[operator]
    return {owner: str(amount) for owner, amount in sums.items()}


def test_the_first_rule_that_matches_decides(engine: Engine) -> None:
    rules = (
        rule(2, equals(ServiceName="Compute"), CV),
        rule(1, like("ResourceName", "nlp-*"), NLP),
    )
    charges = [charge(1, "7", ResourceName="nlp-1"), charge(1, "5", ResourceName="x")]
    found = run(engine, model(*rules), charges)
    assert carried(found) == {"team nlp": "7", "team cv": "5"}
    assert [part.rule for part in found.summary] == ["rule 2", "rule 1"]


def test_what_nothing_matches_is_unallocated(engine: Engine) -> None:
    found = run(engine, model(rule(1, equals(RegionId="eu"), NLP)), [charge(1, "3")])
    (part,) = found.summary
    assert (str(part.owner), part.rule, part.evidence) == ("unallocated", "", Evidence.NONE)
    assert [f.code for f in found.findings] == ["rule-unused"]


def test_a_model_without_rules_leaves_all_unallocated(engine: Engine) -> None:
    assert carried(run(engine, Model(), [charge(1, "3")])) == {"unallocated": "3"}


def test_a_bill_without_charges_gives_an_empty_attribution(engine: Engine) -> None:
    found = run(engine, model(rule(1, equals(tag_team="nlp"), NLP)), [])
    assert found.summary == ()


GLOBS = {
    "nlp-*": ["nlp-", "nlp-1"],
    "*-nlp": ["-nlp", "a-nlp"],
    "*nlp*": ["-nlp", "a-nlp", "nlp-", "nlp-1", "xnlpx"],
    "a?c": ["a\nc", "a.c", "a_c", "abc", "a😀c"],
    "a.c": ["a.c"],
    "a*b*c": ["a\nb\nc", "abc"],
    "*": None,
    "??": ["ab", "éé"],
    "[x]*": ["[x]y"],
    "50%*": ["50% off"],
    "a_c": ["a_c"],
    "back\\*": ["back\\slash"],
    "it's": ["it's"],
    "*😀*": ["a😀c"],
    "(a|b)": ["(a|b)"],
    "^*$": ["^x$"],
    "ABC": [],
}
NAMES = sorted({name for names in GLOBS.values() for name in names or ()} | {"other"})


@pytest.mark.parametrize("glob", GLOBS)
def test_a_glob_means_itself_but_for_its_stars_and_question_marks(
    engine: Engine, glob: str
) -> None:
    wanted = GLOBS[glob] if GLOBS[glob] is not None else NAMES
    assert matched(engine, like("ResourceName", glob), NAMES) == wanted


def matched(engine: Engine, condition: Condition, names: Sequence[str]) -> list[str]:
    """The names of resources that a condition holds for, sorted; "" is the one without a name."""
    charges = [charge(1, str(2**n), ResourceName=name) for n, name in enumerate(names, start=1)]
    found = carried(run(engine, model(rule(1, condition, NLP)), [charge(1), *charges]))
    costs = int(found.get("team nlp", "0"))
    return sorted(name for n, name in enumerate(["", *names]) if costs >> n & 1)


CONDITIONS = {
    "ResourceName LIKE 'a_c'": ["abc", "a.c", "a_c", "a😀c", "a\nc"],
    "ResourceName LIKE 'back\\%'": ["back\\slash"],
    "ResourceName NOT LIKE 'a%' AND ResourceName <> 'other'": None,
    "lower(ResourceName) = 'İx'": ["İX", "İx"],
    "upper(ResourceName) = 'STRAßE'": ["straße"],
    "regexp_matches(ResourceName, '^\\d+$')": ["123"],
    "regexp_matches(ResourceName, '^\\w$')": ["w"],
    "trim(ResourceName) = 'blank'": [" blank "],
    "length(ResourceName) = 3 AND contains(ResourceName, '😀')": ["a😀c"],
    "coalesce(tag['it''s \"odd\".key 😀'], ResourceName) = 'w'": ["w"],
    "ResourceName IS NULL": [""],
    "concat(ResourceName, tag.none) = 'abc'": ["abc"],
    "left(ResourceName, 1) = 'é' OR right(ResourceName, 2) = '😀c'": ["é", "éé", "a😀c"],
    "ResourceName BETWEEN 'w' AND 'x'": ["w"],
}
MORE = ["İX", "İx", "straße", "123", "٣", "w", "é", " blank ", "\tblank"]


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_condition_means_the_same_on_every_engine(engine: Engine, text: str) -> None:
    names = sorted({*NAMES, *MORE})
    wanted = CONDITIONS[text]
    if wanted is None:
        wanted = [name for name in names if not name.startswith("a") and name != "other"]
    assert matched(engine, where(text), names) == sorted(wanted)


def test_a_thousand_patterns_and_the_first_of_them_wins(engine: Engine) -> None:
    rules = [
        rule(n, like("ResourceName", f"{'*' * (n % 2)}job{n}-*", f"*-{n}?z"), [NLP, CV][n % 2])
        for n in range(600)
    ]
    charges = [charge(1, ResourceName=name) for name in ("job14-job3-", "x-job3-", "a-77xz", "job")]
    found = run(engine, model(*rules), charges)
    assert {(part.rule, str(part.owner)) for part in found.summary} == {
        ("rule 3", "team cv"),
        ("rule 77", "team cv"),
        ("", "unallocated"),
    }


def test_equalities_with_patterns_and_conditions_all_count(engine: Engine) -> None:
    rules = (
        rule(1, like("ResourceName", "a*", "*?z", "exact", ServiceName="Storage"), NLP),
        rule(
            2,
            Condition(
                (("ServiceName", ("Storage", "Compute")), ("RegionId", ("eu", "us"))),
                (("ResourceName", ("b*",)), ("ResourceId", ("*1",))),
                where("SubAccountId IS NULL OR SubAccountId <> '9'").where,
            ),
            CV,
        ),
    )
    seen = [
        ({"ServiceName": "Storage", "ResourceName": "a"}, "team nlp"),
        ({"ServiceName": "Compute", "ResourceName": "a"}, "unallocated"),
        ({"ServiceName": "Storage", "ResourceName": "exact"}, "team nlp"),
        ({"ServiceName": "Storage", "ResourceName": "z"}, "unallocated"),
        ({"ServiceName": "Storage", "ResourceName": "yz"}, "team nlp"),
        ({"RegionId": "eu", "ResourceName": "b", "ResourceId": "i1"}, "team cv"),
        ({"RegionId": "eu", "ResourceName": "b", "ResourceId": "i2"}, "unallocated"),
        ({"RegionId": "ap", "ResourceName": "b", "ResourceId": "i1"}, "unallocated"),
        (
            {"RegionId": "us", "ResourceName": "b", "ResourceId": "i1", "SubAccountId": "9"},
            "unallocated",
        ),
    ]
    day = date(2026, 10, 1)
    costs = [(Decimal(2**n),) * 4 for n in range(len(seen))]
    charges = [
        Charge(day, columns, {}, cost) for (columns, _), cost in zip(seen, costs, strict=True)
    ]
    wanted: dict[str, int] = {}
    for n, (_, owner) in enumerate(seen):
        wanted[owner] = wanted.get(owner, 0) + 2**n
    found = carried(run(engine, model(*rules), charges))
    assert found == {owner: str(cost) for owner, cost in wanted.items()}


def test_a_hundred_rules_that_ask_for_the_same_value_are_tried_in_order(engine: Engine) -> None:
    rules = [
        rule(
            n,
            Condition(
                (("ServiceName", ("Compute",)),), (), where(f"ResourceName < 'r{n:03}'").where
            ),
            [NLP, CV][n % 2],
            valid=ALWAYS if n != 40 else Validity(MIDDLE, None),
        )
        for n in range(100)
    ]
    charges = [charge(1, "1", ResourceName="r039"), charge(20, "2", ResourceName="r039")]
    charges += [charge(1, "4", ResourceName="r070"), charge(1, "8", ServiceName="Other")]
    found = run(engine, model(*rules), charges)
    assert {(p.rule, str(p.amounts.BilledCost)) for p in found.summary} == {
        ("rule 40", "2"),
        ("rule 41", "1"),
        ("rule 71", "4"),
        ("", "8"),
    }


def test_long_lists_are_not_multiplied_out(engine: Engine) -> None:
    many = tuple(f"v{n}" for n in range(3_000))
    both = Condition((("ResourceId", many), ("ResourceName", many), ("tag.env", ("prod",))))
    charges = [
        charge(1, "1", tags={"env": "prod"}, ResourceId="v7", ResourceName="v2999"),
        charge(1, "2", tags={"env": "prod"}, ResourceId="v7", ResourceName="w"),
        charge(1, "4", tags={"env": "dev"}, ResourceId="v7", ResourceName="v2"),
    ]
    assert carried(run(engine, model(rule(1, both, NLP)), charges)) == {
        "team nlp": "1",
        "unallocated": "6",
    }


NASTY = {
    'it\'s "odd".key 😀': "va'l\"ue \\",
    "a.b": "1",
    "tag.team": "x",
    "Team": "y",
    "team": "Y",
    "back\\": "new\nline",
    "": "empty",
}


@pytest.mark.parametrize("tag", NASTY)
def test_a_tag_may_have_any_key_and_value(engine: Engine, tag: str) -> None:
    condition = Condition(((f"tag.{tag}", (NASTY[tag],)),))
    charges = [charge(1, "5", tags=NASTY), charge(1, "3", tags={**NASTY, tag: "else"})]
    assert carried(run(engine, model(rule(1, condition, NLP)), charges)) == {
        "team nlp": "5",
        "unallocated": "3",
    }


def test_five_thousand_tag_keys_on_one_charge(engine: Engine) -> None:
    tags = {f"key {n}": f"value {n}" for n in range(5_000)}
    found = run(
        engine,
        model(rule(1, equals(**{"tag_key 4999": "value 4999"}), NLP)),
        [charge(1, "2", tags=tags), charge(1, "1", tags={**tags, "key 4999": "other"})],
    )
    assert carried(found) == {"team nlp": "2", "unallocated": "1"}


TAXONOMY = Taxonomy(
    {
        "team": TagKey(
            "team",
            HERE,
            synonyms=("squad", "owner team"),
            aliases={"natural-language": "nlp", "STRASSE": "cv"},
            values=("nlp", "cv"),
        )
    }
)


@pytest.mark.parametrize(
    ("tags", "owner"),
    [
        ({"team": "nlp"}, "team nlp"),
        ({"TEAM ": " Natural-Language"}, "team nlp"),
        ({"Squad": "CV"}, "team cv"),
        ({"squad": "straße"}, "team cv"),
        ({"squad": "cv", "team": "nlp"}, "team nlp"),
        ({"owner team": "cv", "squad": "nlp"}, "team nlp"),
        ({"squad": "cv", "team": " "}, "team cv"),
        ({"Team": "cv", "team": "nlp"}, "team nlp"),
        ({"team": "nlpx"}, "unallocated"),
        ({"team": ""}, "unallocated"),
        ({}, "unallocated"),
    ],
)
def test_tags_are_read_in_the_spelling_of_the_taxonomy(
    engine: Engine, tags: dict[str, str], owner: str
) -> None:
    made = model(
        rule(1, equals(tag_team="nlp"), NLP),
        rule(2, equals(tag_team="cv"), CV),
        taxonomy=TAXONOMY,
    )
    assert carried(run(engine, made, [charge(1, "1", tags=tags)])) == {owner: "1"}


def test_a_tag_names_a_declared_team_that_exists_on_the_day(engine: Engine) -> None:
    made = model(
        rule(1, Condition(), from_tag="team"),
        rule(2, equals(tag_team="rec"), CV),
        organisation=organisation(rec=Validity(MIDDLE, None)),
    )
    charges = [
        charge(1, "1", tags={"team": "nlp"}),
        charge(1, "2", tags={"team": "nobody"}),
        charge(15, "4", tags={"team": "rec"}),
        charge(16, "8", tags={"team": "rec"}),
    ]
    assert carried(run(engine, made, charges)) == {
        "team nlp": "1",
        "unallocated": "2",
        "team cv": "4",
        "team rec": "8",
    }


def test_a_dated_rule_parts_the_month_and_the_days_before_count_as_they_were(
    engine: Engine,
) -> None:
    rules = (
        rule(1, equals(ResourceId="gpu"), NLP, valid=Validity(None, MIDDLE)),
        rule(2, equals(ResourceId="gpu"), CV),
    )
    late = Charge(date(2026, 9, 29), {"ResourceId": "gpu"})
    charges = [late, *(charge(day, str(day), ResourceId="gpu") for day in (10, 15, 16, 20))]
    charges.append(charge(20, "100", ResourceId="other"))
    found = run(engine, model(*rules), charges)
    assert carried(found) == {"team nlp": "26", "team cv": "36", "unallocated": "100"}
    rows = engine.fetch(
        sql(
            "SELECT SpanStart, Owner, Charges FROM _a AS a ORDER BY SpanStart, Owner",
            _a=table(found.relation),
        )
    ).to_pylist()
    assert rows == [
        {"SpanStart": date(2026, 9, 29), "Owner": "nlp", "Charges": 3},
        {"SpanStart": MIDDLE, "Owner": "cv", "Charges": 2},
        {"SpanStart": MIDDLE, "Owner": "unallocated", "Charges": 1},
    ]


def test_a_resource_list_moves_a_resource_on_a_day(engine: Engine) -> None:
    listed = (
        Listed("gpu", NLP, Validity(None, MIDDLE)),
        Listed("gpu", CV, Validity(MIDDLE, None)),
        Listed("gpu", LAKE),
        Listed("disk", LAKE),
    )
    made = model(
        rule(1, equals(ServiceName="Compute"), listed=listed, column="ResourceId"),
        pools=(pool("lake"),),
    )
    charges = [
        charge(15, "1", ResourceId="gpu"),
        charge(16, "2", ResourceId="gpu"),
        charge(16, "4", ResourceId="disk"),
        charge(16, "8", ResourceId="disk", ServiceName="Storage"),
    ]
    assert carried(run(engine, made, charges)) == {
        "team nlp": "1",
        "team cv": "2",
        "pool lake": "4",
        "unallocated": "8",
    }


def test_the_daily_charges_are_not_read_when_nothing_parts_a_month(engine: Engine) -> None:
    dated = rule(1, equals(ResourceId="gpu"), NLP, valid=Validity(MIDDLE, None))
    names = fold(engine, [charge(3, "1", ResourceId="gpu"), charge(20, "2", ResourceId="disk")])
    engine.drop(names.daily)
    found = attribute(
        engine, model(dated), OCTOBER, keys="keys", tags="tags", daily="daily", monthly="monthly"
    )
    assert carried(found) == {"unallocated": "3"}


def test_days_alone_give_the_same_as_months(engine: Engine) -> None:
    dated = rule(1, equals(ResourceId="gpu"), NLP, valid=Validity(MIDDLE, None))
    charges = [charge(day, "0.1", ResourceId="gpu") for day in range(10, 21)]
    by_month = run(engine, model(dated), charges)
    by_day = attribute(
        engine, model(dated), OCTOBER, keys="keys", tags="tags", daily="daily", monthly=None
    )
    assert by_month.summary == by_day.summary
    assert carried(by_day) == {"team nlp": "1/2", "unallocated": "3/5"}


def test_pools_claim_before_rules_and_carry_their_own_name(engine: Engine) -> None:
    made = model(
        rule(1, equals(ServiceName="Network"), NLP),
        pools=(pool("lake", equals(ServiceName="Network")),),
    )
    (part,) = run(engine, made, [charge(1, ServiceName="Network")]).summary
    assert (part.owner, part.rule, part.evidence) == (LAKE, "lake", Evidence.MAPPED)


def test_a_pool_takes_over_what_a_team_was_given(engine: Engine) -> None:
    made = model(
        rule(1, equals(tag_team="nlp"), NLP),
        rule(2, equals(tag_team="cv"), CV),
        pools=(pool("lake", from_team="nlp", valid=Validity(MIDDLE, None)),),
        inherit=(Inheritance("volumes", 0, HERE, "tag.of", "ResourceName"),),
    )
    charges = [
        charge(1, "1", tags={"team": "nlp"}, ResourceName="one"),
        charge(20, "2", tags={"team": "nlp"}, ResourceName="one"),
        charge(20, "4", tags={"team": "cv"}),
        charge(20, "8", tags={"of": "one"}),
    ]
    found = run(engine, made, charges)
    assert carried(found) == {"team nlp": "1", "pool lake": "10", "team cv": "4"}
    assert {p.rule for p in found.summary if p.owner == LAKE} == {"rule 1", "volumes"}


def test_children_take_the_owner_of_their_parent(engine: Engine) -> None:
    made = model(
        rule(1, equals(tag_team="nlp"), NLP),
        rule(2, like("ResourceName", "cv-*"), CV),
        inherit=(
            Inheritance("volumes", 0, HERE, "tag.cluster", "ResourceName"),
            Inheritance("accounts", 1, HERE, "SubAccountId", "ResourceId"),
        ),
    )
    charges = [
        charge(1, "1", tags={"team": "nlp"}, ResourceName="k8s-1"),
        charge(1, "2", tags={"cluster": "k8s-1"}, ResourceName="vol"),
        charge(1, "4", tags={"cluster": "vol"}),
        charge(1, "8", tags={"cluster": ""}, ResourceName=""),
        charge(1, "16", tags={"team": "nlp"}, ResourceName="k8s-2"),
        charge(1, "32", ResourceName="cv-1", ResourceId="77"),
        charge(1, "64", tags={"cluster": "cv-1"}),
        charge(1, "128", tags={"cluster": "both"}, SubAccountId="77"),
        charge(1, "256", tags={"team": "nlp"}, ResourceName="both"),
        charge(1, "512", tags={"team": "nlp", "x": "y"}, ResourceName="both", ServiceName="S"),
    ]
    found = run(engine, made, charges)
    assert carried(found) == {
        "team nlp": str(1 + 2 + 16 + 128 + 256 + 512),
        "team cv": str(32 + 64),
        "unallocated": str(4 + 8),
    }
    assert {p.evidence for p in found.summary if p.rule == "volumes"} == {Evidence.MAPPED}
    assert [f.code for f in found.findings] == ["rule-unused"]


def test_parents_with_several_owners_decide_nothing_and_the_next_inheritance_is_asked(
    engine: Engine,
) -> None:
    made = model(
        rule(1, Condition(), from_tag="team"),
        inherit=(
            Inheritance("volumes", 0, HERE, "tag.cluster", "ResourceName"),
            Inheritance("accounts", 1, HERE, "SubAccountId", "ResourceId"),
        ),
    )
    charges = [
        charge(1, "1", tags={"team": "nlp"}, ResourceName="k8s"),
        charge(1, "1", tags={"team": "cv"}, ResourceName="k8s", ResourceId="7"),
        charge(1, "2", tags={"cluster": "k8s"}),
        charge(1, "4", tags={"cluster": "k8s"}, SubAccountId="7"),
    ]
    found = run(engine, made, charges)
    assert carried(found) == {"team nlp": "1", "team cv": "5", "unallocated": "2"}
    note = found.findings[-1]
    assert (note.code, note.rows, note.place) == ("parent-ambiguous", 2, HERE)
    assert "'volumes'" in note.message
    assert "'k8s'" in note.message


def test_a_parent_counts_on_days_without_charges_of_its_own(engine: Engine) -> None:
    made = model(
        rule(1, equals(tag_team="nlp"), NLP, valid=Validity(None, MIDDLE)),
        rule(2, equals(tag_team="nlp"), CV),
        inherit=(Inheritance("volumes", 0, HERE, "tag.cluster", "ResourceName"),),
    )
    charges = [
        charge(1, "1", tags={"team": "nlp"}, ResourceName="k8s"),
        charge(2, "2", tags={"cluster": "k8s"}),
        charge(30, "4", tags={"cluster": "k8s"}),
    ]
    assert carried(run(engine, made, charges)) == {"team nlp": "3", "team cv": "4"}


def test_inheritance_from_a_pattern_is_no_stronger_than_a_pattern(engine: Engine) -> None:
    weak = Rule("by name", 1, HERE, like("ResourceName", "nlp-*"), Evidence.PATTERN, owner=NLP)
    made = model(weak, inherit=(Inheritance("v", 0, HERE, "tag.cluster", "ResourceName"),))
    charges = [charge(1, ResourceName="nlp-1"), charge(1, tags={"cluster": "nlp-1"})]
    assert {p.evidence for p in run(engine, made, charges).summary} == {Evidence.PATTERN}


def test_a_column_that_was_not_loaded_is_told(engine: Engine) -> None:
    made = model(rule(1, equals(x_New="a"), NLP))
    found = run(engine, made, [charge(1)])
    assert carried(found) == {"unallocated": "1"}
    assert {f.code for f in found.findings} == {"column-not-loaded", "rule-unused"}


def test_sources_and_currencies_stay_apart(engine: Engine) -> None:
    charges = [
        charge(1, "1"),
        Charge(date(2026, 10, 1), source="other"),
        charge(1, "4", BillingCurrency="EUR"),
    ]
    found = run(engine, model(), charges)
    assert [(p.source, p.currency, p.charges) for p in found.summary] == [
        ("cloud", "EUR", 1),
        ("cloud", "USD", 1),
        ("other", "USD", 1),
    ]
