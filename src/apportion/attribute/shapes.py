"""Claims sorted by their shape, so that each shape is decided by the cheapest means.

Ten thousand rules that compare columns with values are one join, not ten
thousand comparisons::

    lookups   columns equal values                        a join on those columns
    patterns  columns equal values, one matches a glob    joins on the ends of distinct values
    checked   columns equal values, and something else    a join, then the rest on what it leaves
    crowds    many such claims with the same values       one CASE, on the charges that have them
    tests     anything else                               one CASE, first match first

Each grant of a claim has an ordinal: the least one that a charge meets decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

from sqlglot import exp

from apportion.attribute.claims import STRENGTHS, Claim, Claims, Demand, Grant
from apportion.attribute.globs import Form, Glob
from apportion.attribute.lookups import Lookup, Part, Run
from apportion.attribute.spans import Spans
from apportion.model.dated import ALWAYS

LARGEST_PRODUCT = 10_000
"""Rows that one claim may become by multiplying out its lists; further lists are checked."""


CROWD = 64
"""Checks for the same values above which they are tested one after the other."""


class Checked(NamedTuple):
    """A row of a join that counts only where its check holds; many may meet one charge."""

    values: tuple[str, ...]
    run: Run
    check: int


class Check(NamedTuple):
    """What is left of a demand when its joins are made; all of it must hold."""

    lists: tuple[tuple[str, tuple[str, ...]], ...]
    globs: tuple[tuple[str, tuple[Glob, ...]], ...]
    where: exp.Expr | None


class Test(NamedTuple):
    """A check on its own."""

    run: Run
    check: Check


@dataclass
class Crowd:
    """So many checks for the same values of the same columns that a join would multiply out."""

    values: tuple[tuple[str, str], ...]
    tests: list[Test] = field(default_factory=list)


@dataclass
class Patterns:
    """Patterns over one column, of claims that also look up the same other columns."""

    column: str
    others: tuple[str, ...]
    lookups: dict[tuple[Part, ...], Lookup] = field(default_factory=dict)
    tests: list[tuple[Glob, Test]] = field(default_factory=list)


@dataclass
class Shapes:
    """A model's claims by shape, and what each ordinal stands for.

    `claim`, `owner` and `strength` (the evidence by number) are by ordinal.
    `in_force` holds the numbers of the claims that hold on any of the days.
    """

    lookups: dict[tuple[str, ...], Lookup] = field(default_factory=dict)
    patterns: dict[tuple[str, tuple[str, ...]], Patterns] = field(default_factory=dict)
    checked: dict[tuple[str, ...], list[Checked]] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    crowds: list[Crowd] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    claim: list[int] = field(default_factory=list)
    owner: list[int] = field(default_factory=list)
    strength: list[int] = field(default_factory=list)
    in_force: set[int] = field(default_factory=set)

    def ordinal(self, claim: Claim, grant: Grant) -> int:
        """The next ordinal, for a grant of a claim."""
        self.claim.append(claim.number)
        self.owner.append(grant.owner)
        self.strength.append(STRENGTHS.index(claim.evidence))
        return len(self.claim) - 1

    def lookup(self, columns: tuple[str, ...]) -> Lookup:
        found = self.lookups.get(columns)
        if found is None:
            found = self.lookups[columns] = Lookup(tuple(Part(column) for column in columns))
        return found


def shapes_of(claims: Claims, spans: Spans) -> Shapes:
    """Sort claims by shape; those that hold on none of the days are left out."""
    shapes = Shapes()
    everywhere = (0, len(spans) - 1)
    for claim in claims.claims:
        held = []
        for grant in claim.grants:
            found = everywhere if grant.valid is ALWAYS else spans.range(grant.valid)
            if found:
                held.append((grant, found))
        if held:
            shapes.in_force.add(claim.number)
            if claim.demand is not None:
                _sort(shapes, claim, claim.demand, held)
    for columns, rows in shapes.checked.items():
        shapes.checked[columns] = _without_crowds(shapes, columns, rows)
    return shapes


def _without_crowds(shapes: Shapes, columns: tuple[str, ...], rows: list[Checked]) -> list[Checked]:
    """The rows whose values few others share; the others are put into crowds."""
    counts = Counter(row.values for row in rows)
    crowds = {
        values: Crowd(tuple(zip(columns, values, strict=True)))
        for values, count in counts.items()
        if count > CROWD
    }
    for row in rows:
        if row.values in crowds:
            crowds[row.values].tests.append(Test(row.run, shapes.checks[row.check]))
    shapes.crowds.extend(crowds.values())
    return [row for row in rows if row.values not in crowds]


def _sort(
    shapes: Shapes, claim: Claim, demand: Demand, held: list[tuple[Grant, tuple[int, int]]]
) -> None:
    named = held[0][0].column
    joined = _joined(demand, named, len(held))
    rest = tuple((c, v) for c, v in demand.equals.items() if c not in joined and c != named)
    check = Check(rest, demand.globs, demand.where)
    lists = [demand.equals[column] for column in joined]
    if len(check.globs) == 1 and not (named or rest) and check.where is None:
        ((grant, spans),) = held
        run = (*spans, shapes.ordinal(claim, grant))
        _sort_pattern(shapes, joined, lists, check.globs[0], run)
        return
    add = _adding(shapes, (*joined, named) if named else joined, check)
    allowed = demand.equals.get(named)
    for grant, spans in held:
        if allowed is None or grant.value in allowed:
            run = (*spans, shapes.ordinal(claim, grant))
            tail = (grant.value,) if named else ()
            for values in product(*lists):
                add((*values, *tail), run)


def _adding(
    shapes: Shapes, columns: tuple[str, ...], check: Check
) -> Callable[[tuple[str, ...], Run], None]:
    """How the rows of a claim with these joins and this check are kept."""
    nothing = not (check.lists or check.globs) and check.where is None
    if nothing and columns:
        return shapes.lookup(columns).add
    if not columns:
        return lambda _, run: shapes.tests.append(Test(run, check))
    number = len(shapes.checks)
    shapes.checks.append(check)
    rows = shapes.checked.setdefault(columns, [])
    return lambda values, run: rows.append(Checked(values, run, number))


def _joined(demand: Demand, named: str, grants: int) -> tuple[str, ...]:
    """The columns whose lists are multiplied out: the longest first, as far as there is room."""
    if len(demand.equals) <= 1 and not named:
        return tuple(demand.equals)
    chosen: list[str] = []
    room = LARGEST_PRODUCT // grants
    for column in sorted(demand.equals, key=lambda c: (-len(demand.equals[c]), c)):
        if column != named and len(demand.equals[column]) <= room:
            chosen.append(column)
            room //= len(demand.equals[column])
    if not chosen and not named:
        chosen.append(max(demand.equals, key=lambda c: (len(demand.equals[c]), c)))
    return tuple(sorted(chosen))


def _sort_pattern(
    shapes: Shapes,
    columns: tuple[str, ...],
    lists: list[tuple[str, ...]],
    patterns: tuple[str, tuple[Glob, ...]],
    run: Run,
) -> None:
    """A claim with one column of patterns: each pattern by what it fixes of a value."""
    column, globs = patterns
    group = shapes.patterns.setdefault((column, columns), Patterns(column, columns))
    for glob in globs:
        if glob.form is Form.EXACT:
            lookup = shapes.lookup((*columns, column))
        elif glob.form in {Form.PREFIX, Form.SUFFIX}:
            end = Part(column, glob.form, len(glob.literal))
            parts = (*(Part(other) for other in columns), end)
            lookup = group.lookups.setdefault(parts, Lookup(parts))
        else:
            only = Check(tuple(zip(columns, lists, strict=True)), ((column, (glob,)),), None)
            group.tests.append((glob, Test(run, only)))
            continue
        for values in product(*lists):
            lookup.add((*values, glob.literal), run)
