"""Remarks on the organisation: what is allowed, and yet rarely meant."""

from __future__ import annotations

from collections.abc import Iterator

from apportion.domain.finding import Finding, Level
from apportion.domain.owner import Evidence, Owner
from apportion.model.names import look, scripts
from apportion.model.organisation import OrgUnit, UnitKind
from apportion.model.project import Model
from apportion.model.rules import Rule


def misplaced_units(model: Model) -> Iterator[Finding]:
    """Units that lie within a parent on days when the parent doesn't exist."""
    units = model.organisation.units
    for unit in units.values():
        for parent in unit.parent:
            above = units.get(parent.value)
            met = unit.valid.meet(parent.valid)
            if above and met and above.valid.meet(met) is None:
                yield Finding(
                    "unit-outside-parent",
                    Level.WARNING,
                    f"{unit.name!r} lies within {above.name!r} on days when that doesn't exist",
                    unit.place,
                    hint="date the parent, or correct `from` and `until`",
                )


def teams_without_cost_center(model: Model) -> Iterator[Finding]:
    """Teams whose cost finance can't post."""
    for team in model.organisation.teams:
        if not team.cost_center:
            yield Finding(
                "team-without-cost-center",
                Level.NOTE,
                f"the team {team.name!r} has no cost centre",
                team.place,
                hint="add `cost_center: …`, so that its statement can be posted",
            )


def unstaged_products(model: Model) -> Iterator[Finding]:
    """Products of which nobody says how far they are."""
    for unit in model.organisation.units.values():
        if unit.kind is UnitKind.PRODUCT and not unit.stage:
            yield Finding(
                "product-without-stage",
                Level.NOTE,
                f"the product {unit.name!r} has no stage",
                unit.place,
                hint="add `stage: …`, say research, pilot or production",
            )


def unnamed_teams(model: Model) -> Iterator[Finding]:
    """Teams that nothing can give any cost to: no rule, no list, no pool."""
    if any(rule.from_tag or rule.evidence is Evidence.MANUAL for rule in model.rules):
        return
    splits = [dated.value for pool in model.pools for dated in pool.splits]
    if any(not split.among and not split.percentages for split in splits):
        return
    named = {owner.name for rule in model.rules for owner in _owners(rule)}
    named.update(policy.owner.name for policy in model.policies if policy.owner)
    for split in splits:
        named.update((*split.among, *(team for team, _ in split.percentages)))
    for team in model.organisation.teams:
        if team.name not in named:
            yield Finding(
                "team-unreached",
                Level.NOTE,
                f"no rule, list or pool gives anything to the team {team.name!r}",
                team.place,
                hint="add a rule that names it, or one with `team_from_tag`",
            )


def _owners(rule: Rule) -> list[Owner]:
    return [rule.owner] if rule.owner else [row.owner for row in rule.listed]


def look_alike_names(model: Model) -> Iterator[Finding]:
    """Names that people can't tell apart, and names whose letters are of several scripts."""
    seen: dict[str, OrgUnit] = {}
    for unit in model.organisation.units.values():
        if len(scripts(unit.name)) > 1:
            yield Finding(
                "name-of-several-scripts",
                Level.WARNING,
                f"the letters of {unit.name!r} are of several scripts: "
                f"{', '.join(sorted(scripts(unit.name)))}",
                unit.place,
                hint="write it in one; look-alike letters never match",
            )
        other = seen.setdefault(look(unit.name), unit)
        if other is not unit:
            yield Finding(
                "names-look-alike",
                Level.WARNING,
                f"{unit.name!r} looks like {other.name!r} ({other.place})",
                unit.place,
                hint="give them names that differ by more than case or look-alike letters",
            )
