"""Remarks on how cost is booked."""

from __future__ import annotations

from collections.abc import Iterator

from apportion.domain.finding import Finding, Level
from apportion.model.project import Model


def large_markups(model: Model) -> Iterator[Finding]:
    """Mark-ups that more than double what teams of other entities carry: a slip, most likely."""
    for dated in model.accounting.senders:
        sender = dated.value
        if sender.markup > 1:
            yield Finding(
                "markup-large",
                Level.WARNING,
                f"entity {sender.entity} adds a mark-up of {float(sender.markup) * 100:g} %",
                sender.place,
                hint="a mark-up is in percent of cost: `markup: 5%` makes 100 into 105",
            )
