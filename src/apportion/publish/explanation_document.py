"""The JSON document of an explanation: lines, what they rest on, and the charges behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.domain.money import plain_text
from apportion.domain.result import DriverUse
from apportion.publish.documents import Document, amount, exact, line_document, original_document
from apportion.run.explain import Explanation, Reason, percent
from apportion.run.explain_tree import Node
from apportion.run.said import Origin, Said, Sayings

if TYPE_CHECKING:
    from apportion.run.bill_rows import RowsBehind
    from apportion.run.keys_behind import KeysBehind


@dataclass(frozen=True)
class Behind:
    """By line, what is listed with it: rows of bills, and charge keys."""

    rows: Mapping[str, RowsBehind] | None = None
    keys: Mapping[str, KeysBehind] = field(default_factory=dict)


def explanation_document(
    explanations: Iterable[Explanation], basis: str, said: Sayings, behind: Behind | None = None
) -> Document:
    """Why a team carries its lines; the parts of each line sum to it exactly.

    `said` is what the model says of rules and pools, where it is still the run's.
    """
    behind = behind or Behind()
    lines = [_explanation(found, basis, said) for found in explanations]
    for line in lines:
        if line["id"] in behind.keys:
            line["charge_keys"] = _keys(behind.keys[line["id"]])
        if behind.rows is not None:
            line["bill_rows"] = _rows(behind.rows[line["id"]])
    return {"basis": basis, "model": model_document(said), "lines": lines}


def model_document(said: Sayings) -> Document:
    """The version of the model that a run was made with, and whether it is still the project's."""
    return {"version": said.version, "current": said.now or None, "same": said.same}


def _rows(found: RowsBehind) -> Document:
    return {
        "of": found.count,
        "total": plain_text(found.total),
        "shown": plain_text(found.shown),
        "rows": [
            {
                "day": str(row.day),
                "source": row.source,
                "file": row.file,
                "row": row.row,
                "resource": row.resource or None,
                "service": row.service or None,
                "rule": row.rule or None,
                "amount": plain_text(row.amount),
                "pool": row.pool or None,
                "weight": exact(row.weight),
                "carried": exact(row.carried),
            }
            for row in found.rows
        ],
    }


def _keys(found: KeysBehind) -> Document:
    return {
        "of": found.count,
        "total": plain_text(found.total),
        "shown": plain_text(found.shown),
        "keys": [
            {
                "key": key.key,
                "source": key.source,
                "service": key.service or None,
                "resource": key.resource or None,
                "tags": key.tags or None,
                "rule": key.rule or None,
                "charges": key.charges,
                "amount": plain_text(key.amount),
                "pool": key.pool or None,
                "weight": exact(key.weight),
                "carried": exact(key.carried),
            }
            for key in found.keys
        ],
    }


def _explanation(found: Explanation, basis: str, said: Sayings) -> Document:
    pool, receiver = found.line.pool, found.owner.name
    return {
        "team": found.team or None,
        **line_document(found.line, basis),
        "currency": found.currency,
        "exact": exact(found.exact),
        "rounding": exact(found.rounding),
        "pool_cost": None if found.pool_cost is None else exact(found.pool_cost),
        "own_cost": None if found.own_cost is None else exact(found.own_cost),
        "received": [
            {
                "pool": one.pool,
                "share": exact(one.part),
                "of": exact(one.of),
                "amount": exact(one.amount),
            }
            for one in found.received
        ],
        "share_percent": None if found.share is None else str(percent(found.share)),
        "method": found.method or None,
        "note": found.note or None,
        "said": [said_document(one) for one in (said.of_pool(pool) if pool else ())],
        "drivers": [_driver(use, said.origin(use, receiver, pool)) for use in found.uses],
        "reasons": [_reason(reason) for reason in found.reasons],
        "tree": node_document(found.tree, said),
        "stated": [{"currency": code, "amount": amount(stated)} for code, stated in found.stated],
        "converted": [original_document(original, basis) for original in found.originals],
    }


def _driver(use: DriverUse, origin: Origin | None) -> Document:
    return {
        "driver": use.driver,
        "unit": use.unit,
        "quantity": exact(use.quantity),
        "total": exact(use.total),
        "weight": exact(use.weight),
        "origin": None
        if origin is None
        else {
            "what": origin.words,
            "place": origin.place or None,
            "rows": [
                {
                    "place": row.place,
                    "from": str(row.start),
                    "until": str(row.until),
                    "quantity": exact(row.quantity),
                }
                for row in origin.rows
            ],
        },
    }


def _reason(reason: Reason) -> Document:
    return {
        "rule": reason.rule or None,
        "evidence": str(reason.evidence),
        "source": reason.source,
        "service": reason.service or None,
        "charges": reason.charges,
        "amount": exact(reason.amount),
        "pool": reason.pool or None,
        "meant": reason.meant or None,
    }


def said_document(said: Said) -> Document:
    """What the model states, and where."""
    return {
        "what": said.what,
        "name": said.name,
        "place": said.place or None,
        "method": said.method or None,
        "from": str(said.valid.start) if said.valid.start else None,
        "until": str(said.valid.until) if said.valid.until else None,
        "because": said.because or None,
        "owner": said.responsible or None,
    }


def node_document(node: Node, said: Sayings) -> Document:
    """A part of a line and what it is made of."""
    made: Document = {"kind": str(node.kind), "name": node.name, "amount": exact(node.amount)}
    if node.share is not None and node.of is not None:
        made |= {"share": exact(node.share), "of": exact(node.of)}
    if node.passed is not None:
        made["passed"] = exact(node.passed)
    if node.again:
        made["again"] = True
    if node.reason is not None:
        reason = node.reason
        made |= {
            "evidence": str(reason.evidence),
            "source": reason.source,
            "service": reason.service or None,
            "charges": reason.charges,
            "meant": reason.meant or None,
            "said": [said_document(one) for one in said.of_rule(reason.rule)],
        }
    if node.parts:
        made["parts"] = [node_document(part, said) for part in node.parts]
    return made


def readable(share: Fraction) -> str:
    """A fraction that people take in at a glance; empty where it has too many digits.

    >>> readable(Fraction(43, 75)), readable(Fraction(10**9, 10**9 + 1)), readable(Fraction(2))
    ('43/75', '', '')
    """
    return str(share) if 1 < share.denominator < 10_000 else ""
