"""Hold the policies of governance against the model and a month's run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from apportion.domain.period import Period
from apportion.govern.judge_figures import judge_coverage, judge_idle, judge_weak_evidence
from apportion.govern.judge_model import judge_exemptions, judge_reasons, judge_review
from apportion.govern.judge_tags import judge_tags
from apportion.govern.judged import Judged, Question
from apportion.model.governance import Check, GovernancePolicy
from apportion.run.saved import latest_run

if TYPE_CHECKING:
    from apportion.domain.result import Run
    from apportion.run.open_project import OpenProject

JUDGES: Mapping[Check, Callable[[GovernancePolicy, Question], Judged]] = {
    Check.TAGS: judge_tags,
    Check.COVERAGE: judge_coverage,
    Check.IDLE: judge_idle,
    Check.WEAK_EVIDENCE: judge_weak_evidence,
    Check.EXEMPTIONS: judge_exemptions,
    Check.REVIEW: judge_review,
    Check.REASONS: judge_reasons,
}


def check_policies(
    project: OpenProject, period: Period | None = None, *, today: date | None = None
) -> tuple[Judged, ...]:
    """What each policy comes to, in the order of the model; those that don't hold are left out.

    Policies on figures are held against the run of a period, the latest that has one when left
    out, and hold on its first day; the others are held against the model as it is `today`.
    Raises NotLoaded where a period is named that has no run.
    """
    run = _run(project, period)
    day = today or datetime.now(UTC).date()
    question = Question(project, run, day)
    month = run.period.start if run else day
    return tuple(
        JUDGES[policy.check](policy, question)
        for policy in project.model.governance
        if policy.valid.covers(month if policy.check in OF_RUNS else day)
    )


OF_RUNS = frozenset({Check.TAGS, Check.COVERAGE, Check.IDLE, Check.WEAK_EVIDENCE})
"""What is held against a month's run."""


def _run(project: OpenProject, period: Period | None) -> Run | None:
    if period is not None:
        return latest_run(project.books, period)
    periods = [one.period for one in project.books.runs()]
    return project.books.run(max(periods)) if periods else None
