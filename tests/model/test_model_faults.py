"""Every fault of a model: what is said, and at which line and column."""

# ruff: noqa: E501
# Tables read best with one case in a line.

from __future__ import annotations

import os
from pathlib import Path

import pytest

from apportion.errors import ConfigurationError
from apportion.model.read_model import read_model
from apportion.model.read_project import read_project
from workshop import Workshop

ORGANISATION = [
    (
        "- {name: a, kind: product, parent: b}\n- {name: b, kind: product, parent: a}",
        ["2:10: the organisation runs in a circle: a → b → a"],
    ),
    ("- {name: a, kind: team, parent: a}", ["2:10: the organisation runs in a circle: a → a"]),
    ("- {name: a, kind: team, parent: acme}", ["2:33: no unit is called 'acme'"]),
    ("- {name: a, kind: team}\n- {name: a, kind: team}", ["3:10: two units are called 'a'"]),
    ("- {name: a, kind: squad}", ["2:19: 'squad' is not a kind of unit"]),
    ("- {name: a}", ["2:3: a unit of the organisation has no 'kind'"]),
    ("- {kind: team}", ["2:3: a unit of the organisation has no 'name'"]),
    ("- {name: '', kind: team}", ["2:10: a name is empty"]),
    ("- {name: ' a', kind: team}", ["2:10: a name has blanks around it: ' a'"]),
    (
        '- {name: "a\\u200b", kind: team}',
        ["2:10: a name holds an invisible or control character: 'a\\u200b'"],
    ),
    (
        '- {name: a, kind: team, title: "A\\u202eB"}',
        ["2:32: a text holds an invisible or control character: 'A\\u202eB'"],
    ),
    (
        '- {name: a, kind: team, owner: "a\\x1b[31m"}',
        ["2:32: a text holds an invisible or control character: 'a\\x1b[31m'"],
    ),
    (
        "- {name: a, kind: team, tema: x}",
        ["2:25: unknown key 'tema' in a unit of the organisation"],
    ),
    (
        "- {name: a, kind: team, from: 2026-02-01, until: 2026-02-01}",
        ["2:50: `from` isn't before `until`"],
    ),
    ("- {name: a, kind: team, from: 2026-02-30}", ["2:31: '2026-02-30' is not a day"]),
    ("- {name: a, kind: team, from: 1.2.2026}", ["2:31: '1.2.2026' is not a day"]),
    ("- {name: a, kind: team, head_count: 1.5}", ["2:37: '1.5' is not a whole number"]),
    ("- {name: a, kind: team, head_count: []}", ["2:37: an empty list"]),
    (
        "- {name: a, kind: team, owner: }",
        ["2:32: no value; owner, or a list of dated ones is expected"],
    ),
    (
        (
            "- name: a\n  kind: team\n  head_count:\n"
            "    - {value: 3, until: 2026-03-01}\n    - {value: 4, from: 2026-02-28}"
        ),
        ["6:7: two values hold from 2026-02-28"],
    ),
    (
        "- {name: a, kind: product, parent: t}\n- {name: t, kind: team}",
        ["2:36: the product 'a' lies within the team 't'"],
    ),
    ("- {name: unallocated, kind: team}", ["2:10: 'unallocated' is what nobody owns"]),
    ("- {name: a, kind: team, from: 0000-01-01}", ["2:31: '0000-01-01' is not a day"]),
    ("- a", ["2:3: a unit of the organisation is expected here, as a mapping, not the text 'a'"]),
]


@pytest.mark.parametrize(("text", "faults"), ORGANISATION)
def test_faults_of_the_organisation(shop: Workshop, text: str, faults: list[str]) -> None:
    written = "organisation:\n" + text
    assert shop.faults(organisation=written) == [f"model/organisation.yaml:{f}" for f in faults]


def test_a_reorganisation_that_turns_a_branch_over_is_no_loop(shop: Workshop) -> None:
    shop.model(
        organisation="""\
        organisation:
          - {name: a, kind: product, parent: [{value: b, until: 2026-06-01}]}
          - {name: b, kind: product, parent: [{value: a, from: 2026-06-01}]}
        """
    )


