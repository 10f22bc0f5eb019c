"""Who carries a charge, and how strong the evidence for that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class OwnerKind(StrEnum):
    """A charge is carried by a team, waits in a pool to be shared, or is unallocated.

    left_out: it tells of a spend that counts by another bill, and is charged to nobody.
    """

    TEAM = "team"
    POOL = "pool"
    UNALLOCATED = "unallocated"
    LEFT_OUT = "left_out"


class Evidence(StrEnum):
    """What an attribution rests on, strongest first.

    tagged: the bill row itself names its owner. mapped: an account, a resource
    list or a parent does. manual: a person accepted a proposal. pattern: only
    the look of a name does. none: nothing decided.
    """

    TAGGED = "tagged"
    MAPPED = "mapped"
    MANUAL = "manual"
    PATTERN = "pattern"
    NONE = "none"


@dataclass(frozen=True, order=True)
class Owner:
    """The carrier of a charge.

    >>> str(Owner(OwnerKind.TEAM, "nlp")), str(UNALLOCATED)
    ('team nlp', 'unallocated')
    """

    kind: OwnerKind
    name: str

    def __str__(self) -> str:
        return self.name if self.kind is OwnerKind.UNALLOCATED else f"{self.kind} {self.name}"


UNALLOCATED = Owner(OwnerKind.UNALLOCATED, "unallocated")
