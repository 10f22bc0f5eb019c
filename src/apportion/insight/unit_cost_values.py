"""A unit cost as a value, and what it is asked of: a team, and groups of usage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from apportion.domain.amounts import sum_of
from apportion.domain.owner import OwnerKind
from apportion.domain.result import Line
from apportion.errors import UsageError
from apportion.insight.carried import Carried, KeyDay
from apportion.insight.trace_lines import Piece
from apportion.model.identities import KINDS

NOT_METERED = "not metered"


@dataclass(frozen=True)
class UnitCost:
    """What one of something costs: `cost` ÷ `count` × `per`; both are exact.

    `of` tells apart what a measure has several of: a class of tokens, a pool, a driver. `group`
    is the value by which usage was told apart. `count` is None where it isn't metered, and
    `note` says why, or what else must be known of the figure.
    """

    measure: str
    formula: str
    currency: str
    cost: Fraction
    count: Fraction | None
    unit: str
    per: int = 1
    of: str = ""
    group: str = ""
    note: str = ""

    @property
    def figure(self) -> Fraction | None:
        """The unit cost; None where the denominator isn't there, or is zero.

        >>> UnitCost("a read", "", "USD", Fraction(3), Fraction(2), "reads", per=10).figure
        Fraction(15, 1)
        """
        return self.cost * self.per / self.count if self.count else None


_COLUMNS = {
    **{kind: column for kind, column in KINDS.items() if kind not in {"api_key", "label"}},
    "key": "ApiKeyId",
    "model": "ModelId",
    "provider": "ProviderName",
    "tier": "ServiceTier",
    "source": "Source",
    "status": "Status",
}
GROUPS = ("team", "model", "run", "provider", "key", "day", "pool", *sorted(
    _COLUMNS.keys() - {"model", "run", "provider", "key"}
))  # fmt: skip
"""By what unit costs can be told apart."""


@dataclass(frozen=True)
class Scope:
    """What teams carry, of one team or of all, told apart by something or not."""

    found: Carried
    team: str = ""
    by: str = ""

    def __post_init__(self) -> None:
        if self.by and self.by not in GROUPS:
            raise UsageError(
                f"unit costs can't be told apart by {self.by!r}",
                hint=f"by one of {', '.join(GROUPS)}",
            )

    @property
    def pieces(self) -> Iterator[Piece]:
        return (piece for piece in self.found.pieces if self.holds(piece.line))

    def holds(self, line: Line) -> bool:
        return not self.team or (line.owner.kind is OwnerKind.TEAM and line.owner.name == self.team)

    def group(self, piece: Piece) -> str:
        if not self.by:
            return ""
        if self.by == "team":
            return piece.line.owner.name
        if self.by == "pool":
            return piece.line.pool
        if self.by == "day":
            return str(piece.day or "")
        return self.found.about(piece.key, _COLUMNS[self.by])

    def grouped(
        self, wanted: Callable[[Piece], bool]
    ) -> Mapping[tuple[str, str], tuple[Piece, ...]]:
        """Pieces by currency and group, the groups that cost most first."""
        made: dict[tuple[str, str], list[Piece]] = defaultdict(list)
        for piece in self.pieces:
            if wanted(piece):
                made[piece.line.currency, self.group(piece)].append(piece)
        order = {key: (key[0], -cost_of(own), key[1]) for key, own in made.items()}
        return {key: tuple(made[key]) for key in sorted(made, key=order.__getitem__)}

    def quantity(self, days: Iterable[KeyDay], *meters: str) -> Fraction:
        """What was used of some meters by keys on days, each counted once."""
        held = self.found.quantities
        return sum_of(
            held[one][meter] for one in days for meter in meters if meter in held.get(one, ())
        )


def days_of(pieces: Iterable[Piece]) -> dict[KeyDay, None]:
    """The keys and days of pieces, each once: two pools may go by the same usage."""
    return {(piece.key, piece.day): None for piece in pieces if piece.key and piece.day}


def cost_of(pieces: Iterable[Piece]) -> Fraction:
    return sum_of(piece.amount for piece in pieces)
