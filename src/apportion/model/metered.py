"""A driver whose quantities are metered: which usage makes them."""

from __future__ import annotations

from dataclasses import dataclass

from apportion.errors import Place
from apportion.model import marked_yaml as y
from apportion.model.values import texts_of

Where = tuple[tuple[str, tuple[str, ...]], ...]
"""Columns of usage keys with the values that count."""


@dataclass(frozen=True)
class Metered:
    """The usage that a driver counts.

    `meter` is a quantity of :data:`apportion.domain.usage.QUANTITIES`, a meter of the user's
    own, or `cost`: what the usage would cost by the catalogue and the negotiated prices.
    `sources` are those that count, all when empty, in the order in which one stands for
    another: of two that tell of the same provider on the same day, only the first counts
    where `once` is set. `where` are columns of usage keys with the values that count.
    """

    meter: str
    place: Place
    sources: tuple[str, ...] = ()
    where: Where = ()
    once: bool = False


def read_where(node: y.Node | None) -> Where:
    """The conditions on usage of a checked mapping; none where there is no mapping."""
    filters = node.entries if isinstance(node, y.Mapping) else {}
    return tuple((name, texts_of(values)) for name, values in sorted(filters.items()))
