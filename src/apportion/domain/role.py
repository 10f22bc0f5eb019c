"""Who may do what: roles, who holds them, and duties that one person may not unite."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apportion.domain.person import folded, look_alike
from apportion.errors import NotAllowed


class Role(StrEnum):
    """What somebody is to the organisation's cost.

    viewer: reads. team_lead: accepts and disputes for a team. analyst: loads, models, prepares.
    finance: closes and posts. approver: decides what others ask for. admin: grants roles, and
    neither closes nor posts.

    Source: segregation of duties, COSO Internal Control, principle 10.
    """

    VIEWER = "viewer"
    TEAM_LEAD = "team_lead"
    ANALYST = "analyst"
    FINANCE = "finance"
    APPROVER = "approver"
    ADMIN = "admin"


@dataclass(frozen=True, order=True)
class Grant:
    """A role that somebody holds; a team lead's is for one team."""

    person: str
    role: Role
    team: str = ""


@dataclass(frozen=True)
class RoleChange:
    """A role given to somebody, or taken from them; kept for good."""

    grant: Grant
    given: bool
    actor: str
    because: str
    at: datetime


@dataclass(frozen=True)
class Roles:
    """The roles that are held now.

    While nobody holds any, a project isn't governed: whoever has its folder may do
    everything, as with any file of theirs.

    >>> roles = Roles.of([Grant("ann", Role.FINANCE), Grant("bob", Role.TEAM_LEAD, "nlp")])
    >>> roles.has("ann", Role.FINANCE), roles.teams("bob"), roles.has("eve", Role.VIEWER)
    (True, frozenset({'nlp'}), False)
    >>> Roles().governed
    False
    """

    grants: frozenset[Grant] = frozenset()

    @classmethod
    def of(cls, grants: Iterable[Grant]) -> Roles:
        return cls(frozenset(grants))

    @property
    def governed(self) -> bool:
        return bool(self.grants)

    def of_person(self, person: str) -> frozenset[Role]:
        """The roles that somebody holds."""
        return frozenset(one.role for one in self.grants if one.person == person)

    def has(self, person: str, *roles: Role) -> bool:
        """Whether somebody holds one of these roles; everybody does where nothing is governed."""
        return not self.governed or not self.of_person(person).isdisjoint(roles)

    def teams(self, person: str) -> frozenset[str]:
        """The teams that somebody leads."""
        return frozenset(
            one.team
            for one in self.grants
            if one.person == person and one.role is Role.TEAM_LEAD and one.team
        )

    def refuse_look_alike(self, person: str) -> None:
        """Refuse who is called like a holder of a role but for how it is typed; NotAllowed.

        >>> Roles.of([Grant("eve", Role.FINANCE)]).refuse_look_alike("Eve")
        Traceback (most recent call last):
        apportion.errors.NotAllowed: 'Eve' can't be told from 'eve', who holds a role
          why: two names that differ only in how they are typed are taken for one person
          do: use the name as it was granted, or another name
        """
        held = {one.person for one in self.grants}
        other = next((one for one in sorted(held) if look_alike(person, one)), None)
        if other is not None and person not in held:
            raise NotAllowed(
                f"{person!r} can't be told from {other!r}, who holds a role",
                why="two names that differ only in how they are typed are taken for one person",
                hint="use the name as it was granted, or another name",
            )

    def keep_apart(self, person: str, other: str, duties: str) -> None:
        """Refuse one person two duties that must lie with two; raises NotAllowed.

        >>> Roles.of([Grant("ann", Role.FINANCE)]).keep_apart("ann", "ann", "closing and posting")
        Traceback (most recent call last):
        apportion.errors.NotAllowed: closing and posting may not lie with one person: ann
          do: let somebody else do it
        """
        if self.governed and folded(person) == folded(other):
            raise NotAllowed(
                f"{duties} may not lie with one person: {person}", hint="let somebody else do it"
            )
