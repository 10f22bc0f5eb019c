"""Nobody decides what benefits their own cost centre."""

from __future__ import annotations

from collections.abc import Iterable

from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.result import TeamFacts
from apportion.domain.role import Roles
from apportion.errors import NotAllowed


def refuse_own_benefit(
    roles: Roles, person: str, gains: Owner, teams: Iterable[TeamFacts], what: str
) -> None:
    """Refuse a decision to who leads the team that gains, or one of the same cost centre.

    >>> from apportion.domain.role import Grant, Role
    >>> roles = Roles.of([Grant("tom", Role.TEAM_LEAD, "nlp"), Grant("tom", Role.APPROVER)])
    >>> refuse_own_benefit(roles, "tom", Owner(OwnerKind.TEAM, "nlp"), (), "dispute 1")
    Traceback (most recent call last):
    apportion.errors.NotAllowed: tom may not decide on dispute 1
      why: team nlp, which tom leads, would carry less by it
      do: let somebody else decide
    """
    if gains.kind is not OwnerKind.TEAM:
        return
    own = roles.teams(person)
    centers = {one.team: one.cost_center for one in teams}
    shared = {
        name for name in own if centers.get(name) and centers[name] == centers.get(gains.name)
    }
    if gains.name in own:
        why = f"team {gains.name}, which {person} leads, would carry less by it"
    elif shared:
        name = min(shared)
        why = f"cost centre {centers[name]} would carry less by it, and {person} leads {name} there"
    else:
        return
    raise NotAllowed(f"{person} may not decide on {what}", why=why, hint="let somebody else decide")
