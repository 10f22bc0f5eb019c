"""What a model means once it is read."""

# ruff: noqa: E501
# Tables read best with one case in a line.

from __future__ import annotations

from datetime import date
from decimal import Decimal

from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.model.dated import Validity, on
from apportion.model.organisation import UnitKind
from apportion.model.pools import Method, WhenMissing
from apportion.model.rules import Condition
from workshop import Workshop


def test_the_organisation_is_a_dated_tree(shop: Workshop) -> None:
    model = shop.model(
        organisation="""\
        organisation:
          - {name: acme, kind: business_unit}
          - {name: assistant, kind: product, parent: acme, stage: production}
          - {name: search, kind: product, parent: acme}
          - name: nlp
            kind: team
            title: NLP
            parent: [{value: search, until: 2026-07-01}, {value: assistant, from: 2026-07-01}]
            cost_center: 0042
            head_count: [{value: 14, from: 2026-10-15}, {value: 12, until: 2026-10-15}]
            from: 2026-01-01
        """
    )
    nlp = model.organisation.units["nlp"]
    assert (nlp.title, on(nlp.cost_center, date(2026, 3, 1))) == ("NLP", "0042")
    assert [on(nlp.head_count, date(2026, 10, day)) for day in (14, 15)] == [12, 14]
    assert nlp.valid == Validity(date(2026, 1, 1), None)
    for day, product in ((date(2026, 6, 30), "search"), (date(2026, 7, 1), "assistant")):
        assert model.organisation.ancestor("nlp", UnitKind.PRODUCT, day) == product
        assert model.organisation.ancestor("nlp", UnitKind.BUSINESS_UNIT, day) == "acme"


SHORT = """\
rules:
  - {name: by tag, tag: {team: [nlp, text], env: prod}, team: nlp}
  - {name: by account, account: 001122, team: nlp, from: 2026-03-01, because: ticket 12, owner: ann}
  - {name: by name, resource_name: ["nlp-*", exact], team: nlp}
  - {name: by column, RegionId: eu, x_Project: p, team: nlp}
  - {name: by sql, service: S3, where: "lower(tag.env) = 'prod' AND RegionId = 'eu'", team: nlp}
  - {name: by provider, provider: AWS, team: nlp}
  - {name: of the tag, team_from_tag: team}
  - {name: everything, team: platform}
"""


def test_short_forms_become_lookups_patterns_and_sql(shop: Workshop) -> None:
    rules = {rule.name: rule for rule in shop.model(SHORT).rules}
    conditions = {name: rule.condition for name, rule in rules.items()}
    assert conditions["by tag"].equals == (("tag.team", ("nlp", "text")), ("tag.env", ("prod",)))
    assert conditions["by account"].equals == (("SubAccountId", ("001122",)),)
    assert conditions["by name"] == Condition(patterns=(("ResourceName", ("nlp-*", "exact")),))
    assert conditions["by column"].equals == (("RegionId", ("eu",)), ("x_Project", ("p",)))
    assert conditions["by sql"].equals == (("ServiceName", ("S3",)), ("RegionId", ("eu",)))
    assert conditions["by sql"].columns == {"ServiceName", "RegionId", "tag.env"}
    assert conditions["by provider"].columns == {"ServiceProviderName", "ProviderName"}
    assert rules["of the tag"].from_tag == "team"
    assert conditions["everything"] == Condition()
    account = rules["by account"]
    assert (account.because, account.responsible) == ("ticket 12", "ann")
    assert account.valid == Validity(date(2026, 3, 1), None)
    assert [rule.position for rule in rules.values()] == list(range(8))


def test_evidence_is_that_of_the_weakest_part_unless_declared(shop: Workshop) -> None:
    evidence = {rule.name: rule.evidence for rule in shop.model(SHORT).rules}
    assert evidence == {
        "by tag": Evidence.TAGGED,
        "by account": Evidence.MAPPED,
        "by name": Evidence.PATTERN,
        "by column": Evidence.MAPPED,
        "by sql": Evidence.MAPPED,
        "by provider": Evidence.MAPPED,
        "of the tag": Evidence.TAGGED,
        "everything": Evidence.PATTERN,
    }
    (declared,) = shop.model("rules: [{name: r, service: x, team: nlp, evidence: manual}]").rules
    assert declared.evidence is Evidence.MANUAL


def test_conditions_are_brought_to_the_spelling_of_the_taxonomy(shop: Workshop) -> None:
    model = shop.model(
        """\
        tags:
          team: {synonyms: [Squad, team name], aliases: {nlp: [text, NLP team]}}
        rules:
          - {name: short, tag: {SQUAD: [Text, nlp]}, team: nlp}
          - {name: sql, where: "tag['Team Name'] = 'nlp team' AND tag.squad LIKE 'n%'", team: nlp}
          - {name: from, team_from_tag: squad}
        inherit:
          - {name: i, child: tag.squad, parent: ResourceName}
        """
    )
    short, sql, from_tag = model.rules
    assert short.condition.equals == (("tag.team", ("nlp",)),)
    assert sql.condition.equals == (("tag.team", ("nlp",)),)
    assert sql.condition.columns == {"tag.team"}
    assert from_tag.from_tag == "team"
    assert model.inherit[0].child == "tag.team"


