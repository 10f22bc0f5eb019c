"""Read the allocation model: every YAML file of the model folder, as one checked value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from apportion.model import marked_yaml as y
from apportion.model.cache import collector_paused, keep, load_cached
from apportion.model.digest import digest
from apportion.model.faults import Faults
from apportion.model.model_files import ModelFiles
from apportion.model.money_pools import check_money_pools
from apportion.model.names import Names
from apportion.model.organisation import UnitKind
from apportion.model.project import Model, Project
from apportion.model.read_accounting import AccountingReading, read_accounting
from apportion.model.read_allocation import read_allocation
from apportion.model.read_budgets import read_budgets
from apportion.model.read_chargeback import read_chargeback
from apportion.model.read_classes import read_classes
from apportion.model.read_drivers import read_drivers
from apportion.model.read_governance import read_governance
from apportion.model.read_identities import IdentityReading, read_identities
from apportion.model.read_organisation import read_organisation
from apportion.model.read_policies import PolicyReading, read_policies
from apportion.model.read_pools import PoolReading, read_pools
from apportion.model.read_rules import RuleReading, read_inherit, read_rules
from apportion.model.read_same_spend import read_same_spend
from apportion.model.read_stack import read_stack
from apportion.model.read_taxonomy import read_taxonomy
from apportion.model.read_unit_costs import UnitCostReading, read_unit_costs
from apportion.model.read_usage_prices import PriceReading, read_usage_prices
from apportion.model.receivers import Receivers
from apportion.model.sections import Sections
from apportion.model.tag_names import TagNames
from apportion.model.values import text_of


def read_model(project: Project) -> Model:
    """Read and check the model of a project. Needs no bills.

    Files are read in the order of their paths, and lists of one key are joined
    in that order. Raises ConfigurationError with every fault of every file.
    """
    faults = Faults()
    files = ModelFiles(project, faults)
    files.raise_unless_there()
    if (kept := load_cached(project, files.digests)) is not None:
        return kept
    with collector_paused():
        sections = Sections(faults)
        for name, text in files.texts():
            sections.add(y.parse_yaml(text, name, faults), name)
        model = _build(project, sections, files, faults)
        faults.raise_all()
        model = replace(model, hash=digest(model))
        keep(project, files.digests, files.lists, model)
    return model


def lists_of(project: Project) -> tuple[str, ...]:
    """The CSV lists that a model names, relative to its folder, in order; read anew."""
    faults = Faults()
    files = ModelFiles(project, faults)
    sections = Sections(faults)
    for name, text in files.texts():
        sections.add(y.parse_yaml(text, name, faults), name)
    _build(project, sections, files, faults)
    faults.raise_all()
    return tuple(sorted(files.lists))


@dataclass
class _Declared:
    """The names that the model declares, sound or not, so that one fault doesn't make others."""

    units: Names = field(default_factory=lambda: Names("unit"))
    teams: Names = field(default_factory=lambda: Names("team", "declare it in `organisation`"))
    pools: Names = field(default_factory=lambda: Names("pool", "declare it in `pools`"))
    receivers: Receivers = field(default_factory=Receivers)
    drivers: Names = field(default_factory=lambda: Names("driver", "declare it in `drivers`"))
    usage: Names = field(
        default_factory=lambda: Names("usage", "declare it under `usage` in apportion.yaml")
    )
    rules: Names = field(default_factory=lambda: Names("rule"))
    classes: Names = field(default_factory=lambda: Names("class"))
    stack: Names = field(default_factory=lambda: Names("part of the stack"))
    entities: Names = field(default_factory=lambda: Names("entity", "declare it in `entities`"))
    accounts: Names = field(default_factory=lambda: Names("account", "declare it in `accounts`"))
    postings: Names = field(default_factory=lambda: Names("posting"))
    spend: Names = field(default_factory=lambda: Names("spend"))
    unit_costs: Names = field(default_factory=lambda: Names("unit cost"))


