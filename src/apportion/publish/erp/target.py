"""A target: what it is called, what it takes, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from apportion.domain.finding import Finding, Level
from apportion.domain.journal import JournalDocument
from apportion.errors import UsageError
from apportion.publish.erp.fit import Fitted, fit
from apportion.publish.erp.limits import Limits
from apportion.publish.erp.settings import ErpSettings

Parts = Sequence[JournalDocument]
Files = Mapping[str, bytes]
"""What is written: contents by name."""


def file_name(text: str) -> str:
    """A text as part of a file's name: what could lead elsewhere is written as %2F and the like.

    >>> file_name("cb-DE/1-2026-10")
    'cb-DE%2F1-2026-10'
    """
    return quote(text, safe="")


def nothing_else(parts: Parts, settings: ErpSettings) -> Iterator[Finding]:
    """For targets that ask nothing beyond their limits."""
    return iter(())


@dataclass(frozen=True)
class Target:
    """A format of journals. `render` takes parts that fit; `asks` is what only this target asks."""

    name: str
    title: str
    limits: Limits
    render: Callable[[Parts, ErpSettings], Files]
    asks: Callable[[Parts, ErpSettings], Iterator[Finding]] = nothing_else

    def fit(self, documents: Sequence[JournalDocument], settings: ErpSettings) -> Fitted:
        """The parts of documents as this target takes them, and all that stands against it."""
        fitted = fit(documents, self.limits, settings)
        more = tuple(self.asks(fitted.parts, settings))
        return Fitted(fitted.parts, (*fitted.findings, *more))

    def check(
        self, documents: Sequence[JournalDocument], settings: ErpSettings
    ) -> tuple[Finding, ...]:
        """What keeps documents from being written, and what is changed on the way."""
        return self.fit(documents, settings).findings

    def write(self, documents: Sequence[JournalDocument], settings: ErpSettings) -> Files:
        """The files of documents. Raises UsageError where the check has errors."""
        fitted = self.fit(documents, settings)
        wrong = [one for one in fitted.findings if one.level is Level.ERROR]
        if wrong:
            raise UsageError(
                f"the journal can't be written for {self.title}",
                why="; ".join(one.message for one in wrong[:3]),
                hint=wrong[0].hint,
            )
        return self.render(fitted.parts, settings)
