"""The vendors that have a stand-in, by name."""

from __future__ import annotations

from collections.abc import Mapping

from apportion.demo.erp.netsuite import NetSuiteVendor
from apportion.demo.erp.quickbooks import QuickBooksVendor
from apportion.demo.erp.sap import SapVendor
from apportion.demo.erp.stand_in import Vendor
from apportion.demo.erp.xero import XeroVendor

VENDORS: Mapping[str, type[Vendor]] = {
    one.name: one for one in (SapVendor, NetSuiteVendor, XeroVendor, QuickBooksVendor)
}
