"""The formats that journals can be written in, by name."""

from __future__ import annotations

from collections.abc import Mapping

from apportion.publish.erp import (
    beancount,
    dynamics_365,
    generic_csv,
    hledger,
    netsuite_csv,
    netsuite_rest,
    oracle_fusion,
    quickbooks,
    sap_journal_entry,
    sap_upload,
    workday,
    xero,
)
from apportion.publish.erp.target import Target

TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (
        sap_journal_entry.TARGET,
        sap_upload.TARGET,
        netsuite_rest.TARGET,
        netsuite_csv.TARGET,
        oracle_fusion.TARGET,
        dynamics_365.TARGET,
        workday.TARGET,
        quickbooks.TARGET,
        xero.TARGET,
        beancount.TARGET,
        hledger.HLEDGER,
        hledger.LEDGER,
        generic_csv.TARGET,
    )
}
"""Quantities are another matter: see :mod:`~apportion.publish.erp.sap_activity`."""
