"""Loaded charges laid out for attribution, so that a changed model is tried again at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import TracebackType
from typing import NamedTuple
from uuid import uuid4

from apportion.attribute.assign_owner import assign_owner
from apportion.attribute.claims import Claims, claims_of
from apportion.attribute.contested_pools import backwards, contested_pools
from apportion.attribute.cut_spans import cut_spans, days_of
from apportion.attribute.inherit_parent import inherit_parent
from apportion.attribute.lay_out_keys import lay_out_keys
from apportion.attribute.match_rules import match_rules
from apportion.attribute.moments import Moments, moments_of
from apportion.attribute.normalise_tags import normalise_tags
from apportion.attribute.outcomes import Outcomes
from apportion.attribute.provider_usage import Usage, provider_usage, providers_of
from apportion.attribute.remarks import absent, unused
from apportion.attribute.scratch import Scratch
from apportion.attribute.shapes import Shapes, shapes_of
from apportion.attribute.spans import Spans, cut
from apportion.attribute.summarise import summarise
from apportion.attribute.totals import Totals, same, totals
from apportion.domain.finding import Finding
from apportion.domain.period import Span
from apportion.domain.result import Attributed
from apportion.model.cache import collector_paused
from apportion.model.policies import PolicyPool
from apportion.model.project import Model
from apportion.model.rules import TAG
from apportion.model.taxonomy import Taxonomy
from apportion.store.engine import Engine

FAMILIAR = (
    "BillingAccountId",
    "ProviderName",
    "RegionId",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "SubAccountId",
)
"""Columns that most rules look at: kept at hand for the rules that somebody may write next."""


@dataclass(frozen=True)
class Attribution:
    """Who carries what: the summary, the relation with every charge key, and remarks.

    `policies` are the pools into which policies put charges, and `usage` is what
    those that are shared are shared by.
    """

    summary: tuple[Attributed, ...]
    relation: str
    findings: tuple[Finding, ...] = ()
    policies: tuple[PolicyPool, ...] = ()
    usage: Usage = field(default_factory=dict)


class Desk:
    """Charges of some relations, kept ready between models.

    Tags are normalised once for a taxonomy and charges cut once for a set of
    days, so that after an edit of rules only the rules are evaluated. The
    relations that it is given must not change while it is open. Close it to
    release what it keeps.

    `keys` (one row for each KeyId) and `tags` are those of the lake; `daily`
    and `monthly` also have Source and Period. Without `monthly`, days are read.
    `spare` names columns to keep at hand besides those that a model looks at.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        keys: str,
        tags: str,
        daily: str,
        monthly: str | None,
        spare: Collection[str] = FAMILIAR,
    ) -> None:
        self._engine = engine
        self._given = _Given(keys, tags, daily, monthly)
        self._spare = frozenset(spare)
        name = f"desk {uuid4().hex}"
        self._laid = f"{name}.keys"
        self._charges = f"{name}.charges"
        self._model: Model | None = None
        self._claims: Claims | None = None
        self._sorted: tuple[Spans, Shapes, Outcomes] | None = None
        self._turned: Shapes | None = None
        self._taxonomy: Taxonomy | None = None
        self._names: Mapping[str, str] = {}
        self._missing: frozenset[str] = frozenset()
        self._days: tuple[date, date] | tuple[()] | None = None
        self._cuts: tuple[date, ...] | None = None
        self._sums: Totals = {}
        self._providers: tuple[str, ...] | None = None
        self._asked = False

    def attribute(self, model: Model, span: Span, *, into: str = "attributed") -> Attribution:
        """Decide who carries each charge; see :func:`apportion.attribute.attribute`."""
        # Ten thousand rules are some hundred thousand objects, of which none is garbage.
        with collector_paused():
            return self._attribute(model, span, into)

    def _attribute(self, model: Model, span: Span, into: str) -> Attribution:
        engine, claims = self._engine, self._read(model)
        self._lay_out(model.taxonomy, claims)
        spans = self._cut(claims, span)
        shapes, outcomes = self._sort(claims, spans)
        with Scratch(engine, into) as scratch:
            moments = Moments(self._laid, self._names, self._charges)
            if not spans.one:
                at = scratch.name("moments")
                moments = moments_of(engine, claims.inherit, moments, into=at)
            decided = scratch.name("matched")
            match_rules(engine, shapes, moments=moments, into=decided)
            findings = self._contested(claims, moments, decided, into)
            if claims.inherit:
                matched, decided = decided, scratch.name("decided")
                findings += inherit_parent(
                    engine, claims, spans, moments=moments, matched=matched, into=decided
                )
            assign_owner(engine, outcomes, spans, charges=self._charges, decided=decided, into=into)
            self._check(into)
            summary = summarise(
                engine, outcomes, charges=self._charges, decided=decided, laid=self._laid
            )
        remarks = (*absent(claims, self._missing), *unused(claims, shapes, spans, summary.used))
        return Attribution(
            summary.attributed,
            into,
            (*remarks, *findings),
            claims.policies,
            self._usage(claims, summary.attributed, into),
        )

    def close(self) -> None:
        """Release what is kept; the relations of attributions stay."""
        self._engine.drop(self._laid, self._charges)

    def __enter__(self) -> Desk:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _read(self, model: Model) -> Claims:
        """The model's claims, read anew only where it is another model than the last time."""
        if self._model is not model:
            providers = self._providers_there()
            self._model, self._claims, self._sorted = model, claims_of(model, providers), None
        assert self._claims is not None
        return self._claims

    def _providers_there(self) -> tuple[str, ...] | None:
        if not self._asked:
            self._providers, self._asked = providers_of(self._engine, self._given.keys), True
        return self._providers

    def _usage(self, claims: Claims, summary: Iterable[Attributed], attributed: str) -> Usage:
        """What teams use of each provider, where a policy shares anything by it."""
        shared = {pool.name for pool in claims.policies if pool.shared}
        if not any(part.owner.name in shared for part in summary):
            return {}
        return provider_usage(self._engine, attributed=attributed, keys=self._given.keys)

    def _sort(self, claims: Claims, spans: Spans) -> tuple[Shapes, Outcomes]:
        if self._sorted is None or self._sorted[0] != spans:
            self._sorted = (spans, shapes_of(claims, spans), Outcomes(claims, spans))
            self._turned = backwards(claims, spans)
        return self._sorted[1:]

    def _contested(
        self, claims: Claims, moments: Moments, matched: str, into: str
    ) -> tuple[Finding, ...]:
        """Charges that several pools claim."""
        if self._turned is None:
            return ()
        return contested_pools(
            self._engine,
            claims,
            self._turned,
            moments=moments,
            matched=matched,
            charges=self._charges,
            into=f"{into}.contested",
        )

    def _lay_out(self, taxonomy: Taxonomy, claims: Claims) -> None:
        """Keys with all that the model looks at, unless they lie there from the last time."""
        if self._taxonomy == taxonomy and claims.columns <= self._names.keys():
            return
        self._taxonomy = None
        wanted = set(claims.columns | self._spare)
        if self._spare:
            wanted.update(TAG + name for name in taxonomy.keys)
        tags = {name.removeprefix(TAG) for name in wanted if name.startswith(TAG)}
        given = self._given
        with Scratch(self._engine, self._laid) as scratch:
            at = scratch.name("tags")
            normalise_tags(self._engine, taxonomy, tags=given.tags, wanted=tags, into=at)
            self._names, self._missing = lay_out_keys(
                self._engine, wanted, keys=given.keys, normalised=at, into=self._laid
            )
        self._taxonomy = taxonomy

    def _cut(self, claims: Claims, span: Span) -> Spans:
        """Charges by the spans that the model makes, unless they were cut so the last time.

        Keys are numbered in the order of KeyId, so charges stay right when keys
        are laid out anew.
        """
        given = self._given
        if self._days is None:
            self._days = days_of(self._engine, daily=given.daily, monthly=given.monthly)
            self._sums = totals(self._engine, given.monthly or given.daily)
        first, last = self._days or (span.start, span.start)
        spans = cut(min(span.start, first), max(span.start, last), claims.cuts)
        if self._cuts != spans.starts[1:]:
            self._cuts = None
            cut_spans(
                self._engine,
                spans,
                daily=given.daily,
                monthly=given.monthly,
                laid=self._laid,
                into=self._charges,
            )
            self._cuts = spans.starts[1:]
        return spans

    def _check(self, attributed: str) -> None:
        """Raise ProofError unless the charges that came in are those that were attributed."""
        after = totals(self._engine, attributed)
        if after != self._sums:
            same(self._sums, totals(self._engine, self._charges), "cut_spans")
            same(self._sums, after, "assign_owner")


class _Given(NamedTuple):
    """Names of the relations that hold the charges."""

    keys: str
    tags: str
    daily: str
    monthly: str | None
