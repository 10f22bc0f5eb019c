"""Whose a resource most likely is: the score is the sum of stated parts, and doubt says so."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.period import Period
from apportion.insight.evidence import Clue
from apportion.insight.known_owners import know_owners
from apportion.insight.likely_owner import AT_LEAST, Verdict, likely_owner
from apportion.insight.resource import Resource, Thing
from apportion.insight.team_names import TeamNames, team_names
from apportion.model.organisation import Organisation, OrgUnit, UnitKind
from apportion.model.project import Model
from apportion.model.taxonomy import TagKey, Taxonomy
from companies import HERE

OCTOBER = Period(2026, 10).span


def names() -> TeamNames:
    units = [
        OrgUnit("nlp", UnitKind.TEAM, "NLP", HERE),
        OrgUnit("cv", UnitKind.TEAM, "Computer vision", HERE),
        OrgUnit("rec", UnitKind.TEAM, "Recommendation", HERE),
    ]
    key = TagKey(
        "team", HERE, values=("nlp", "cv", "rec"), aliases={"vision": "cv", "recsys": "rec"}
    )
    organisation = Organisation({unit.name: unit for unit in units})
    return team_names(Model(organisation=organisation, taxonomy=Taxonomy({"team": key})), OCTOBER)


def resource(
    name: str,
    owner: str = "",
    cost: str = "10",
    account: str = "shared",
    links: dict[str, str] | None = None,
    by_id: str = "",
) -> Resource:
    kind, _, who = owner.rpartition(":")
    return Resource(
        thing=Thing(id=by_id or f"i-{name}"),
        name=name,
        service="Compute",
        account=account,
        account_name=account,
        region="east",
        cost=Decimal(cost),
        charges=1,
        owner=Owner(OwnerKind(kind or "team"), who) if owner else None,
        links=frozenset((links or {}).items()),
    )


def judge(gap: Resource, known: list[Resource], denied: frozenset[str] = frozenset()) -> Verdict:
    return likely_owner(gap, know_owners(known, [gap]), names(), denied)


def company() -> list[Resource]:
    """Fourteen of nlp, and as many of the others, in one account."""
    made = [resource(f"nlp-train-{n:02d}", "nlp") for n in range(14)]
    made += [resource(f"vision-label-{n:02d}", "cv") for n in range(14)]
    return made + [resource(f"ranker-{n:02d}", "rec") for n in range(14)]


def test_a_shared_name_is_evidence_and_is_explained() -> None:
    found = judge(resource("nlp-train-77"), company()).proposal
    assert found is not None
    assert found.team == "nlp"
    words = {part.clue: part.words for part in found.parts}
    assert words[Clue.NAME] == (
        "name 'nlp-train-77' shares 'nlp-train' with 14 resources of team nlp (100 % of cost)"
    )
    assert words[Clue.TEAM_NAME] == "name 'nlp-train-77' bears 'nlp', a name of team nlp"


def test_the_score_is_the_sum_of_its_parts() -> None:
    found = judge(resource("nlp-train-77", links={"tag.team": "npl"}), company()).proposal
    assert found is not None
    assert found.score == sum(part.points for part in found.parts)
    assert 0 < found.score <= 100


def test_a_name_that_tells_nothing_gets_no_proposal() -> None:
    found = judge(resource("ip-10-4-17-1"), company())
    assert found.proposal is None
    assert found.why_not


def test_what_everybody_shares_says_nothing() -> None:
    # One team has nearly everything; that the rest sits in the same account is no evidence.
    known = [resource(f"x{chr(97 + n)}-job", "nlp", cost="1000") for n in range(20)]
    known.append(resource("cv-job", "cv"))
    assert judge(resource("tmp-gpu-1", links={"tag.env": "prod"}), known).proposal is None


def test_a_misspelt_team_tag_points_to_the_team() -> None:
    found = judge(resource("tmp-gpu-1", links={"tag.team": "recsis"}), company()).proposal
    assert found is None or found.team == "rec"
    found = judge(resource("tmp-gpu-1", links={"tag.team": "vison"}), company()).proposal
    assert found is not None
    assert found.team == "cv"
    assert found.parts[0].clue is Clue.TAG
    assert "'vison', near 'vision'" in found.parts[0].words


def test_a_volume_belongs_with_its_machine() -> None:
    disk = resource("", by_id="vol-1", links={"tag.cluster": "vision-label-03"})
    found = judge(disk, company()).proposal
    assert found is not None
    assert (found.team, found.parts[0].clue) == ("cv", Clue.PARENT)


def test_an_account_of_one_team_is_evidence_together_with_something_else() -> None:
    known = company() + [resource(f"gw-{n}", "cv", account="cv-only") for n in range(30)]
    alone = judge(resource("tmp-gpu-1", account="cv-only"), known)
    assert alone.proposal is not None
    assert alone.proposal.team == "cv"
    clues = {part.clue for part in alone.proposal.parts}
    assert clues <= {Clue.ACCOUNT, Clue.PLACE}


def test_two_owners_close_to_each_other_are_nobody() -> None:
    found = judge(resource("nlp-vision-bridge"), company())
    assert found.proposal is None
    assert "too close" in found.why_not


def test_what_looks_shared_is_not_given_to_a_team() -> None:
    known = company() + [resource(f"nat-gw-{n}", "pool:network") for n in range(9)]
    found = judge(resource("nat-gw-99"), known)
    assert found.proposal is None
    assert "pool network" in found.why_not


def test_a_denied_team_is_not_proposed_again() -> None:
    gap = resource("nlp-train-77")
    assert judge(gap, company()).proposal is not None
    found = judge(gap, company(), frozenset({"nlp"}))
    assert found.proposal is None or found.proposal.team != "nlp"


def test_an_ambiguous_name_is_no_teams_name() -> None:
    found = names()
    assert found.by_value["vision"] == "cv"
    assert found.by_words[("computer", "vision")] == "cv"


def test_the_order_of_resources_does_not_matter() -> None:
    gap = resource("nlp-train-77", links={"tag.app": "chat"})
    known = [*company(), resource("chat-1", "nlp", links={"tag.app": "chat"})]
    assert judge(gap, known) == judge(gap, known[::-1])


@pytest.mark.parametrize(
    "name",
    ["=cmd|' /C calc'!A0", "\x1b[31mnlp-train", "nlp" * 5000, "<img onerror=x>", "\u202enlp"],
)
def test_hostile_names_are_judged_like_others(name: str) -> None:
    found = judge(resource(name), company())
    assert found.proposal is None or found.proposal.score >= AT_LEAST
