"""Policies of governance: what an organisation demands of its allocation, held against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from apportion.domain.finding import Level
from apportion.domain.owner import Evidence
from apportion.errors import Place
from apportion.model.dated import ALWAYS, Validity


class Check(StrEnum):
    """What a policy looks at.

    tags: taggable cost that bears every required tag. coverage: cost with an owner. idle: idle
    capacity. weak_evidence: cost that an owner carries on weak evidence. exemptions: teams that
    pools don't charge, and charges that a tag policy leaves out. review: when somebody last
    looked through the model. reasons: rules, pools and policies that nobody answers for.
    """

    TAGS = "tags"
    COVERAGE = "coverage"
    IDLE = "idle"
    WEAK_EVIDENCE = "weak_evidence"
    EXEMPTIONS = "exemptions"
    REVIEW = "review"
    REASONS = "reasons"


@dataclass(frozen=True)
class TagExemption:
    """Charges that a tag policy leaves out until a day: an account's, a service's or a team's."""

    place: Place
    until: date
    because: str
    account: str = ""
    service: str = ""
    team: str = ""


@dataclass(frozen=True)
class RequiredTag:
    """A tag that every taggable charge must bear, with one of some values, or any."""

    key: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class GovernancePolicy:
    """One demand, with who answers for it and why.

    `at_least` and `at_most` are percentages. `tags` empty means the required tags of the model's
    taxonomy. `months` is how old a review may be, or how long an exemption may last (0: as long
    as it says); `warn_days` how long before its end an exemption is told of.
    """

    name: str
    place: Place
    check: Check
    because: str
    responsible: str
    level: Level = Level.ERROR
    at_least: Fraction | None = None
    at_most: Fraction | None = None
    tags: tuple[RequiredTag, ...] = ()
    exempt: tuple[TagExemption, ...] = ()
    least_evidence: Evidence = Evidence.MANUAL
    months: int = 0
    warn_days: int = 30
    valid: Validity = ALWAYS
