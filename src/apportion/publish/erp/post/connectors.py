"""The targets that can be posted to, by the name of their format."""

from __future__ import annotations

from collections.abc import Mapping

from apportion.errors import UsageError
from apportion.model.faults import did_you_mean
from apportion.publish.erp.post.connector import Connector
from apportion.publish.erp.post.netsuite import NetSuite
from apportion.publish.erp.post.quickbooks_online import QuickBooks
from apportion.publish.erp.post.sap import Sap
from apportion.publish.erp.post.xero_journals import Xero

CONNECTORS: Mapping[str, type[Connector]] = {
    one.target.name: one for one in (Sap, NetSuite, Xero, QuickBooks)
}
_SHORT = {"sap": Sap.target.name, "netsuite": NetSuite.target.name}


def connector_named(name: str) -> type[Connector]:
    """A target by the name of its format, or by its product's; raises UsageError.

    >>> connector_named("sap").target.name
    'sap-journal-entry'
    """
    found = CONNECTORS.get(_SHORT.get(name, name))
    if found is None:
        raise UsageError(
            f"nothing can be posted to {name!r}",
            why="only targets with an interface are posted to; the others are files",
            hint=did_you_mean(name, (*CONNECTORS, *_SHORT), f"known: {', '.join(CONNECTORS)}"),
        )
    return found