RULES = [
    ("- {name: r, team: nlpp}", ["2:19: no team is called 'nlpp'"]),
    ("- {name: r, team: assistant}", ["2:19: no team is called 'assistant'"]),
    ("- {name: r, pool: lake}", ["2:19: no pool is called 'lake'"]),
    (
        "- {name: r, team: nlp}\n- {name: r, team: vision}",
        ["3:10: two rules are called 'r'"],
    ),
    ("- {name: r}", ["2:3: a rule has none of team, pool, team_from_tag, resources"]),
    ("- {name: r, team: nlp, pool: p}", ["2:24: a rule says both 'team' and 'pool'"]),
    ("- {name: r, team: nlp, evidence: tag}", ["2:34: 'tag' is not a strength of evidence"]),
    ("- {name: r, team: nlp, ServiceNam: x}", ["2:24: unknown key 'ServiceNam' in a rule"]),
    ("- {name: r, team: nlp, BilledCost: x}", ["2:24: unknown key 'BilledCost' in a rule"]),
    ("- {name: r, team: nlp, tag: team}", ["2:29: a mapping from tag keys to values is expected here, not the text 'team'"]),
    ("- {name: r, team: nlp, service: {a: b}}", ["2:33: a value or a list of values is expected here, not a mapping"]),
    ("- {name: r, team: nlp, service: []}", ["2:33: an empty list"]),
    ("- {name: r, team: nlp, where: \"tag.a = 'x' AND foo(RegionId) = 'y'\"}", ["2:48: the function foo is not allowed"]),
    ("- name: r\n  team: nlp\n  where: >-\n    tag.a = 'x'\n    AND RegionID = 'y'", ["6:9: no column is called 'RegionID'"]),
    ("- name: r\n  team: nlp\n  where: |\n    tag.a = 'x' AND\n      (ServiceName = 'y'", ["6:22: not a condition: expecting ) at \"'y'\""]),
    ("- {name: r, team: nlp, from: 2026-05-01, until: 2026-04-01}", ["2:49: `from` isn't before `until`"]),
    ("- {name: r, team: nlp, tag: {'': x}}", ["2:30: '' is not a tag key"]),
    ("- {name: r, team: nlp, x_: a}", ["2:24: unknown key 'x_' in a rule"]),
    ("- {name: r, team: nlp, where: \"tag[''] = 'a'\"}", ["2:32: tag[''] names no column"]),
    ("- {name: r, resources: none.csv}", ["2:24: model/none.csv can't be read"]),
    ("- {name: r, resources: ../../secret.csv}", ["2:24: '../../secret.csv' lies outside the project"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "faults"), RULES)
def test_faults_of_rules(shop: Workshop, text: str, faults: list[str]) -> None:
    assert shop.faults("rules:\n" + text) == [f"model/rules.yaml:{fault}" for fault in faults]


def test_two_rules_with_one_name_name_both_places(shop: Workshop) -> None:
    shop.write("model/other.yaml", "rules: [{name: r, team: nlp}]\n")
    with pytest.raises(Exception, match="two rules are called 'r'") as caught:
        shop.model("rules: [{name: r, team: nlp}]\n")
    assert "model/other.yaml:1:16" in str(caught.value)
    assert "model/rules.yaml:1:16" in str(caught.value)


def test_an_undeclared_team_gets_the_nearest_name(shop: Workshop) -> None:
    assert shop.hints("rules: [{name: r, team: nlpp}]") == ["did you mean 'nlp'?"]
    assert shop.hints("rules: [{name: r, team: Vision}]") == ["did you mean 'vision'?"]


def test_a_team_in_letters_of_another_script_is_told_apart(shop: Workshop) -> None:
    with pytest.raises(Exception, match="several scripts: CYRILLIC, LATIN"):
        shop.model("rules: [{name: r, team: nl\N{CYRILLIC SMALL LETTER ER}}]")


def test_unknown_words_get_the_nearest_known_one(shop: Workshop) -> None:
    assert shop.hints("rulez: []") == ["did you mean 'rules'?"]
    assert shop.hints("rules: [{name: r, team: nlp, servcie: x}]") == ["did you mean 'service'?"]
    assert shop.hints("rules: [{name: r, team: nlp, regionid: x}]") == ["did you mean 'RegionId'?"]
    assert shop.hints("rules: [{name: r, team: nlp, evidence: maped}]") == [
        "did you mean 'mapped'?"
    ]


INHERIT = [
    ("- {name: i, child: tag.c}", ["2:3: an inheritance has none of parent, owners"]),
    ("- {name: i, child: Cluster, parent: ResourceName}", ["2:20: no column is called 'Cluster'"]),
    ("- {name: i, child: tag.c, owners: {a: nobody}}", ["2:39: no team is called 'nobody'"]),
    (
        "- {name: i, child: tag.c, parent: BilledCost}",
        ["2:35: BilledCost is not visible to rules"],
    ),
]


@pytest.mark.parametrize(("text", "faults"), INHERIT)
def test_faults_of_inheritance(shop: Workshop, text: str, faults: list[str]) -> None:
    assert shop.faults("inherit:\n" + text) == [f"model/rules.yaml:{fault}" for fault in faults]


POOLS = [
    ("- {name: p, split: {by: even}}", ["2:3: nothing falls into the pool 'p'"]),
    ("- {name: p, service: x}", ["2:3: a pool has no 'split'"]),
    ("- {name: p, from_team: it, split: {by: even}}", ["2:24: no team is called 'it'"]),
    ("- {name: p, from_team: platform, service: x, split: {by: even}}", ["2:24: the pool 'p' has both a condition and `from_team`"]),
    ("- {name: p, service: x, split: {by: evenly}}", ["2:37: 'evenly' is not a method of splitting"]),
    ("- {name: p, service: x, split: {by: fixed, percentages: {nlp: 50, vision: 49.9}}}", ["2:57: the percentages sum to 99.9, not to 100"]),
    ("- {name: p, service: x, split: {by: fixed, percentages: {nlp: 50, rec: 50}}}", ["2:67: no team or pool is called 'rec'"]),
    ("- {name: p, service: x, split: {by: fixed, percentages: {nlp: -50, vision: 150}}}", ["2:63: '-50' is not a part of a whole"]),
    ("- {name: p, service: x, split: {by: fixed}}", ["2:32: a split by fixed needs `percentages`"]),
    ("- {name: p, service: x, split: {by: even, percentages: {nlp: 100}}}", ["2:43: `percentages` has no meaning for a split by even"]),
    ("- {name: p, service: x, split: {by: fixed, percentages: {nlp: 100}, among: [nlp]}}", ["2:69: `among` has no meaning for fixed percentages"]),
    ("- {name: p, service: x, split: {by: driver, driver: gb}}", ["2:53: no driver is called 'gb'"]),
    ("- {name: p, service: x, split: {by: driver}}", ["2:32: a split by driver needs `driver`"]),
    ("- {name: p, service: x, split: {by: even, among: [nlp, rec]}}", ["2:56: no team or pool is called 'rec'"]),
    ("- {name: p, service: x, split: {by: even, excluding: nlp}}", ["2:54: a list of names is expected here, not the text 'nlp'"]),
    ("- {name: p, service: x, split: {by: even, when_missing: maybe}}", ["2:57: 'maybe' is not a policy"]),
    ("- {name: p, service: x, split: {by: even, when_missing: {fallback: {by: some}}}}", ["2:73: 'some' is not a method of splitting"]),
    ("- {name: p, service: x, split: {by: even, when_missing: {fall: {by: even}}}}", ["2:57: a fallback has no 'fallback'", "2:58: unknown key 'fall' in a fallback"]),
    ("- {name: p, service: x, split: {by: direct_cost, on: Effective}}", ["2:54: 'Effective' is not a cost basis"]),
    ("- {name: p, service: x, split: [{by: even, until: 2026-06-02}, {by: head_count, from: 2026-06-01}]}", ["2:64: two values hold from 2026-06-01"]),
    ("- {name: p, service: x, split: {by: even}}\n- {name: p, service: y, split: {by: even}}", ["3:10: two pools are called 'p'"]),
    ("- {name: p, where: 'EffectiveCost > 1', split: {by: even}}", ["2:21: EffectiveCost is not visible to rules"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "faults"), POOLS)
def test_faults_of_pools(shop: Workshop, text: str, faults: list[str]) -> None:
    assert shop.faults("pools:\n" + text) == [f"model/rules.yaml:{fault}" for fault in faults]


@pytest.mark.parametrize(
    ("weights", "fault"),
    [
        ("{a: 40, b: 40}", "3:58: the weights sum to 80"),
        ("{a: 0.4, b: 0.5}", "3:58: the weights sum to 0.9"),
        ("{a: 1/3, b: 1/3}", "3:58: the weights sum to 2/3"),
        ("{a: 100, b: 0}", "3:67: 'b' has no weight"),
        ("{a: 1, c: 0}", "3:65: no driver is called 'c'"),
        ("{a: {weight: 40, services: [x]}, b: 40}", "3:58: the weights sum to 80"),
        ("{a: {services: [x]}, b: 40}", "3:62: 'a' has no weight"),
        (
            "{a: {weight: 1, services: [x]}, b: {services: [y]}}, weights: cost",
            "3:71: a weight has no meaning where the cost decides",
        ),
        (
            "{a: {services: [x]}, b: 1}, weights: cost",
            "3:95: weights by cost need the services of each driver",
        ),
    ],
)
def test_weights_sum_to_a_hundred_or_to_one(shop: Workshop, weights: str, fault: str) -> None:
    shop.write("model/d.csv", "team,period,quantity\n")
    found = shop.faults(
        "pools:\n"
        "  # an example\n"
        f"  - {{name: p, service: x, split: {{by: weighted, drivers: {weights}}}}}\n"
        "drivers: [{name: a, unit: GB, file: d.csv}, {name: b, unit: GB, file: d.csv}]\n"
    )
    assert found[0] == f"model/rules.yaml:{fault}"


@pytest.mark.parametrize(
    "weights", ["{a: 40, b: 60}", "{a: 0.4, b: 0.6}", "{a: 2/5, b: 3/5}", "{a: 40%, b: 60 %}"]
)
def test_weights_may_be_percents_or_fractions(shop: Workshop, weights: str) -> None:
    shop.write("model/d.csv", "team,period,quantity\n")
    model = shop.model(
        f"pools: [{{name: p, service: x, split: {{by: weighted, drivers: {weights}}}}}]\n"
        "drivers: [{name: a, unit: GB, file: d.csv}, {name: b, unit: GB, file: d.csv}]\n"
    )
    parts = model.pools[0].splits[0].value.drivers
    assert [(name, str(part)) for name, part in parts] == [("a", "2/5"), ("b", "3/5")]


TAGS = [
    ("{team: {synonyms: [Squad]}, group: {synonyms: [squad ]}}", ["2:50: the spelling 'squad' is claimed by two tag keys"]),
    ("{team: {synonyms: [Group]}, group: {}}", ["2:22: the spelling 'Group' is claimed by two tag keys"]),
    ("{team: {values: [nlp], aliases: {npl: [text]}}}", ["2:36: aliases for 'npl', which is not one of the values"]),
    ("{team: {aliases: {nlp: [text], cv: [Text]}}}", ["2:39: the spelling 'Text' stands for both 'cv' and 'nlp'"]),
    ("{team: {values: [nlp, cv], aliases: {nlp: [CV]}}}", ["2:46: the spelling 'CV' stands for both 'nlp' and 'cv'"]),
    ("{team: {required: yes}}", ["2:21: 'yes' is not true or false"]),
    ("{team: {synonym: [a]}}", ["2:11: unknown key 'synonym' in a tag key"]),
    ("[team]", ["2:3: `tags` is a mapping from tag keys"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "faults"), TAGS)
def test_faults_of_the_tag_taxonomy(shop: Workshop, text: str, faults: list[str]) -> None:
    assert shop.faults("tags:\n  " + text) == [f"model/rules.yaml:{fault}" for fault in faults]


def test_a_tag_key_in_two_files_is_a_fault(shop: Workshop) -> None:
    found = shop.faults("tags: {team: {}}", more="tags: {team: {required: true}}")
    assert found == ["model/rules.yaml:1:8: two tag keys are called 'team'"]


BUDGETS = [
    ("- {team: nobody, amount: 1}", ["2:10: no team is called 'nobody'"]),
    ("- {team: nlp}", ["2:3: a budget has none of amount, amounts"]),
    ("- {team: nlp, amount: '1,000'}", ["2:23: '1,000' is not an amount of 0 or more"]),
    ("- {team: nlp, amount: -5}", ["2:23: '-5' is not an amount of 0 or more"]),
    ("- {team: nlp, amount: 1, currency: usd}", ["2:36: 'usd' is no currency"]),
    ("- {team: nlp, amounts: {2026-13: 1}}", ["2:25: '2026-13' is not a month"]),
    ("- {team: nlp, amounts: {0000-12: 1}}", ["2:25: '0000-12' is not a month"]),
    ("- {team: nlp, amounts: {2026-10: 1}, from: 2026-01-01}", ["2:38: `from` beside `amounts`"]),
    (
        "- {team: nlp, amount: 1}\n- {team: nlp, amounts: {2026-10: 2}}",
        ["3:34: two budgets in USD for 'nlp' hold on the same days"],
    ),
]


@pytest.mark.parametrize(("text", "faults"), BUDGETS)
def test_faults_of_budgets(shop: Workshop, text: str, faults: list[str]) -> None:
    assert shop.faults("budgets:\n" + text) == [f"model/rules.yaml:{fault}" for fault in faults]


LISTS = [
    ("ResourceId,team\ni-1,nlpp\n", ["2:5: no team is called 'nlpp'"]),
    ("ResourceId,team\n,nlp\n", ["2:1: no ResourceId"]),
    ("ResourceId,team,pool\ni-1,nlp,x\n", ["2:5: both a team and a pool for 'i-1'"]),
    ("ResourceId,team\ni-1,\n", ["2:5: neither a team nor a pool for 'i-1'"]),
    ("ResourceId,team,from\ni-1,nlp,1.1.26\n", ["2:9: `from`: '1.1.26' is not a day"]),
    ("ResourceId,team,from,until\ni-1,nlp,2026-02-01,2026-01-01\n", ["2:9: `from` isn't before `until`"]),
    ("ResourceId,team\ni-1,nlp\n\ni-1,vision\n", ["4: 'i-1' is listed twice for the same days"]),
    ("ResourceId,team,untill\ni-1,nlp,2026-02-01\n", ["1: unknown column 'untill'"]),
    ("ResourceId,Team\ni-1,nlp\n", ["1: unknown column 'Team'"]),
    ("ResourceId,team,form\ni-1,nlp,2026-02-01\n", ["1: unknown column 'form'"]),
    ("Name,team\ni-1,nlp\n", ["1: none of the columns ResourceId, ResourceName, SubAccountId, BillingAccountId"]),
    ("ResourceId,ResourceName,team\ni-1,x,nlp\n", ["1: several of the columns ResourceId, ResourceName, SubAccountId, BillingAccountId"]),
    ("ResourceId,owner\ni-1,nlp\n", ["1: no column 'team' (or 'pool')"]),
    ("ResourceId,team\ni-1,nlp,more\n", ["2: 3 fields, but the header names 2"]),
    ("ResourceId,team,team\ni-1,nlp,nlp\n", ["1: the column 'team' stands twice"]),
    ("ResourceId,team\n\"i-1,nlp\n", ["2: not a CSV: unexpected end of data"]),
    ("", ["1: no header line"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "faults"), LISTS)
def test_faults_of_resource_lists(shop: Workshop, text: str, faults: list[str]) -> None:
    shop.write("model/list.csv", text)
    found = shop.faults("rules: [{name: r, resources: list.csv}]")
    assert found == [f"model/list.csv:{fault}" for fault in faults]


def test_a_list_in_another_encoding_names_the_line(shop: Workshop) -> None:
    shop.write("model/list.csv", "")
    (shop.root / "model/list.csv").write_bytes(
        "ResourceId,team\ni-1,nlp\ncafé,nlp\n".encode("latin-1")
    )
    found = shop.faults("rules: [{name: r, resources: list.csv}]")
    assert found == ["model/list.csv:3: a byte that isn't UTF-8"]


DRIVERS = [
    ("team,period,quantity\nrec,2026-10,1\n", ["2:1: no team or pool is called 'rec'"]),
    ("team,period,quantity\nnlp,2026-10,1.5x\n", ["2:13: the quantity '1.5x' can't be read"]),
    ("team,period,quantity\nnlp,2026-10,\"1,5\"\n", ["2:13: the quantity '1,5' can't be read"]),
    ("team,period,quantity\nnlp,10/2026,1\n", ["2:5: '10/2026' is not a period"]),
    ("team,day,quantity\nnlp,2026-10-32,1\n", ["2:5: '2026-10-32' is not a day"]),
    ("team,period,quantity\nnlp,2026-10,1\nnlp,2026-10,2\n", ["3:1: a second quantity for 'nlp' in 2026-10"]),
    ("team,day,quantity\nnlp,9999-12-31,1\n", ["2:5: '9999-12-31' is not a day"]),
    ("team,period,day,quantity\nnlp,2026-10,2026-10-01,1\n", ["2:5: both a period and a day"]),
    ("team,period,day,quantity\nnlp,,,1\n", ["2:5: neither a period nor a day"]),
    ("team,quantity\nnlp,1\n", ["1: no column period (or day)"]),
    ("team,period,amount\nnlp,2026-10,1\n", ["1: no column quantity"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "faults"), DRIVERS)
def test_faults_of_driver_files(shop: Workshop, text: str, faults: list[str]) -> None:
    shop.write("model/d.csv", text)
    found = shop.faults("drivers: [{name: d, unit: GB, file: d.csv}]")
    assert found == [f"model/d.csv:{fault}" for fault in faults]


def test_months_and_days_may_stand_in_one_driver_file(shop: Workshop) -> None:
    shop.write("model/d.csv", "team,period,day,quantity\nnlp,2026-10,,31\nnlp,,2026-11-05,2.5\n")
    model = shop.model("drivers: [{name: d, unit: GB, file: d.csv}]")
    spans = [(str(row.start), str(row.until), str(row.quantity)) for row in model.drivers["d"].rows]
    assert spans == [("2026-10-01", "2026-11-01", "31"), ("2026-11-05", "2026-11-06", "2.5")]


def test_all_faults_of_all_files_come_together_in_the_order_of_their_places(shop: Workshop) -> None:
    found = shop.faults(
        "rules:\n  - {name: r, team: rec}\n  - {name: s, teem: nlp}\n",
        a_budget="budgets: [{team: rec, amount: x}]",
        pools="pools: [{name: p, split: {by: even}}]",
    )
    assert [fault.split(" ")[0] for fault in found] == [
        "model/a_budget.yaml:1:31:",
        "model/pools.yaml:1:9:",
        "model/rules.yaml:2:21:",
        "model/rules.yaml:3:5:",
        "model/rules.yaml:3:15:",
    ]


def test_words_may_run_over_lines_and_have_hard_spaces(shop: Workshop) -> None:
    text = "rules:\n  - name: r\n    team: nlp\n    because: |\n      one\n      2\u00a0km é\n"
    assert shop.model(text).rules[0].because == "one\n2\u00a0km é\n"


def test_one_faulty_unit_makes_no_further_faults(shop: Workshop) -> None:
    found = shop.faults(
        "rules: [{name: r, team: nlp}]",
        organisation="organisation:\n  - {name: nlp, kind: team, head_count: many}\n",
    )
    assert found == ["model/organisation.yaml:2:41: 'many' is not a whole number"]


def test_a_file_that_is_no_mapping_is_told_so(shop: Workshop) -> None:
    assert shop.faults("- rules") == ["model/rules.yaml:1:1: a model file is a mapping of sections"]


def test_a_project_without_a_model_says_how_to_get_one(shop: Workshop) -> None:
    (shop.root / "model").mkdir()
    project = read_project(shop.root)
    with pytest.raises(ConfigurationError, match="there is no model in model") as caught:
        read_model(project)
    assert "apportion init" in str(caught.value)


def test_a_file_that_can_not_be_read_is_a_fault_even_beside_a_kept_model(shop: Workshop) -> None:
    shop.model("rules: []")
    (shop.root / "model/more.yaml").symlink_to(shop.root / "model/more.yaml")
    assert read_model(read_project(shop.root)).rules == ()  # a dangling link is no file
    (shop.root / "model/more.yaml").unlink()
    unreadable = shop.write("model/more.yaml", "rules: []")
    unreadable.chmod(0)
    if os.access(unreadable, os.R_OK):
        pytest.skip("this user may read everything")
    assert shop.faults("rules: []") == ["model/more.yaml: more.yaml can't be read"]


CONTROLS = [
    ("limits: [{caps: {nlp: 10}, floors: {nlp: 20}}]", "the cap of 'nlp' lies below"),
    ("limits: [{caps: {nlp: 10%}, minimum_fee: 20%}]", "the cap of 'nlp' lies below"),
    ("limits: [{caps: {nlpp: 10}}]", "no team is called 'nlpp'"),
    ("limits: [{caps: {nlp: a lot}}]", "an amount, or a percentage of the pool"),
    ("exempt: [{team: nlp, because: x}]", "'until'"),
    ("exempt: [{team: nlp, because: x, until: 2027-01-01, charge_to: nlp}]", "its own part"),
    (
        (
            "exempt: [{team: nlp, because: x, until: 2027-01-01}, "
            "{team: nlp, because: y, until: 2026-01-01}]"
        ),
        "exempt twice",
    ),
    (
        (
            "exempt: [{team: nlp, because: x, until: 2027-01-01, charge_to: cv}, "
            "{team: cv, because: y, until: 2026-01-01}]"
        ),
        "'cv' is exempt itself, so it can't carry the part of 'nlp'",
    ),
]
COUNTING = [
    ("tiers: [{up_to: 100, weight: 1}]", "the last tier has an end"),
    ("tiers: [{weight: 1}, {weight: 2}]", "a tier without an end isn't the last"),
    ("tiers: [{up_to: 9, weight: 1}, {up_to: 3, weight: 1}, {weight: 1}]", "tiers must rise"),
    ("multipliers: {teams: {nobody: 2}}", "'nobody'"),
    ("grandfather: {months: 0, from: 2026-10, previous: {by: even}}", "in no month"),
    ("grandfather: {months: 2, from: 2026-10-01, previous: {by: even}}", "is not a month"),
    ("weights: cost", "`weights` has no meaning for a split by driver"),
]


@pytest.mark.parametrize(("text", "said"), CONTROLS)
def test_faults_of_controls(tmp_path: Path, text: str, said: str) -> None:
    shop = Workshop(tmp_path)
    faults = shop.faults(
        pools=f"pools:\n  - {{name: p, service: x, split: {{by: even}}, {text}}}\n"
    )
    assert any(said in fault and "pools.yaml:2:" in fault for fault in faults), faults


@pytest.mark.parametrize(("text", "said"), COUNTING)
def test_faults_of_counting(tmp_path: Path, text: str, said: str) -> None:
    shop = Workshop(tmp_path)
    shop.write("model/h.csv", "team,period,quantity\nnlp,2026-10,1\n")
    faults = shop.faults(
        pools=f"pools:\n  - {{name: p, service: x, split: {{by: driver, driver: h, {text}}}}}\n",
        drivers="drivers:\n  - {name: h, unit: hours, file: h.csv}\n",
    )
    assert any(said in fault and "pools.yaml:2:" in fault for fault in faults), faults
