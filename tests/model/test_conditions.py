"""Conditions: what is allowed, how they come apart, and where a fault lies."""

# ruff: noqa: E501
# Tables read best with one case in a line.

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from apportion.domain.charge import FOCUS_COLUMNS, KEY_COLUMNS
from apportion.domain.owner import Evidence
from apportion.model.condition import ConditionFault, read_where
from apportion.model.parse_condition import FUNCTIONS, parse_condition

APART = [
    ("ServiceName = 'EC2'", (("ServiceName", ("EC2",)),), None),
    ("'EC2' = ServiceName", (("ServiceName", ("EC2",)),), None),
    ("ServiceName IN ('a', 'b', 'a')", (("ServiceName", ("a", "b")),), None),
    ("tag.team = 'it''s'", (("tag.team", ("it's",)),), None),
    ("tag['app.kubernetes.io/name'] = 'x'", (("tag.app.kubernetes.io/name", ("x",)),), None),
    ('tag."odd key" = \'x\'', (("tag.odd key", ("x",)),), None),
    ("tag.group = 'x' and (x_Cost_Center in ('1') and RegionId = 'eu')",
     (("tag.group", ("x",)), ("x_Cost_Center", ("1",)), ("RegionId", ("eu",))), None),
    ("ServiceName = 'a' OR ServiceName = 'b'", (),
     "\"ServiceName\" = 'a' OR \"ServiceName\" = 'b'"),
    ("ServiceName = 'a' AND ResourceName NOT LIKE 'x%'", (("ServiceName", ("a",)),),
     "NOT \"ResourceName\" LIKE 'x%'"),
    ("ServiceName <> 'a' -- a remark", (), "\"ServiceName\" <> 'a'"),
    ("lower(tag.env) = 'prod'", (), "LOWER(\"tag\".\"env\") = 'prod'"),
    ("length(ResourceId) > 3", (), 'LENGTH("ResourceId") > 3'),
    ("ResourceId IS NOT NULL", (), 'NOT "ResourceId" IS NULL'),
    ("RegionId BETWEEN 'a' AND 'b'", (), "\"RegionId\" BETWEEN 'a' AND 'b'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "equals", "where"), APART)
def test_equalities_become_lookups_and_the_rest_stays_an_expression(
    text: str, equals: object, where: str | None
) -> None:
    found = read_where(text)
    assert found.equals == equals
    assert (found.where.sql("duckdb") if found.where is not None else None) == where


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("tag.team = 'nlp'", Evidence.TAGGED),
        ("tag.team IN ('nlp') AND tag.env = 'prod'", Evidence.TAGGED),
        ("tag.team = 'nlp' OR tag.squad = 'nlp'", Evidence.TAGGED),
        ("tag.team = 'nlp' AND ServiceName = 'EC2'", Evidence.MAPPED),
        ("tag.team <> 'nlp'", Evidence.MAPPED),
        ("SubAccountId = '1'", Evidence.MAPPED),
        ("tag.team = 'nlp' AND ResourceName LIKE 'x%'", Evidence.PATTERN),
        ("starts_with(ResourceName, 'x')", Evidence.PATTERN),
        ("regexp_matches(tag.team, '^n')", Evidence.PATTERN),
    ],
)
def test_evidence_is_that_of_the_weakest_part(text: str, evidence: Evidence) -> None:
    assert read_where(text).evidence is evidence