def test_a_resource_list_is_dated_and_may_name_pools(shop: Workshop) -> None:
    shop.write(
        "model/lists/inventory.csv",
        "ResourceName,team,pool,from,until,note\n"
        "a,nlp,,2026-01-01,2026-07-01,moved\na,vision,,2026-07-01,,\nlake,,lake,,,\n",
    )
    model = shop.model(
        "rules: [{name: inventory, resources: lists/inventory.csv, provider: AWS}]\n"
        "pools: [{name: lake, split: {by: even}}]\n"
    )
    (rule,) = model.rules
    assert (rule.column, rule.evidence, rule.owner) == ("ResourceName", Evidence.MAPPED, None)
    assert [(row.value, str(row.owner), row.valid.start) for row in rule.listed] == [
        ("a", "team nlp", date(2026, 1, 1)),
        ("a", "team vision", date(2026, 7, 1)),
        ("lake", "pool lake", None),
    ]


def test_owners_of_a_parent_become_a_rule_after_all_others(shop: Workshop) -> None:
    model = shop.model(
        """\
        inherit:
          - {name: accounts, child: SubAccountId, owners: {"0011": nlp, "2": vision}}
          - {name: volumes, child: tag.cluster, parent: ResourceName, because: they are its disks}
        rules:
          - {name: first, service: x, team: platform}
        """
    )
    first, accounts = model.rules
    assert (first.name, accounts.name) == ("first", "accounts")
    assert (accounts.position, accounts.evidence) == (1, Evidence.MAPPED)
    assert accounts.column == "SubAccountId"
    assert [(row.value, row.owner) for row in accounts.listed] == [
        ("0011", Owner(OwnerKind.TEAM, "nlp")),
        ("2", Owner(OwnerKind.TEAM, "vision")),
    ]
    (volumes,) = model.inherit
    assert (volumes.child, volumes.parent) == ("tag.cluster", "ResourceName")
    assert volumes.because == "they are its disks"


def test_pools_and_their_splits(shop: Workshop) -> None:
    shop.write("model/gb.csv", "team,period,quantity\nnlp,2026-10,5\n")
    model = shop.model(
        """\
        pools:
          - {name: net, title: Network, service: VPC, split: [{by: even, until: 2026-06-01},
             {by: head_count, among: [nlp, vision], from: 2026-06-01}], because: b, owner: ann}
          - {name: fixed, service: x, split: {by: fixed, percentages: {nlp: 1/3, vision: 299/3}}}
          - {name: tax, from_team: platform, split: {by: direct_cost, on: ListCost, excluding: [platform]}}
          - {name: lake, split: {by: driver, driver: gb, when_missing: {fallback: {by: even}}}}
          - {name: keep, service: y, split: {by: driver, driver: gb, when_missing: keep}}
        drivers: [{name: gb, unit: GB, file: gb.csv}]
        rules: [{name: to the lake, service: S3, pool: lake}]
        """
    )
    net, fixed, tax, lake, keep = model.pools
    assert (net.title, net.because, net.responsible, net.position) == ("Network", "b", "ann", 0)
    assert [dated.value.method for dated in net.splits] == [Method.EVEN, Method.HEAD_COUNT]
    assert net.splits[1].value.among == ("nlp", "vision")
    assert [str(part) for _, part in fixed.splits[0].value.percentages] == ["1/3", "299/3"]
    assert (tax.from_team, tax.condition, tax.splits[0].value.on) == ("platform", None, "ListCost")
    assert lake.condition is None
    split = lake.splits[0].value
    assert split.when_missing is WhenMissing.FALLBACK
    assert split.fallback is not None
    assert split.fallback.method is Method.EVEN
    assert keep.splits[0].value.when_missing is WhenMissing.KEEP


def test_budgets_by_month_or_for_good(shop: Workshop) -> None:
    model = shop.model(
        """\
        budgets:
          - {team: nlp, amount: 12000.10, from: 2026-01-01, until: 2026-10-01}
          - {team: nlp, amounts: {2026-10: "9000"}}
          - {team: nlp, amount: 1, currency: EUR}
        """
    )
    assert [(b.amount, b.currency, b.valid.start, b.valid.until) for b in model.budgets] == [
        (Decimal("12000.10"), "USD", date(2026, 1, 1), date(2026, 10, 1)),
        (Decimal(9000), "USD", date(2026, 10, 1), date(2026, 11, 1)),
        (Decimal(1), "EUR", None, None),
    ]


def test_files_join_in_the_order_of_their_paths_and_subfolders_count(shop: Workshop) -> None:
    shop.write("model/z/last.yml", "rules: [{name: c, service: c, team: nlp}]\n")
    shop.write("model/.hidden/x.yaml", "rules: [{name: h, service: h, team: nlp}]\n")
    model = shop.model(
        "rules: [{name: b, service: b, team: nlp}]\n",
        first="rules: [{name: a, service: a, team: nlp}]\n",
    )
    assert [rule.name for rule in model.rules] == ["a", "b", "c"]


def test_sections_may_be_empty(shop: Workshop) -> None:
    model = shop.model("rules:\npools:\ntags:\nbudgets: []\n", more="# nothing yet\n")
    assert (model.rules, model.pools, model.budgets) == ((), (), ())
