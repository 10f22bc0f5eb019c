"""What drove the change of cost between two periods, down to the job, the key, the machine.

Each statement line is compared with itself. First the earlier month is carried by the later
month's rules: what that alone changes is the effect of rules. What was there in one month only
is one-off. The rest is price, volume and mix of what the line is made of.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from apportion.domain.amounts import sum_of
from apportion.domain.finding import Finding, Level
from apportion.domain.owner import OwnerKind
from apportion.domain.result import Run
from apportion.errors import ConfigurationError, NotLoaded, ProofError
from apportion.insight.carried import in_reporting
from apportion.insight.moved_items import Item, Items, moved_items
from apportion.insight.mover_values import ItemMove, LineMove, Moved, Movers, PoolMove
from apportion.insight.one_offs import OneOffs
from apportion.insight.price_volume_mix import (
    ZERO,
    Effects,
    Sold,
    price_volume_mix,
    summed,
)
from apportion.model.as_of import as_of
from apportion.model.project import Model
from apportion.run.evaluate import evaluate
from apportion.run.workspace import Workspace


def find_movers(
    workspace: Workspace, model: Model, before: Run, after: Run, *, team: str = ""
) -> Moved:
    """What drove the change from one run to a later one; nothing is saved.

    Raises UsageError where the model has changed since the later run, NotLoaded where neither
    run has the team.
    """
    if team and team not in {facts.team for run in (before, after) for facts in run.teams}:
        names = sorted({facts.team for facts in after.teams})
        hint = f"the teams are {', '.join(names)}"
        raise NotLoaded(f"no team is called {team!r} in {after.period}", hint=hint)
    rules, like, findings = _by_later_rules(workspace, model, before, after)
    old, new = moved_items(workspace, rules, like), moved_items(workspace, model, after)
    once = OneOffs(workspace, model)
    sides = _Sides(old, new, once.among(old), once.among(new))
    carried = {line.id: line for line in in_reporting(before)}
    later = {line.id: line for line in in_reporting(after)}
    middle = {line.id: line for line in in_reporting(like)}
    lines = {**carried, **middle, **later}
    moves: dict[str, list[LineMove]] = defaultdict(list)
    items: dict[str, list[ItemMove]] = defaultdict(list)
    basis = after.basis
    for name, line in lines.items():
        if team and (line.owner.kind is not OwnerKind.TEAM or line.owner.name != team):
            continue
        amounts = [
            run[name].amounts.of(basis) if name in run else ZERO for run in (carried, middle, later)
        ]
        effects = Effects(rule=amounts[1] - amounts[0]) + sides.effects(name)
        move = LineMove(line, amounts[0], amounts[2], effects)
        if effects.total != move.change:
            raise ProofError(
                f"the effects on line {name} don't sum to its change",
                why=f"they are {effects.total}, and it is {move.change}",
                hint="this is a fault of apportion: please report it",
            )
        moves[line.currency].append(move)
        items[line.currency] += sides.moves(name)
    made = tuple(
        Movers(
            code,
            tuple(sorted(own, key=lambda one: (-abs(one.change), one.line.id))),
            tuple(sorted(items[code], key=lambda one: (-abs(one.change), one.line.id, one.name))),
        )
        for code, own in sorted(moves.items(), key=lambda item: (item[0] != after.currency, item))
    )
    pools = {one.line.pool for movers in made for one in movers.lines}
    charges = tuple(one for one in _charges(old, new) if one.pool in pools)
    return Moved(before, after, team, made, charges, tuple(findings))


def _charges(old: Items, new: Items) -> list[PoolMove]:
    """The charges of pools in both months, those of one family together."""
    made: dict[tuple[str, str, str, str], list[Sold]] = {}
    for side, items in enumerate((old, new)):
        for one in items.charges:
            at = one.pool, one.currency, family(one.name), one.unit
            held = made.setdefault(at, [Sold(), Sold()])
            held[side] += Sold(one.quantity, one.amount)
    found = [
        PoolMove(*at, was.amount, now.amount, was.quantity, now.quantity)
        for at, (was, now) in made.items()
    ]
    return sorted(found, key=lambda one: (-abs(one.change), one.pool, one.name, one.unit))


def _by_later_rules(
    workspace: Workspace, model: Model, before: Run, after: Run
) -> tuple[Model, Run, list[Finding]]:
    """The earlier month as the later one's rules carry it, and what must be known of that."""
    findings: list[Finding] = []
    rules = as_of(model, after.span.start)
    try:
        like = evaluate(workspace, rules, before.period)
    except ConfigurationError as fault:
        if before.model != model.hash:
            raise
        findings.append(
            Finding(
                "movers-rules-unknown",
                Level.WARNING,
                f"the rules of {after.period} can't be applied to {before.period}, so that their "
                f"effect isn't told apart: {str(fault).splitlines()[0]}",
                None,
                "supply what they need for that month, too",
            )
        )
        return model, before, findings
    if set(like.snapshots) != set(before.snapshots):
        findings.append(
            Finding(
                "movers-restated",
                Level.WARNING,
                f"the bills or the usage of {before.period} have changed since its run: that is "
                "part of the effect of rules",
                None,
                f"run it again: `apportion run --period {before.period}`",
            )
        )
    return rules, like, findings


