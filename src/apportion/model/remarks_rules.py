"""Remarks on rules: those that can't match, and those that rest on little."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from apportion.domain.finding import Finding, Level
from apportion.domain.owner import Evidence, OwnerKind
from apportion.model.dated import ALWAYS, Validity
from apportion.model.faults import did_you_mean
from apportion.model.pools import Pool
from apportion.model.project import Model
from apportion.model.rules import TAG, Condition, Rule
from apportion.model.taxonomy import Taxonomy


@dataclass
class _Claimed:
    """What earlier pools and rules take for certain, and on which days."""

    single: dict[tuple[str, str], list[tuple[Pool | Rule, Validity]]] = field(default_factory=dict)
    whole: dict[str, list[tuple[Pool | Rule, Validity]]] = field(default_factory=dict)

    def add(self, claim: Pool | Rule, condition: Condition, valid: Validity) -> None:
        self.whole.setdefault(_key(condition), []).append((claim, valid))
        if len(condition.equals) == 1 and not condition.patterns and condition.where is None:
            ((column, values),) = condition.equals
            for value in values:
                self.single.setdefault((column, value), []).append((claim, valid))

    def before(self, condition: Condition, valid: Validity) -> Pool | Rule | None:
        """The earlier claim that leaves a condition nothing on its days, if there is one."""
        for key in dict.fromkeys((_key(condition), _key(Condition()))):
            for claim, days in self.whole.get(key, ()):
                if _covers(days, valid):
                    return claim
        for column, values in condition.equals:
            taken = [self._taken(column, value, valid) for value in values]
            if taken and all(taken):
                return taken[0]
        return None

    def _taken(self, column: str, value: str, valid: Validity) -> Pool | Rule | None:
        claims = self.single.get((column, value), ())
        return next((claim for claim, days in claims if _covers(days, valid)), None)


def _key(condition: Condition) -> str:
    where = condition.where.sql("duckdb") if condition.where is not None else ""
    parts = [sorted((column, sorted(values)) for column, values in part)
             for part in (condition.equals, condition.patterns)]  # fmt: skip
    return repr((parts, where))


def _covers(outer: Validity, inner: Validity) -> bool:
    return outer == ALWAYS or outer.meet(inner) == inner


def shadowed_rules(model: Model) -> Iterator[Finding]:
    """Rules that never match, because earlier pools or rules take all that they could."""
    claimed = _Claimed()
    for pool in model.pools:
        if pool.condition is not None:
            claimed.add(pool, pool.condition, pool.valid)
    for rule in model.rules:
        valid = _days_of(rule, model)
        if valid is None:
            continue
        if before := claimed.before(rule.condition, valid):
            kind = "pool" if isinstance(before, Pool) else "rule"
            yield Finding(
                "rule-never-matches",
                Level.WARNING,
                f"the rule {rule.name!r} never matches: the {kind} {before.name!r} comes first",
                rule.place,
                hint=f"move it before that at {before.place}, or take it out",
            )
        if rule.owner is not None:
            claimed.add(rule, rule.condition, valid)


def _days_of(rule: Rule, model: Model) -> Validity | None:
    """The days on which a rule can hold: its own, while its team exists."""
    if rule.owner is None or rule.owner.kind is not OwnerKind.TEAM:
        return rule.valid
    return rule.valid.meet(model.organisation.units[rule.owner.name].valid)


def rules_outside_their_team(model: Model) -> Iterator[Finding]:
    """Rules whose team exists on none of their days."""
    for rule in model.rules:
        if _days_of(rule, model) is None and rule.owner is not None:
            yield Finding(
                "rule-outside-team",
                Level.WARNING,
                f"the rule {rule.name!r} never holds: on its days "
                f"there is no team {rule.owner.name!r}",
                rule.place,
                hint="correct the days of the rule or of the team",
            )


def rules_without_reason(model: Model) -> Iterator[Finding]:
    """Rules that rest on the look of a name alone, or on nothing, and don't say why."""
    for rule in model.rules:
        if rule.evidence is not Evidence.PATTERN or rule.because:
            continue
        rests = "matches everything" if rule.condition == Condition() else "goes by a name pattern"
        yield Finding(
            "rule-without-reason",
            Level.NOTE,
            f"the rule {rule.name!r} {rests} and doesn't say why",
            rule.place,
            hint="add `because: …`; teams will ask",
        )


def unknown_values(model: Model) -> Iterator[Finding]:
    """Conditions on a value that the tag isn't allowed to have."""
    claims = [(rule.name, rule.place, rule.condition) for rule in model.rules]
    claims += [(p.name, p.place, p.condition) for p in model.pools if p.condition is not None]
    for name, place, condition in claims:
        for column, value in _odd_values(condition, model.taxonomy):
            allowed = model.taxonomy.keys[column.removeprefix(TAG)].values
            yield Finding(
                "value-not-allowed",
                Level.WARNING,
                f"{name!r} asks for {column} = {value!r}, which `tags` doesn't allow",
                place,
                hint=did_you_mean(value, allowed, "add it to `values`"),
            )


def _odd_values(condition: Condition, taxonomy: Taxonomy) -> Iterator[tuple[str, str]]:
    for column, values in condition.equals:
        key = taxonomy.keys.get(column.removeprefix(TAG)) if column.startswith(TAG) else None
        if key and key.values:
            yield from ((column, value) for value in values if value not in key.values)
