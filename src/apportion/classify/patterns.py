"""Patterns: which charges one knows, and what it reads from their texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from apportion.classify.subject import Subject
from apportion.classify.tables import rows

REGION = r"(?:(?:(?-i:[A-Z]{2,4})\d|EU)-)?"
"""The prefix of AWS usage types outside us-east-1, which may be spelt there too."""

COMPUTE = "compute"
"""In place of a class: that of the accelerators that the machine has, else CPU compute."""

Test = re.Pattern[str] | None


@dataclass(frozen=True)
class Pattern:
    """One row of the catalogue: all texts that it asks for must be there.

    Groups of `service` and `meter` say more: `model`, `words` (all of which must
    be known), `mixed` (a model's name among known words), `machine`, `gpu`, `count`.
    `sets` gives further values outright.
    """

    name: str
    cost_class: str
    category: Test = None
    nature: Test = None
    service_category: Test = None
    service: Test = None
    meter: Test = None
    unit: Test = None
    ai_service: str = ""
    dialect: str = ""
    sets: Mapping[str, str] = field(default_factory=dict)

    def suits(self, subject: Subject) -> Mapping[str, str] | None:
        """What it reads from category and service; None where these aren't what it asks for."""
        if self.category and not self.category.search(subject.category):
            return None
        if self.nature and not self.nature.search(" ".join(subject.natures)):
            return None
        if self.service_category and not self.service_category.search(subject.service_category):
            return None
        return _search(self.service, (*subject.services, *subject.providers))

    def reads(self, subject: Subject) -> Iterable[Mapping[str, str]]:
        """What it reads from each meter that it matches, the most telling first."""
        if self.unit and _search(self.unit, subject.units) is None:
            return
        if self.meter is None:
            yield {}
            return
        for text in subject.meters:
            if found := self.meter.search(text):
                yield _groups(found)


def _search(test: Test, texts: Iterable[str]) -> Mapping[str, str] | None:
    if test is None:
        return {}
    for text in texts:
        if found := test.search(text):
            return _groups(found)
    return None


def _groups(found: re.Match[str]) -> Mapping[str, str]:
    return {name: text for name, text in found.groupdict().items() if text}


@cache
def catalogue() -> tuple[Pattern, ...]:
    """The patterns that come with apportion, in the order in which they are tried."""
    return tuple(_pattern(row) for row in rows("patterns"))


def _pattern(row: Mapping[str, str]) -> Pattern:
    return Pattern(
        name=row["name"],
        cost_class=row["class"],
        ai_service=row["ai_service"],
        dialect=row["dialect"],
        sets=dict(part.split("=") for part in row["sets"].split()),
        **{
            name: _test(row[name])
            for name in ("category", "nature", "service_category", "service", "meter", "unit")
        },
    )


def _test(written: str) -> Test:
    return re.compile(written.replace("{region}", REGION), re.IGNORECASE) if written else None
