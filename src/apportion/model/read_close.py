"""Read the sections `close` and `accrual` of apportion.yaml."""

from __future__ import annotations

from decimal import Decimal

from apportion.model import marked_yaml as y
from apportion.model.close_spec import ERROR, AccrualSpec, CloseSpec, Materiality
from apportion.model.faults import Faults, did_you_mean
from apportion.model.values import as_quantity, text_of


def read_close(node: y.Node | None, faults: Faults) -> CloseSpec:
    """What a close needs; its shape has been checked."""
    if not isinstance(node, y.Mapping):
        return CloseSpec()
    return CloseSpec(
        level=text_of(node, "level") or ERROR,
        bound=_at_least(node, "bound", 1, 3, faults),
        norm_months=_at_least(node, "norm_months", 1, 6, faults),
        approvals=_at_least(node, "approvals", 0, 0, faults),
        review_required=text_of(node, "review") == "required",
        materiality=_materiality(node.entries.get("materiality")),
    )


def read_accrual(node: y.Node | None, sources: y.Node | None, faults: Faults) -> AccrualSpec:
    """How months are estimated; a source that isn't declared is a fault."""
    if not isinstance(node, y.Mapping):
        return AccrualSpec()
    known = tuple(sources.entries) if isinstance(sources, y.Mapping) else ()
    methods = node.entries.get("methods")
    found: dict[str, str] = {}
    for name in methods.entries if isinstance(methods, y.Mapping) else ():
        assert isinstance(methods, y.Mapping)
        if name not in known:
            faults.add(
                methods.keys[name],
                f"no source is called {name!r}",
                hint=did_you_mean(name, known, "see `sources`"),
            )
        found[name] = text_of(methods, name)
    return AccrualSpec(_at_least(node, "months", 1, 3, faults), found)


def _at_least(node: y.Mapping, key: str, least: int, usual: int, faults: Faults) -> int:
    text = text_of(node, key)
    if not text:
        return usual
    if int(text) < least:
        faults.add(node.entries[key], f"`{key}` is at least {least}", hint=f"leave it out: {usual}")
    return int(text)


def _materiality(node: y.Node | None) -> Materiality:
    if not isinstance(node, y.Mapping):
        return Materiality()
    return Materiality(_size(node, "amount"), _size(node, "percent"))


def _size(node: y.Mapping, key: str) -> Decimal | None:
    text = text_of(node, key)
    return as_quantity(text) if text else None
