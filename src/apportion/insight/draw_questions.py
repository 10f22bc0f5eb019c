"""Which questions to put to whom: the costliest resources of the gap, by their likely owners."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from apportion.domain.period import Period
from apportion.insight.loaded_resources import LoadedResource
from apportion.insight.questions import Question, QuestionFile
from apportion.insight.untagged import Untagged, UntaggedResource
from apportion.model.dated import on
from apportion.model.project import Model


def draw_questions(
    found: Iterable[Untagged], model: Model, today: date, top: int
) -> tuple[QuestionFile, ...]:
    """One file for each likely owner and currency, with its part of the `top` costliest.

    Left out are charges without a resource id, which no answer could assign.
    """
    files = []
    for each in found:
        askable = [one for one in each.resources if _askable(one)]
        by_team: dict[str, list[Question]] = {}
        for one in askable[:top]:
            assert one.verdict.proposal
            by_team.setdefault(one.verdict.proposal.team, []).append(_question(one))
        files += [
            QuestionFile(
                team, _who(model, team, each.period), each.period, today, each.currency, tuple(own)
            )
            for team, own in sorted(by_team.items())
        ]
    return tuple(files)


def _askable(one: UntaggedResource) -> bool:
    loaded = LoadedResource(one.resource.thing.id, one.resource.name)
    return one.verdict.proposal is not None and loaded.fits("ResourceId")


def _who(model: Model, team: str, period: Period) -> str:
    return on(model.organisation.units[team].owner, period.until - timedelta(days=1)) or ""


def _question(one: UntaggedResource) -> Question:
    resource, proposal = one.resource, one.verdict.proposal
    assert proposal
    account = f"{resource.account_name} ({resource.account})" if resource.account_name else ""
    return Question(
        resource=resource.thing.id,
        name=resource.name,
        service=resource.service,
        account=account or resource.account,
        cost=_to_cents(resource.cost),
        days=one.days,
        score=proposal.score,
        evidence=tuple(part.words for part in proposal.parts),
    )


def _to_cents(amount: Decimal) -> Decimal:
    """For reading: the statement has it exactly."""
    return amount.quantize(Decimal("0.01"))
