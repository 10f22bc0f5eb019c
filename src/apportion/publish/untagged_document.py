"""The document of `apportion untagged --json`: keys may be added here, never renamed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from apportion.insight.compliance import FORMULA, KeyCompliance
from apportion.insight.coverage import Part
from apportion.insight.tag_schema import ProposedKey, schema_yaml
from apportion.insight.untagged import Untagged, UntaggedResource
from apportion.publish.documents import amount

Document = dict[str, Any]


def untagged_document(found: Untagged, others: Iterable[Untagged] = ()) -> Document:
    """The analysis of one currency; further currencies have documents of the same form."""
    document: Document = {
        "period": str(found.period),
        "currency": found.currency,
        "basis": found.basis,
        "coverage": {
            "total": amount(found.coverage.total),
            "direct": _part(found.coverage.direct),
            "shared": _part(found.coverage.shared),
            "unallocated": _part(found.coverage.unallocated),
        },
        "compliance": {
            "formula": FORMULA,
            "taggable": amount(plain(found.compliance.taggable)),
            "compliant": amount(plain(found.compliance.compliant)),
            "percent": amount(found.compliance.percent),
            "keys": [_key(key) for key in found.compliance.keys],
        },
        "number": found.number,
        "cost": amount(plain(found.cost)),
        "resources": [_resource(one) for one in found.resources],
        "misspellings": [
            {
                "key": one.key,
                "value": one.value,
                "meant": one.meant,
                "cost": amount(plain(one.cost)),
                "charges": one.charges,
                "similarity": one.percent,
                "why": one.why,
            }
            for one in found.misspellings
        ],
        "similar_keys": [
            {"key": one.key, "like": one.like, "why": one.why, "cost": amount(plain(one.cost))}
            for one in found.similar_keys
        ],
        "schema": [_proposed(key) for key in found.schema],
        "schema_yaml": schema_yaml(found.schema, found.coverage.total),
    }
    further = [untagged_document(other) for other in others]
    if further:
        document["other_currencies"] = further
    return document


def plain(value: Decimal) -> Decimal:
    """An exact amount without the zeros that the engine's scale adds; never in exponent form."""
    short = value.normalize()
    exponent = short.as_tuple().exponent
    return short.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else short


def _part(part: Part) -> Document:
    return {"amount": amount(part.amount), "percent": amount(part.percent)}


def _key(key: KeyCompliance) -> Document:
    return {
        "key": key.key,
        "percent": amount(key.percent),
        "compliant": amount(plain(key.compliant)),
        "exact": amount(plain(key.exact)),
        "otherwise_spelt": amount(plain(key.otherwise)),
        "not_allowed": amount(plain(key.strange)),
        "missing": amount(plain(key.missing)),
    }


def _resource(one: UntaggedResource) -> Document:
    resource, proposal = one.resource, one.verdict.proposal
    return {
        "resource": resource.thing.id or None,
        "name": resource.name or None,
        "service": resource.service or None,
        "account": resource.account or None,
        "account_name": resource.account_name or None,
        "region": resource.region or None,
        "cost": amount(plain(resource.cost)),
        "days": one.days,
        "charges": resource.charges,
        "state": one.state,
        "missing_tags": list(resource.missing),
        "tags": {
            link.removeprefix("tag."): value
            for link, value in sorted(resource.links)
            if link.startswith("tag.")
        },
        "likely_owner": None
        if proposal is None
        else {
            "team": proposal.team,
            "score": proposal.score,
            "evidence": [
                {"clue": str(part.clue), "points": part.points, "words": part.words}
                for part in proposal.parts
            ],
        },
        "no_proposal": one.verdict.why_not or None,
    }


def _proposed(key: ProposedKey) -> Document:
    return {
        "key": key.name,
        "required": key.required,
        "cost": amount(plain(key.cost)),
        "distinct_values": key.distinct,
        "synonyms": list(key.synonyms),
        "values": list(key.values),
        "aliases": {value: list(spellings) for value, spellings in key.aliases.items()},
    }
