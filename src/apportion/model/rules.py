"""Attribution rules: conditions over a charge, and the owner they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apportion.domain.owner import Evidence, Owner
from apportion.errors import Place
from apportion.model.dated import ALWAYS, Validity

if TYPE_CHECKING:  # a model without SQL conditions needs no SQL parser
    from sqlglot import exp

TAG = "tag."
"""Prefix of a column that is a tag: ``tag.team``. All others are FOCUS or ``x_`` columns."""


@dataclass(frozen=True)
class Condition:
    """All parts must hold (AND). An empty condition holds for every charge.

    `equals`: a column is one of the values. `patterns`: a column matches one of
    the globs (``*`` any text, ``?`` one character; the whole value). `where`:
    any further SQL boolean expression, parsed and allow-listed, in which a tag
    is the column `tag.KEY`.
    """

    equals: tuple[tuple[str, tuple[str, ...]], ...] = ()
    patterns: tuple[tuple[str, tuple[str, ...]], ...] = ()
    where: exp.Expression | None = None

    @property
    def columns(self) -> frozenset[str]:
        """Every column and tag that the condition looks at."""
        named = {column for column, _ in (*self.equals, *self.patterns)}
        if self.where is None:
            return frozenset(named)
        from sqlglot import exp

        found = self.where.find_all(exp.Column)
        return frozenset(named | {f"{c.table}.{c.name}" if c.table else c.name for c in found})


@dataclass(frozen=True)
class Listed:
    """One row of a resource list: the value of the list's column, its owner, and when."""

    value: str
    owner: Owner
    valid: Validity = ALWAYS


@dataclass(frozen=True)
class Rule:
    """One attribution rule; the first that matches a charge decides.

    Exactly one of these says who owns what matches: `owner`; `from_tag` (the
    tag's value is the name of a declared team, else the rule doesn't match);
    `listed` with `column` (a resource list: the row whose value equals the
    column names the owner).
    """

    name: str
    position: int
    place: Place
    condition: Condition
    evidence: Evidence
    owner: Owner | None = None
    from_tag: str = ""
    column: str = ""
    listed: tuple[Listed, ...] = ()
    valid: Validity = ALWAYS
    because: str = ""
    responsible: str = ""


@dataclass(frozen=True)
class Inheritance:
    """A charge that no rule decided takes the owner of its parent.

    The parent is the charge (or charges) whose `parent` column equals this
    charge's `child` column and which rules gave to one owner; several owners
    decide nothing. Example: a volume whose tag ``cluster`` is the ResourceName
    of a cluster.
    """

    name: str
    position: int
    place: Place
    child: str
    parent: str
    valid: Validity = ALWAYS
    because: str = ""
