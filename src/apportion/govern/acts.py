"""Which roles may run which command: one table, which the command line asks before every act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apportion.domain.role import Role, Roles
from apportion.errors import NotAllowed

VIEWER, TEAM_LEAD, ANALYST = Role.VIEWER, Role.TEAM_LEAD, Role.ANALYST
FINANCE, APPROVER, ADMIN = Role.FINANCE, Role.APPROVER, Role.ADMIN


@dataclass(frozen=True)
class Act:
    """Who may do it. `own_team`: a team lead too, with --team and a team that they lead.

    An `open` act takes nothing from the books and gives nothing to them: anybody may.
    """

    roles: frozenset[Role] = frozenset()
    own_team: bool = False
    open: bool = False

    @property
    def words(self) -> str:
        """Who may, in words."""
        if self.open:
            return "anybody"
        if self.roles == frozenset(Role):
            return "any role"
        named = [_named(role) for role in Role if role in self.roles]
        return ", ".join([*named, *(["team lead (own team)"] if self.own_team else [])])


def _named(role: Role) -> str:
    return str(role).replace("_", " ")


def _only(*roles: Role) -> Act:
    return Act(frozenset(roles))


ANYBODY = Act(open=True)
ANY_ROLE = Act(frozenset(Role))
READS = Act(frozenset(Role) - {TEAM_LEAD})
READS_OWN = Act(frozenset(Role) - {TEAM_LEAD}, own_team=True)
SPEAKS = Act(frozenset({ANALYST, FINANCE, APPROVER}), own_team=True)
PREPARES = _only(ANALYST)
BOOKS = _only(FINANCE)
PLANS = _only(ANALYST, FINANCE)
DECIDES = _only(FINANCE, APPROVER)
GRANTS = _only(ADMIN)

ACTS: Mapping[str, Act] = {
    # what takes nothing from the books
    "init": ANYBODY,
    "check": ANYBODY,
    "stand-in": ANYBODY,
    "verify": ANYBODY,
    # reading
    "anomalies list": READS_OWN,
    "anomalies show": READS_OWN,
    "audit log": READS,
    "audit verify": ANY_ROLE,
    "audit export": READS,
    "audit head": ANY_ROLE,
    "budget compare": READS,
    "budget forecast accuracy": READS,
    "budget forecast list": READS,
    "budget list": READS,
    "budget show": READS,
    "budget status": READS,
    "approvals": ANY_ROLE,
    "burn": READS_OWN,
    "change list": ANY_ROLE,
    "change show": ANY_ROLE,
    "adjust list": READS,
    "adjust show": READS,
    "compare": READS_OWN,
    "council queue": READS,
    "council review": READS,
    "dispute list": READS_OWN,
    "dispute show": READS_OWN,
    "dispute simulate": READS,
    "explain": READS_OWN,
    "export focus": READS,
    "export methods": ANY_ROLE,
    "fairness": READS,
    "invoices bridge": READS,
    "invoices list": READS,
    "invoices prepaid": READS,
    "invoices read": READS,
    "forecast": READS_OWN,
    "journal": READS,
    "kpis": ANY_ROLE,
    "movers": READS_OWN,
    "periods": ANY_ROLE,
    "policy check": ANY_ROLE,
    "policy export": ANY_ROLE,
    "policy list": ANY_ROLE,
    "postings": READS,
    "prices": ANY_ROLE,
    "quarantine": READS,
    "rates": ANY_ROLE,
    "ready": READS,
    "reconcile": ANY_ROLE,
    "reproduce": READS,
    "review status": ANY_ROLE,
    "role list": ANY_ROLE,
    "sources": ANY_ROLE,
    "spike": READS_OWN,
    "stack": READS_OWN,
    "statement": READS_OWN,
    "unit-cost": READS_OWN,
    "untagged": READS,
    "usage": READS_OWN,
    # a team speaks for itself
    "anomalies ack": SPEAKS,
    "comment": SPEAKS,
    "dispute open": Act(own_team=True),
    "dispute withdraw": ANY_ROLE,  # whose it is is checked there
    # looking into what a team disputes, and proposing what follows
    "dispute triage": _only(ANALYST, FINANCE, APPROVER),
    "dispute close": _only(ANALYST, FINANCE, APPROVER),
    "adjust propose": _only(ANALYST, FINANCE),
    "adjust submit": _only(ANALYST, FINANCE),
    "adjust withdraw": _only(ANALYST, FINANCE, APPROVER),
    "review accept": Act(frozenset({FINANCE}), own_team=True),
    # preparing: what is loaded, whose it is, how it is allocated
    "answer": PREPARES,
    "ask": PREPARES,
    "assign": PREPARES,
    "change propose": PREPARES,
    "change apply": PREPARES,
    "change reviewed": _only(ANALYST, APPROVER),
    "demo": PREPARES,
    "load": PREPARES,
    "pull": PREPARES,
    "run": PREPARES,
    "final": _only(ANALYST, FINANCE),
    # who loads doesn't wave through what was set aside
    "acknowledge": _only(FINANCE, APPROVER),
    "budget forecast import": PLANS,
    "budget from-model": PLANS,
    "budget import": PLANS,
    "budget phase": PLANS,
    "budget submit": PLANS,
    "budget transfer": PLANS,
    "retention check": READS,
    # handing out what teams carry
    "statements": PLANS,
    "statements send": PLANS,
    # booking
    "accrue": BOOKS,
    "close": BOOKS,
    "correct": BOOKS,
    "invoices add": BOOKS,
    "invoices enter": BOOKS,
    "invoices import": BOOKS,
    "invoices mark": BOOKS,
    "invoices opening": BOOKS,
    "adjust apply": BOOKS,
    "adjust supersede": BOOKS,
    "post": BOOKS,
    "reopen": BOOKS,
    "review open": BOOKS,
    # deciding: a reviewer may be of any role; who may decide on what is checked there
    "approve": ANY_ROLE,
    "budget approve": DECIDES,
    "budget reject": DECIDES,
    "dispute decide": _only(APPROVER),
    "adjust approve": _only(APPROVER),
    "adjust reject": _only(APPROVER),
    # who may do what
    "audit pseudonymise": GRANTS,
    "retention apply": GRANTS,
    "role grant": GRANTS,
    "role revoke": GRANTS,
}
"""Command → who may run it, once a project is governed. A test fails for one without a row."""


def check_act(command: str, person: str, roles: Roles, teams: tuple[str, ...] = ()) -> None:
    """Refuse a command to whoever lacks the role for it; `teams` are those that it is asked for.

    Raises NotAllowed, with the roles that may. A command that the table doesn't have is refused
    to everybody, where anything is governed.

    >>> from apportion.domain.role import Grant
    >>> roles = Roles.of([Grant("ann", Role.ADMIN), Grant("tom", Role.TEAM_LEAD, "nlp")])
    >>> check_act("statement", "tom", roles, ("nlp",))
    >>> check_act("close", "ann", roles)
    Traceback (most recent call last):
    apportion.errors.NotAllowed: ann may not run `close`
      why: it takes the role of: finance; ann is admin
      do: let somebody with that role do it, or ask an admin for it: `apportion role grant`
    """
    act = ACTS.get(command, Act())
    if not roles.governed or act.open:
        return
    held = roles.of_person(person)
    if held & act.roles:
        return
    own = roles.teams(person)
    if act.own_team and own and teams and own.issuperset(teams):
        return
    if act.own_team and own:
        raise NotAllowed(
            f"{person} may run `{command}` for their own team only",
            why=f"{person} leads {', '.join(sorted(own))}",
            hint=f"name it: --team {min(own)}",
        )
    who = ", ".join(_named(role) for role in Role if role in held) or "without any role"
    raise NotAllowed(
        f"{person} may not run `{command}`",
        why=f"it takes the role of: {act.words or 'nobody'}; {person} is {who}",
        hint="let somebody with that role do it, or ask an admin for it: `apportion role grant`",
    )
