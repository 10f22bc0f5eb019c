"""Load a project's bills with what its model needs to see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from apportion.load import Progress, SourceLoad, load
from apportion.model.identities import ATTRIBUTE
from apportion.model.project import Model
from apportion.model.terms.usage_cost import BILLED, holds_usage

if TYPE_CHECKING:
    from apportion.load.usage import UsageLoad
from apportion.run.open_project import OpenProject


def bring_in(
    project: OpenProject,
    sources: Sequence[str] | None = None,
    *,
    actor: str = "api",
    progress: Callable[[Progress], None] | None = None,
    done: Callable[[SourceLoad], None] | None = None,
) -> tuple[SourceLoad, ...]:
    """Load the bills of all sources, or of those named; ``x_`` columns that rules name are folded.

    Raises SourceError where a bill can't be read as a whole, LoadConflict where
    another load came first; nothing is changed of that source then, and `done` has been
    told of those before it.
    """
    return load(
        project.settings,
        project.books,
        project.lake,
        visible=visible_columns(project.model),
        classes=project.model.classes,
        sources=sources,
        actor=actor,
        progress=progress,
        done=done,
    )


def bring_in_usage(
    project: OpenProject,
    sources: Sequence[str] | None = None,
    *,
    actor: str = "api",
    progress: Callable[[Progress], None] | None = None,
    done: Callable[[UsageLoad], None] | None = None,
) -> tuple[UsageLoad, ...]:
    """Load the usage of all sources, or of those named; attributes that the model maps or
    prices by are kept.

    Raises like `bring_in`.
    """
    from apportion.load.usage import load_usage
    from apportion.model.usage_prices import attributes_of

    mapped = (one.column for one in project.model.identities)
    return load_usage(
        project.settings,
        project.books,
        project.lake,
        attributes=attributes_of(project.model.prices).union(
            name.removeprefix(ATTRIBUTE) for name in mapped if name.startswith(ATTRIBUTE)
        ),
        sources=sources,
        actor=actor,
        progress=progress,
        done=done,
    )


def visible_columns(model: Model) -> frozenset[str]:
    """The ``x_`` columns that the model's conditions, resource lists and parents look at."""
    seen: set[str] = set()
    for rule in model.rules:
        seen |= rule.condition.columns | {rule.column}
    for pool in model.pools:
        seen |= pool.condition.columns if pool.condition else frozenset()
    for part in model.stack:
        seen |= part.condition.columns
    for policy in model.policies:
        seen |= policy.condition.columns if policy.condition else frozenset()
    for parent in model.inherit:
        seen |= {parent.child, parent.parent}
    if any(holds_usage(pool) for pool in model.pools):
        seen |= {name for names in BILLED.values() for name in names}
    return frozenset(name for name in seen if name.startswith("x_"))
