"""Give and take roles: the first is an admin's, the last admin stays, and some never meet."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from apportion.domain.person import is_pseudonym, mixes_scripts
from apportion.domain.role import Grant, Role, RoleChange, Roles
from apportion.errors import NotAllowed, UsageError
from apportion.model.faults import did_you_mean
from apportion.store.books.audit import now
from apportion.store.books.roles import change_role, read_roles

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject

APART = (Role.ADMIN, Role.FINANCE)
"""Who can change roles can't book: no person holds both."""


def grant_role(project: OpenProject, grant: Grant, *, actor: str, because: str) -> Roles:
    """Give somebody a role; gives the roles that are held then.

    While nobody holds any, anybody may make the first grant, which is an admin's. Raises
    UsageError for a role that they hold already, a team lead without a team that the model
    has, and no reason; NotAllowed where admin and finance would meet in one person, and for
    a name that differs from another's only in how it is typed.
    """
    _check(grant, _teams(project, grant.role), because)
    with project.books.writing() as connection:
        roles = _roles(connection, actor)
        if not roles.governed and grant.role is not Role.ADMIN:
            raise UsageError(
                "the first role is an admin's",
                why="from the first grant on, only an admin can give roles",
                hint=f"`apportion role grant {grant.person} admin --because …`, and then this one",
            )
        roles.refuse_look_alike(grant.person)
        if grant in roles.grants:
            raise UsageError(f"{_told(grant)} already", hint="see `apportion role list`")
        met = roles.of_person(grant.person) | {grant.role}
        if met.issuperset(APART):
            raise NotAllowed(
                f"{grant.person} can't be both admin and finance",
                why="who can change roles could give themselves whatever it takes to book",
                hint="let one person grant roles and another close and post",
            )
        change_role(connection, RoleChange(grant, True, actor, because, now()))
        return read_roles(connection)


def revoke_role(project: OpenProject, grant: Grant, *, actor: str, because: str) -> Roles:
    """Take a role from somebody; gives the roles that are held then.

    Raises UsageError for a role that they don't hold, NotAllowed for the last admin's.
    """
    _check_reason(because)
    with project.books.writing() as connection:
        roles = _roles(connection, actor)
        if grant not in roles.grants:
            held = sorted(_role(one) for one in roles.grants if one.person == grant.person)
            raise UsageError(
                f"{grant.person} isn't {_role(grant)}",
                hint=f"{grant.person} holds: {', '.join(held) or 'nothing'}",
            )
        admins = {one.person for one in roles.grants if one.role is Role.ADMIN}
        if grant.role is Role.ADMIN and admins == {grant.person}:
            raise NotAllowed(
                f"{grant.person} is the last admin",
                why="nobody could give roles any more",
                hint="make another admin first; to end all roles: `apportion role revoke "
                f"{grant.person} admin --ungovern`",
            )
        change_role(connection, RoleChange(grant, False, actor, because, now()))
        return read_roles(connection)


def ungovern(project: OpenProject, *, actor: str, because: str) -> Roles:
    """Take all roles from everybody: anybody may do everything again. The log keeps it."""
    _check_reason(because)
    with project.books.writing() as connection:
        for grant in sorted(_roles(connection, actor).grants):
            change_role(connection, RoleChange(grant, False, actor, because, now()))
        return read_roles(connection)


def _roles(connection: Connection, actor: str) -> Roles:
    """The roles, for one who may change them: held against again, as others write beside us."""
    roles = read_roles(connection)
    if not roles.has(actor, Role.ADMIN):
        raise NotAllowed(
            f"{actor} may not change roles",
            why="only an admin does, once there is one",
            hint="see who is: `apportion role list`",
        )
    return roles


def _teams(project: OpenProject, role: Role) -> list[str]:
    """The teams that somebody can lead; no other role needs the model to be read."""
    return [one.name for one in project.model.organisation.teams] if role in _OF_TEAMS else []


_OF_TEAMS = frozenset({Role.TEAM_LEAD})


def role_named(text: str) -> Role:
    """A role by its name, with a dash or an underscore; raises UsageError for none.

    >>> role_named("team-lead")
    <Role.TEAM_LEAD: 'team_lead'>
    """
    name = text.strip().lower().replace("-", "_")
    if name not in set(Role):
        raise UsageError(f"no role is called {text!r}", hint=did_you_mean(name, [*Role]))
    return Role(name)


def _check(grant: Grant, teams: Collection[str], because: str) -> None:
    _check_reason(because)
    if grant.person != grant.person.strip() or not grant.person.isprintable() or not grant.person:
        raise UsageError(
            f"{grant.person!r} is no name of a person",
            hint="give the name that APPORTION_ACTOR, or the sign-in, has for them",
        )
    if is_pseudonym(grant.person):
        raise UsageError(
            f"{grant.person!r} is a pseudonym of the books, no name of a person",
            hint="give the name that APPORTION_ACTOR, or the sign-in, has for them",
        )
    if mixes_scripts(grant.person):
        raise UsageError(
            f"{grant.person!r} mixes letters of several scripts",
            why="it reads like the name of somebody else",
            hint="type the name in letters of one script",
        )
    if grant.role is Role.TEAM_LEAD and grant.team not in teams:
        raise UsageError(
            f"no team is called {grant.team!r}" if grant.team else "of which team?",
            hint=did_you_mean(grant.team, sorted(teams)) if grant.team else "give --team",
        )
    if grant.role is not Role.TEAM_LEAD and grant.team:
        raise UsageError(
            f"{grant.role} is no role of a team", hint="leave --team out, or grant team_lead"
        )


def _check_reason(because: str) -> None:
    if not because.strip():
        raise UsageError("a change of roles needs a reason", hint="say --because")


def _role(grant: Grant) -> str:
    name = str(grant.role).replace("_", " ")
    return f"{name} of {grant.team}" if grant.team else name


def _told(grant: Grant) -> str:
    return f"{grant.person} is {_role(grant)}"
