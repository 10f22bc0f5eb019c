"""What drove a change, as a JSON document. Amounts have up to 18 places, as text."""

from __future__ import annotations

from fractions import Fraction

from apportion.domain.owner import Owner
from apportion.insight.mover_values import ItemMove, LineMove, Moved, Movers, PoolMove, top
from apportion.insight.price_volume_mix import EFFECTS, Effects
from apportion.publish.documents import Document, decimal_text, finding_document


def movers_document(found: Moved, most: int) -> Document:
    """The change between two periods; keys may be added, never renamed."""
    return {
        "period": str(found.after.period),
        "against": str(found.before.period),
        "run": found.after.id,
        "run_against": found.before.id,
        "same_model": found.before.model == found.after.model,
        "basis": found.after.basis,
        "team": found.team or None,
        "findings": [finding_document(one) for one in found.findings],
        "movers": [_movers(one, most) for one in found.movers],
        "pool_charges": [_charge(one) for one in found.charges[:most]],
    }


def _movers(found: Movers, most: int) -> Document:
    shown, rest, count = top(found.items, most)
    return {
        "currency": found.currency,
        **_change(found.before, found.after, found.effects),
        "owners": [
            _owner(owner) | _change(before, after, effects)
            for owner, (before, after, effects) in found.by_owner().items()
        ],
        "lines": [_line(one) for one in found.lines],
        "items": [_item(one) for one in shown],
        "other_items": {"count": count, "change": decimal_text(rest)},
    }


def _change(before: Fraction, after: Fraction, effects: Effects) -> Document:
    return {
        "before": decimal_text(before),
        "after": decimal_text(after),
        "change": decimal_text(after - before),
        "effects": {name: decimal_text(getattr(effects, name)) for name in EFFECTS},
    }


def _owner(owner: Owner) -> Document:
    return {"owner": owner.name, "kind": str(owner.kind)}


def _line(one: LineMove) -> Document:
    line = one.line
    return {
        "line": line.id,
        **_owner(line.owner),
        "line_kind": str(line.kind),
        "pool": line.pool or None,
        "service": line.service or None,
        **_change(one.before, one.after, one.effects),
    }


def _item(one: ItemMove) -> Document:
    return {
        "name": one.name,
        "names": list(one.names),
        "who": list(one.who),
        "line": one.line.id,
        "owner": one.line.owner.name,
        "pool": one.line.pool or None,
        "service": one.line.service or None,
        "line_kind": str(one.line.kind),
        "unit": one.unit,
        "quantity_before": decimal_text(one.quantity_before),
        "quantity_after": decimal_text(one.quantity_after),
        "before": decimal_text(one.before),
        "after": decimal_text(one.after),
        "change": decimal_text(one.change),
        "effect": one.effect or None,
    }


def _charge(one: PoolMove) -> Document:
    return {
        "pool": one.pool,
        "currency": one.currency,
        "name": one.name,
        "unit": one.unit,
        "quantity_before": decimal_text(one.quantity_before),
        "quantity_after": decimal_text(one.quantity_after),
        "before": decimal_text(one.before),
        "after": decimal_text(one.after),
        "change": decimal_text(one.change),
    }
