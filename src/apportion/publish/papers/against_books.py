"""Hold a statement against the books of a project: its run, its issue, and the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from apportion.domain.period import Period
from apportion.errors import NotLoaded
from apportion.publish.papers.check_paper import Check
from apportion.publish.papers.read_paper import Paper
from apportion.run.statement import draw_statements, one_team
from apportion.store.books.issues import holds, read_issues

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


def against_books(project: OpenProject, paper: Paper) -> tuple[Check, ...]:
    """The checks that need the books; nothing is changed in them."""
    return (_run(project, paper), _issue(project, paper), *_audit(project, paper))


def _run(project: OpenProject, paper: Paper) -> Check:
    """The run is in the books, and charges the team just these lines."""
    said = paper.evidence
    try:
        run = project.books.run_by_id(said["run"])
        drawn = draw_statements(run, project.settings.currency)
        found = {
            (one.currency, line.id): f"{line.amount:f}"
            for one in drawn
            for line in one_team(one, said["team"]).lines
        }
    except NotLoaded as fault:
        return Check("books", False, fault.what)
    listed = {(row["currency"], row["id"]): row["amount"] for row in paper.table("lines.csv")}
    if found != listed:
        return Check("books", False, "the run charges the team other lines")
    facts = (str(run.period), run.model, list(run.snapshots), run.basis)
    if facts != tuple(said[name] for name in ("period", "model", "snapshots", "basis")):
        return Check("books", False, "the run rests on something else")
    latest = project.books.run(run.period, ())
    if latest and latest.id != run.id:
        return Check(
            "books", True, f"the run is in the books; now {latest.id} stands for the month"
        )
    return Check("books", True, "the run is in the books, and charges just these lines")


def _issue(project: OpenProject, paper: Paper) -> Check:
    said = paper.evidence
    if said["number"] is None:
        return Check("issue", None, "it is a draft, which was not issued")
    with project.books.reading() as connection:
        issues = read_issues(connection, Period.parse(said["period"]))
    found = next((one for one in issues if one.number == said["number"]), None)
    if found is None or found.run != said["run"] or found.audit_head != said["audit_head"]:
        return Check("issue", False, f"no statement no. {said['number']} of this run was issued")
    newest = issues[-1].number
    more = f"; no. {newest} replaces it" if newest != found.number else ""
    return Check("issue", True, f"issued on {found.at:%Y-%m-%d} by {found.actor}{more}")


def _audit(project: OpenProject, paper: Paper) -> Iterator[Check]:
    """The log still has the line that was its last one then, and is whole."""
    head = paper.evidence["audit_head"]
    with project.books.reading() as connection:
        there = holds(connection, head) or not head.strip("0")
    count, _, broken = project.books.verify_audit()
    if broken:
        yield Check("audit log", False, f"the chain breaks at line {broken.line}: {broken.why}")
    elif not there:
        yield Check("audit log", False, "it has lost the line that was its last one then")
    else:
        yield Check("audit log", True, f"{count:,} lines hold, the statement's among them")
