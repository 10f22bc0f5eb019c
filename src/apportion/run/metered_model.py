"""A model whose metered drivers have the quantities of a month."""

from __future__ import annotations

from dataclasses import replace

from apportion.domain.finding import Finding
from apportion.domain.period import Period, Span
from apportion.model.project import Model
from apportion.model.terms.usage_cost import holds_usage
from apportion.run.usage_desk import COST
from apportion.run.workspace import Workspace


def is_metered(model: Model) -> bool:
    """Whether usage decides on anything in a model."""
    return any(driver.metered for driver in model.drivers.values()) or any(
        holds_usage(pool) for pool in model.pools
    )


def goes_by_prices(model: Model) -> bool:
    """Whether what usage would cost decides on anything in a model."""
    costs = (one.metered and one.metered.meter == COST for one in model.drivers.values())
    return any(costs) or any(holds_usage(pool) for pool in model.pools)


def usage_findings(workspace: Workspace, model: Model, period: Period) -> tuple[Finding, ...]:
    """What the prices of a period's usage have to say, where a model goes by them."""
    used = workspace.usage.priced(model, period) if goes_by_prices(model) else None
    return used.findings if used else ()


def metered_model(workspace: Workspace, model: Model, span: Span) -> Model:
    """The model with rows in its metered drivers, by its own identities; its hash stays.

    A driver of which no usage is loaded has none, and pools that go by it do what their
    `when_missing` says.
    """
    if not is_metered(model):
        return model
    drivers = {
        name: replace(
            driver,
            rows=tuple(
                row
                for month in span.months
                for row in workspace.usage.rows(model, driver.metered, month)
            ),
        )
        if driver.metered
        else driver
        for name, driver in model.drivers.items()
    }
    return replace(model, drivers=drivers)


def usage_snapshots(workspace: Workspace, model: Model, period: Period) -> tuple[str, ...]:
    """The ids of the usage that a model's drivers count in a period."""
    if not is_metered(model):
        return ()
    return tuple(one.id for one in workspace.usage.snapshots(period))
