"""A closed month that is to be posted, and a stand-in for each ERP to post it to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from apportion.demo.erp.entry_book import EntryBook
from apportion.demo.erp.stand_in import StandIn, serving
from apportion.demo.erp.vendors import VENDORS
from apportion.ledger.close import close
from apportion.publish.erp.post.post_period import Outside, Posted, post
from bills import row
from small_projects import MODEL, OCTOBER, Small

SECRET = "Zq81-canary-never-shown"
USER = "CC0000000001"
ENVIRONMENT = {
    "APPORTION_SAP_USER": USER,
    "APPORTION_SAP_PASSWORD": SECRET,
    "APPORTION_NETSUITE_TOKEN": SECRET,
    "APPORTION_XERO_TOKEN": SECRET,
    "APPORTION_QUICKBOOKS_TOKEN": SECRET,
}
TARGETS = ("sap", "netsuite", "xero", "quickbooks")
FORMATS = {"sap": "sap-journal-entry", "netsuite": "netsuite-rest"}
_CODES = (
    'codes: {accounts: {"500100": "51", "600100": "61", "659900": "69"}, '
    'cost_centers: {CC-1: "1", CC-2: "2", CC-9: "9"}'
)
SETTINGS = {
    "sap": f"options: {{url: URL, user: {USER}, settled_after: SETTLED}}",
    "netsuite": "options: {url: URL}, "
    + _CODES
    + ', entities: {DE: "1"}, currencies: {USD: "1"}, projects: {WBS-7: "7"}}',
    "xero": "options: {url: URL, account: org-1, currency: USD, status: POSTED}",
    "quickbooks": "options: {url: URL, account: '4711'}, " + _CODES + "}",
}


@dataclass
class Place:
    """A project whose October is closed, and the stand-in that it posts to."""

    small: Small
    server: StandIn
    target: str
    waits: list[float] = field(default_factory=list)

    def post(self, *, actor: str = "ben", reconcile: bool = False) -> Posted:
        outside = Outside(ENVIRONMENT, self.waits.append)
        with self.small.open() as project:
            return post(
                project, OCTOBER, self.target, actor=actor, reconcile=reconcile, outside=outside
            )

    @property
    def kept(self) -> int:
        """How many entries the ERP has."""
        return len(self.server.vendor.book.entries)

    def start(self, script: str, *arguments: str) -> subprocess.Popen[str]:
        """Another process that posts."""
        return subprocess.Popen(
            [sys.executable, "-c", script, str(self.small.root), self.target, *arguments],
            env={**_environment(), **ENVIRONMENT},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def _environment() -> Mapping[str, str]:
    import os

    return os.environ


def project_settings(target: str, url: str, *, more: str = "", settled: int = 0) -> str:
    """The section `erp` of a project that posts to a target."""
    text = SETTINGS[target].replace("URL", url).replace("SETTLED", str(settled))
    return f"erp:\n  {FORMATS.get(target, target)}: {{{text}{more}}}\n"


def closed_october(root: Path, books: str = "") -> Small:
    """October with two teams charged 100.00 and 50.00, closed by ann."""
    small = Small(root)
    if books:
        with (root / "apportion.yaml").open("a") as handle:
            handle.write(f"locations: {{books: '{books}'}}\n")
    small.bill(row("100.00", {"team": "nlp"}), row("50.00", {"team": "cv"}))
    small.write(MODEL)
    small.run()
    with small.open() as project:
        close(project, OCTOBER, actor="ann")
    return small


@contextmanager
def place(
    root: Path,
    target: str,
    faults: Sequence[str] = (),
    *,
    books: str = "",
    book: EntryBook | None = None,
    more: str = "",
    settled: int = 0,
) -> Iterator[Place]:
    """A closed October and its stand-in, which stops with the block."""
    small = closed_october(root, books)
    vendor = VENDORS[target](book or EntryBook())
    with serving(StandIn(vendor, faults=faults)) as server:
        with (root / "apportion.yaml").open("a") as handle:
            handle.write(project_settings(target, server.url, more=more, settled=settled))
        yield Place(small, server, target)