@pytest.mark.parametrize(
    ("text", "at", "what"),
    [
        ("ServiceNam = 'x'", "ServiceNam", "no column is called 'ServiceNam'"),
        ("BilledCost > 100", "BilledCost", "BilledCost is not visible to rules"),
        ("ChargePeriodStart > '2026'", "Charge", "ChargePeriodStart is not visible to rules"),
        ("Tags = 'x'", "Tags", "Tags as a whole can't be compared"),
        ("ServiceName = 'a' AND random() > 1", "random", "the function random is not allowed"),
        ("lowr(ServiceName) = 'x'", "lowr", "the function lowr is not allowed"),
        ("read_csv('/etc/passwd') = 'x'", "read_csv", "the function read_csv is not allowed"),
        ("len(ServiceName) = 3", "len", "the function len is not allowed"),
        ("SubAccountId = 1111", "1111", "a text is compared with the number 1111"),
        ("SubAccountId IN (1111)", "1111", "a text is compared with the number 1111"),
        ("length(ServiceName) = '3'", "length", "a text is compared with the number LENGTH(ServiceName)"),
        ("ServiceName = 'a", "'a", "a quote isn't closed"),
        ("ServiceName = 'a' AND", "AND", "not a condition: required keyword: 'expression' missing at 'AND'"),
        ("ServiceName = 'a' x", "x", "not a condition: invalid expression / Unexpected token at 'x'"),
        ("ServiceName", "ServiceName", "this is a text, not a condition"),
        ("ServiceName ILIKE 'x'", "ServiceName", "ServiceName ILIKE 'x' is not allowed in a condition"),
        ("ServiceName ~ 'x'", "ServiceName", "REGEXP_MATCHES(ServiceName, 'x') is not allowed in a condition"),
        ("regexp_matches(RegionId, '(')", "'('", "the pattern can't be read: missing ), unterminated subpattern at position 0"),
        ("regexp_matches(RegionId, 'a(?=b)')", "'a(", "the pattern looks around or back"),
        ("ResourceId LIKE ResourceName", "ResourceId", "a pattern must be a text written out, in single quotes"),
        ("trim(both 'x' from RegionId) = 'a'", "'x'", "trim with this option is not allowed"),
        ("ServiceName = 'a'; DROP TABLE keys", "DROP", "not a condition: invalid expression / Unexpected token at 'DROP'"),
        ("RegionId IN (SELECT 1)", "RegionId", "IN needs a list of texts"),
        ("EXISTS (SELECT 1)", "1", "EXISTS(SELECT 1) is not allowed in a condition"),
        ("CAST(RegionId AS INT) = 1", "RegionId", "cast with this option is not allowed"),
        ("tag.app-name = 'x'", "tag", "a minus is not allowed"),
        ("tag.a.b = 'x'", "tag", "tag.a.b names no column"),
        ("keys.RegionId = 'x'", "keys", "keys.RegionId names no column"),
        ("", "", "an empty condition"),
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_named_at_its_place(text: str, at: str, what: str) -> None:
    with pytest.raises(ConditionFault) as caught:
        read_where(text)
    assert caught.value.what == what
    assert text[caught.value.offset :].startswith(at)


def test_a_text_in_double_quotes_gets_the_right_remedy() -> None:
    with pytest.raises(ConditionFault) as caught:
        read_where('ServiceName = "EC2"')
    assert caught.value.hint == "a text stands in single quotes: 'EC2'"


def test_a_number_gets_the_quotes_that_it_lacks() -> None:
    with pytest.raises(ConditionFault) as caught:
        read_where("SubAccountId = 1111")
    assert caught.value.hint == "quote it: '1111'"


def test_nesting_without_end_is_a_fault_and_not_a_crash() -> None:
    with pytest.raises(ConditionFault):
        read_where("(" * 3000 + "RegionId = 'a'" + ")" * 3000)
    with pytest.raises(ConditionFault):
        read_where("NOT " * 5000 + "RegionId = 'a'")


@pytest.mark.parametrize("column", [c.name for c in FOCUS_COLUMNS])
def test_rules_see_the_columns_of_the_charge_key_and_no_others(column: str) -> None:
    if column in KEY_COLUMNS:
        assert read_where(f"{column} = 'x'").equals == ((column, ("x",)),)
    else:
        with pytest.raises(ConditionFault):
            read_where(f"{column} = 'x'")


WORDS = st.text("aé'%\"; -=()😀", max_size=8)
COLUMNS = st.sampled_from([*KEY_COLUMNS[:5], "tag.team", "tag.x1", "x_own"])


def quoted(value: str) -> str:
    return exp.Literal.string(value).sql("duckdb")


@given(
    st.lists(st.tuples(COLUMNS, st.lists(WORDS, min_size=1, max_size=3)), min_size=1, max_size=4)
)
def test_the_short_way_and_the_sql_parser_read_the_same(
    parts: list[tuple[str, list[str]]],
) -> None:
    terms = [f"{column} IN ({', '.join(map(quoted, values))})" for column, values in parts]
    text = " AND ".join(terms)
    assert read_where(text) == parse_condition(text)
    assert [column for column, _ in read_where(text).equals] == [column for column, _ in parts]


@given(st.text("aRTegionId tag.='()<>,x%\"-;ANDORnotlikeIN1\n", max_size=40))
def test_any_text_is_a_condition_or_a_fault_within_it(text: str) -> None:
    at = 0
    try:
        read_where(text)
    except ConditionFault as fault:
        at = fault.offset
    assert 0 <= at <= len(text)


def test_every_allowed_function_runs_in_duckdb_and_has_a_spark_spelling() -> None:
    given_arguments = {
        "left": "RegionId, 2",
        "right": "RegionId, 2",
        "replace": "RegionId, 'a', 'b'",
    }
    for names, kinds, value in FUNCTIONS.values():
        for name in names:
            one = given_arguments.get(name) or ("RegionId, 'a'" if len(kinds) != 1 else "RegionId")
            tests = {"true or false": "", "a text": " = 'a'", "a number": " > 1"}
            where = read_where(f"{name}({one}){tests[value]}").where
            assert where is not None
            duckdb.execute(f"SELECT 1 FROM (SELECT 'ab' AS RegionId) WHERE {where.sql('duckdb')}")
            assert where.sql("spark")