def _declare(sections: Sections, faults: Faults) -> _Declared:
    names = _Declared()
    for node in sections.declared("organisation"):
        name, kind = text_of(node, "name"), text_of(node, "kind")
        names.units.declare(name, node.entries["name"], faults)
        if kind in {UnitKind.PRODUCT, UnitKind.BUSINESS_UNIT}:
            names.teams.others[name] = f"{name!r} is a {kind}; only teams carry cost"
        else:
            names.teams.places.setdefault(name, node.entries["name"].place)
    kinds = (
        ("rules", names.rules),
        ("inherit", names.rules),
        ("pools", names.pools),
        ("drivers", names.drivers),
        ("classes", names.classes),
        ("stack", names.stack),
        ("same_spend", names.spend),
        ("entities", names.entities),
        ("accounts", names.accounts),
        ("postings", names.postings),
        ("unit_costs", names.unit_costs),
    )
    for section, into in kinds:
        for node in sections.declared(section):
            into.declare(text_of(node, "name"), node.entries["name"], faults)
    names.receivers.take(names.teams, names.pools)
    return names


def _build(project: Project, sections: Sections, files: ModelFiles, faults: Faults) -> Model:
    names = _declare(sections, faults)
    names.usage.places = {name: spec.place for name, spec in project.usage.items()}
    organisation = read_organisation(sections.sound("organisation"), names.units, faults)
    taxonomy = read_taxonomy(sections.tags, faults)
    tags = TagNames(taxonomy)
    reading = RuleReading(
        names.teams,
        names.pools,
        tags,
        lambda node: files.resource_list(node, names.teams, names.pools),
        files.sources,
        faults,
    )
    rules = read_rules(sections.sound("rules"), reading)
    owners, inherit = read_inherit(sections.sound("inherit"), len(rules), reading)
    rules = (*rules, *owners)
    fed = {rule.owner.name for rule in rules if rule.owner} | {
        row.owner.name for rule in rules for row in rule.listed
    }
    policies = read_policies(
        sections.sound("policies"),
        PolicyReading(names.teams, names.pools, tags, files.sources, faults),
    )
    fed |= {policy.owner.name for policy in policies if policy.owner}
    pools = PoolReading(
        teams=names.teams,
        receivers=names.receivers,
        drivers=names.drivers,
        usage=names.usage,
        fed=frozenset(fed),
        tags=tags,
        sources=files.sources,
        open_csv=files.csv,
        faults=faults,
        currency=project.currency,
    )
    read = read_pools(sections.sound("pools"), pools)
    drivers = read_drivers(
        sections.sound("drivers"), names.receivers, names.pools, project.usage, files.csv, faults
    )
    check_money_pools(read, drivers, names.teams.places, faults)
    return Model(
        organisation=organisation,
        taxonomy=taxonomy,
        rules=rules,
        inherit=inherit,
        pools=read,
        drivers=drivers,
        allocation=read_allocation(sections.sound("allocation"), names.pools, faults),
        chargeback=read_chargeback(sections.sound("chargeback"), names.teams, faults),
        policies=policies,
        stack=read_stack(sections.sound("stack"), tags, files.sources, faults),
        classes=read_classes(sections.sound("classes"), faults),
        accounting=read_accounting(
            sections,
            AccountingReading(names.teams, names.pools, names.entities, names.accounts, faults),
        ),
        same_spend=read_same_spend(sections.sound("same_spend"), tags, files.sources, faults),
        identities=read_identities(
            sections.sound("identities"),
            IdentityReading(
                names.teams, names.pools, names.receivers, project.usage, files.csv, faults
            ),
        ),
        prices=read_usage_prices(
            sections.sound("prices"), PriceReading(project.currency, files.csv, faults)
        ),
        unit_costs=read_unit_costs(
            sections.sound("unit_costs"),
            UnitCostReading(names.units, names.teams, names.pools, names.usage, faults),
        ),
        governance=read_governance(sections.sound("governance"), names.teams, faults),
        budgets=read_budgets(sections.sound("budgets"), names.teams, project.currency, faults),
    )
