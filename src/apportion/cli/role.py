"""apportion role: who may do what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, actor, state_of

if TYPE_CHECKING:
    from apportion.domain.role import Grant, Roles

role_app = typer.Typer(no_args_is_help=True, help="Who may do what: roles, given and taken.")

PersonArgument = Annotated[
    str, typer.Argument(metavar="PERSON", help="By the name that the audit log has for them.")
]
RoleArgument = Annotated[
    str,
    typer.Argument(metavar="ROLE", help="viewer, team_lead, analyst, finance, approver or admin."),
]
LeadOption = Annotated[str, typer.Option("--team", "-t", help="The team of a team lead.")]
BecauseOption = Annotated[str, typer.Option("--because", help="Why, for the audit log.")]


def register(app: typer.Typer) -> None:
    app.add_typer(role_app, name="role")


@role_app.command()
def grant(
    context: typer.Context,
    person: PersonArgument,
    role: RoleArgument,
    because: BecauseOption,
    lead_of: LeadOption = "",
    as_json: JsonOption = False,
) -> None:
    """Give somebody a role. The first role of a project is an admin's: from then on it's governed.

    Admin and finance are never one person.
    """
    from apportion.domain.role import Grant
    from apportion.govern.roles import grant_role, role_named

    given = Grant(person, role_named(role), lead_of)
    with state_of(context).open() as project:
        roles = grant_role(project, given, actor=actor(), because=because)
    _print(roles, as_json=as_json)


@role_app.command()
def revoke(
    context: typer.Context,
    person: PersonArgument,
    role: RoleArgument,
    because: BecauseOption,
    lead_of: LeadOption = "",
    all_roles: Annotated[
        bool,
        typer.Option("--ungovern", help="With the last admin: take all roles from everybody."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Take a role from somebody. The last admin stays, unless nobody is to be governed any more."""
    from apportion.domain.role import Grant, Role
    from apportion.errors import UsageError
    from apportion.govern.roles import revoke_role, role_named, ungovern

    taken = Grant(person, role_named(role), lead_of)
    with state_of(context).open() as project:
        if all_roles:
            if taken.role is not Role.ADMIN or taken not in project.books.roles().grants:
                raise UsageError(
                    "--ungovern goes with an admin", hint="name one: `apportion role list`"
                )
            roles = ungovern(project, actor=actor(), because=because)
        else:
            roles = revoke_role(project, taken, actor=actor(), because=because)
    _print(roles, as_json=as_json)


@role_app.command("list")
def list_(context: typer.Context, as_json: JsonOption = False) -> None:
    """List who holds which role."""
    with state_of(context).open() as project:
        roles = project.books.roles()
    _print(roles, as_json=as_json)


def _print(roles: Roles, *, as_json: bool) -> None:
    from apportion.cli.console import print_json, say, table

    held = sorted(roles.grants)
    if as_json:
        listed = [_document(one) for one in held]
        print_json({"governed": roles.governed, "roles": listed})
    elif held:
        rows = [(one.person, str(one.role).replace("_", " "), one.team) for one in held]
        table("", ("who", "role", "team"), rows, left=3)
    else:
        say("nobody holds a role: whoever has the folder may do everything")


def _document(one: Grant) -> dict[str, str | None]:
    return {"person": one.person, "role": str(one.role), "team": one.team or None}
