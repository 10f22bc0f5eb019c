"""Rules sorted by shape: what they become doesn't grow beyond need."""

from __future__ import annotations

from datetime import date

from apportion.attribute.claims import claims_of
from apportion.attribute.lookups import Lookup, Part
from apportion.attribute.shapes import CROWD, LARGEST_PRODUCT, Shapes, shapes_of
from apportion.attribute.spans import Spans, cut
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.model.condition import read_where
from apportion.model.dated import ALWAYS, Validity
from apportion.model.organisation import Organisation, OrgUnit, UnitKind
from apportion.model.project import Model
from apportion.model.rules import Condition, Listed, Rule
from random_models import HERE

NLP = Owner(OwnerKind.TEAM, "nlp")
DAYS = Spans((date(2026, 10, 1),))


def shapes(*conditions: Condition, spans: Spans = DAYS, **more: object) -> Shapes:
    rules = tuple(
        Rule(f"r{n}", n, HERE, each, Evidence.MAPPED, **{"owner": NLP, **more})  # type: ignore[arg-type]
        for n, each in enumerate(conditions)
    )
    team = OrgUnit("nlp", UnitKind.TEAM, "nlp", HERE)
    return shapes_of(claims_of(Model(Organisation({"nlp": team}), rules=rules)), spans)


def equals(*values: str, column: str = "ServiceName") -> Condition:
    return Condition(((column, values),))


def test_rules_that_compare_the_same_columns_are_one_lookup() -> None:
    found = shapes(*(equals(f"s{n}") for n in range(1_000)))
    (lookup,) = found.lookups.values()
    assert len(lookup.flat()) == 1_000
    assert [found.tests, found.checked, found.patterns] == [[], {}, {}]


def test_rules_that_ask_for_the_same_do_not_multiply() -> None:
    found = shapes(*(equals("one", f"s{n}") for n in range(1_000)))
    (lookup,) = found.lookups.values()
    assert len(lookup.flat()) == 1_001
    assert (("one",), (0, 0, 0)) in lookup.flat()


def test_two_lists_are_multiplied_out_and_two_long_ones_are_not() -> None:
    few = tuple(f"v{n}" for n in range(10))
    found = shapes(Condition((("ServiceName", few), ("RegionId", few))))
    (lookup,) = found.lookups.values()
    assert len(lookup.flat()) == 100
    many = tuple(f"v{n}" for n in range(LARGEST_PRODUCT))
    found = shapes(Condition((("ServiceName", many), ("RegionId", few))))
    ((columns, rows),) = found.checked.items()
    assert columns == ("ServiceName",)
    assert len(rows) == LARGEST_PRODUCT
    assert found.checks[0].lists == (("RegionId", few),)


def test_a_long_resource_list_with_a_long_condition_stays_as_long_as_the_list() -> None:
    listed = tuple(Listed(f"r{n}", NLP) for n in range(5_000))
    many = tuple(f"v{n}" for n in range(100))
    found = shapes(equals(*many), owner=None, column="ResourceId", listed=listed)
    ((columns, rows),) = found.checked.items()
    assert (columns, len(rows)) == (("ResourceId",), 5_000)


def test_prefixes_are_looked_up_and_the_rest_is_sifted() -> None:
    globs = ("nlp-*", "*-nlp", "*nlp*", "a?b", "exact")
    found = shapes(Condition((), (("ResourceName", globs),)))
    (group,) = found.patterns.values()
    assert [lookup.parts[-1].length for lookup in group.lookups.values()] == [4, 4]
    assert [glob.literal for glob, _ in group.tests] == ["nlp", "a"]
    assert list(found.lookups) == [("ResourceName",)]


def test_a_crowd_of_checks_on_one_value_is_not_joined() -> None:
    where = read_where("ResourceName < 'm'").where
    alike = [Condition((("ServiceName", ("s",)),), (), where) for _ in range(CROWD + 1)]
    found = shapes(*alike, Condition((("ServiceName", ("t",)),), (), where))
    (crowd,) = found.crowds
    assert (crowd.values, len(crowd.tests)) == ((("ServiceName", "s"),), CROWD + 1)
    assert [row.values for row in found.checked["ServiceName",]] == [("t",)]


def test_the_first_row_wins_on_each_day_and_a_later_one_fills_the_gaps() -> None:
    lookup = Lookup((Part("a"),))
    for run in ((2, 3, 0), (0, 2, 1), (0, 5, 2), (1, 4, 3)):
        lookup.add(("v",), run)
    assert lookup.rows["v",] == ((0, 1, 1), (2, 3, 0), (4, 5, 2))


def test_rules_that_hold_on_none_of_the_days_are_left_out() -> None:
    spans = cut(date(2026, 10, 1), date(2026, 10, 31), ())
    found = shapes(equals("a"), spans=spans, valid=Validity(date(2027, 1, 1)))
    assert (found.lookups, found.in_force) == ({}, set())
    assert shapes(equals("a"), spans=spans, valid=ALWAYS).in_force == {1}