Places = frozenset[tuple[str, str]]
"""Lines and names of items."""


@dataclass(frozen=True)
class _Sides:
    """The items of both months by line, and which of them are one-off."""

    old: Items
    new: Items
    old_once: Places
    new_once: Places

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lines", (self.old.by_line(), self.new.by_line()))

    def of(self, line: str) -> tuple[Sequence[Item], Sequence[Item]]:
        old, new = self._lines  # type: ignore[attr-defined]
        return old.get(line, ()), new.get(line, ())

    def once(self, item: Item, *, new: bool) -> bool:
        return item.once or (item.line.id, item.name) in (self.new_once if new else self.old_once)

    def effects(self, line: str) -> Effects:
        """One-off first; then price, volume and mix, unit by unit."""
        old, new = self.of(line)
        one_off = sum_of(one.amount for one in new if self.once(one, new=True)) - sum_of(
            one.amount for one in old if self.once(one, new=False)
        )
        before = _kinds(one for one in old if not self.once(one, new=False))
        after = _kinds(one for one in new if not self.once(one, new=True))
        parts = [
            price_volume_mix(before.get(unit, {}), after.get(unit, {}))
            for unit in sorted(before.keys() | after.keys())
        ]
        return Effects(one_off=one_off) + summed(parts)

    def moves(self, line: str) -> Iterator[ItemMove]:
        """Items of one family together, those of both months side by side."""
        families: dict[tuple[str, str], tuple[list[Item], list[Item]]] = {}
        for side, items in enumerate(self.of(line)):
            for one in items:
                at = family(one.name), one.unit
                families.setdefault(at, ([], []))[side].append(one)
        for (name, unit), (old, new) in sorted(families.items()):
            yield self._move(name, unit, old, new)

    def _move(self, name: str, unit: str, old: list[Item], new: list[Item]) -> ItemMove:
        both = [*old, *new]
        names = tuple(dict.fromkeys(one.name for one in both))
        ids = tuple(dict.fromkeys(one.id for one in both if one.id))
        before, after = sum_of(o.amount for o in old), sum_of(o.amount for o in new)
        once = [self.once(one, new=True) for one in new] + [self.once(o, new=False) for o in old]
        effect = "one_off" if all(once) else "new" if not old else "gone" if not new else ""
        return ItemMove(
            both[0].line,
            names[0] if len(names) == 1 else name,
            tuple(sorted(ids if len(names) == 1 else names)),
            tuple(sorted({one.who for one in both if one.who})),
            unit,
            before,
            after,
            sum_of(one.quantity for one in old),
            sum_of(one.quantity for one in new),
            effect,
        )


def _kinds(items: Iterable[Item]) -> dict[str, dict[str, Sold]]:
    """Quantities and amounts by unit and kind."""
    made: dict[str, dict[str, Sold]] = defaultdict(dict)
    for one in items:
        held = made[one.unit]
        held[one.kind] = held.get(one.kind, Sold()) + Sold(one.quantity, one.amount)
    return made


_NUMBER = re.compile(r"(?<=[-_.])\d+$|^\d[\d.,]*(?= )")


def family(name: str) -> str:
    """What machines and jobs of one family are called that differ in a number at an end.

    >>> family("nlp-sweep-hp-07"), family("h100"), family("78 seats")
    ('nlp-sweep-hp-*', 'h100', '* seats')
    """
    return _NUMBER.sub("*", name)
