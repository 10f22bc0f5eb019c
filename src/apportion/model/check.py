"""Check a project without any bill: faults raise, and what is merely odd comes back as findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from apportion.domain.finding import Finding, Level
from apportion.errors import ConfigurationError, Place
from apportion.model.faults import did_you_mean
from apportion.model.project import Model, Project
from apportion.model.read_model import read_model
from apportion.model.read_project import FILE
from apportion.model.read_rates import read_rate_table
from apportion.model.remarks_accounting import large_markups
from apportion.model.remarks_organisation import (
    look_alike_names,
    misplaced_units,
    teams_without_cost_center,
    unnamed_teams,
    unstaged_products,
)
from apportion.model.remarks_policies import policies_without_reason
from apportion.model.remarks_pools import (
    days_without_split,
    drivers_counted_twice,
    empty_drivers,
    missing_head_counts,
    pools_of_one_team,
    pools_of_their_own_teams,
    pools_without_receivers,
    unknown_stages,
    unused_drivers,
)
from apportion.model.remarks_rules import (
    rules_outside_their_team,
    rules_without_reason,
    shadowed_rules,
    unknown_values,
)

REMARKS: tuple[Callable[[Model], Iterator[Finding]], ...] = (
    misplaced_units,
    teams_without_cost_center,
    unstaged_products,
    unnamed_teams,
    look_alike_names,
    shadowed_rules,
    rules_outside_their_team,
    rules_without_reason,
    unknown_values,
    pools_without_receivers,
    days_without_split,
    missing_head_counts,
    pools_of_one_team,
    pools_of_their_own_teams,
    unknown_stages,
    unused_drivers,
    empty_drivers,
    drivers_counted_twice,
    policies_without_reason,
    large_markups,
)
"""Every remark that `apportion check` makes on a sound model. The reference lists their codes."""


def check(project: Project) -> tuple[Finding, ...]:
    """What is odd about a sound project: rules that never match, drivers that nobody uses, ….

    Raises ConfigurationError with every fault where the model or the rate table isn't sound, and
    where disputed charges would wait on an account that the model doesn't have.
    Needs no bill; findings come in the order of their places.
    """
    model = read_model(project)
    read_rate_table(project)
    _check_suspense(project, model)
    found = [*_secrets(project), *(finding for remark in REMARKS for finding in remark(model))]
    return tuple(sorted(found, key=_where))


def _where(finding: Finding) -> tuple[str, int, int, str]:
    place = finding.place or Place("")
    return (place.file, place.line or 0, place.column or 0, finding.code)


def _check_suspense(project: Project, model: Model) -> None:
    account, known = project.disputes.suspense, model.accounting.accounts
    if not account or not known or account in known:
        return
    lines = (project.root / FILE).read_text(encoding="utf-8-sig").splitlines()
    at = next((number for number, line in enumerate(lines, 1) if account in line), None)
    raise ConfigurationError(
        f"disputed charges wait on account {account!r}, which the model doesn't have",
        place=Place(FILE, at),
        hint=did_you_mean(account, tuple(known), "add it to `accounts`"),
    )


_PASSWORD = re.compile(r"books:.*?://[^\s/@:]*:(?P<secret>[^\s/@]+)@")


def _secrets(project: Project) -> Iterator[Finding]:
    """A password in apportion.yaml ends up in git."""
    text = (project.root / FILE).read_text(encoding="utf-8-sig")
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _PASSWORD.search(line.split("#", 1)[0]):
            yield Finding(
                "password-in-file",
                Level.WARNING,
                "the address of the books holds a password",
                Place(FILE, number, found.start("secret") + 1),
                hint="say `books: env:NAME` and set that environment variable",
            )
