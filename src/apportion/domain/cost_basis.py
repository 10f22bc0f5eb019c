"""The four cost bases by the short names that people use."""

from __future__ import annotations

from apportion.errors import UsageError

BASES = {
    "billed": "BilledCost",
    "effective": "EffectiveCost",
    "list": "ListCost",
    "contracted": "ContractedCost",
}


def basis_named(name: str) -> str:
    """The FOCUS column of a basis, by its short name or its own; nothing stays nothing.

    Raises UsageError for any other name.

    >>> basis_named("billed"), basis_named("ListCost"), basis_named("")
    ('BilledCost', 'ListCost', '')
    """
    if not name or name in BASES.values():
        return name
    if name not in BASES:
        raise UsageError(f"no cost basis is called {name!r}", hint=f"use one of {', '.join(BASES)}")
    return BASES[name]
