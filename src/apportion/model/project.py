"""A project: the folder in the user's git that holds apportion.yaml and the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from apportion.domain.dispute import DisputeTerms
from apportion.domain.mode import Mode, least
from apportion.domain.period import Period
from apportion.domain.rate import RateType
from apportion.errors import Place
from apportion.model.accounting import Accounting
from apportion.model.anomaly_spec import AnomalySpec
from apportion.model.chargeback import DEFAULTS, ChargebackTerms
from apportion.model.classes import ClassRule
from apportion.model.close_spec import AccrualSpec, CloseSpec
from apportion.model.dated import Dated, Validity, on
from apportion.model.delivery_spec import DeliverySpec
from apportion.model.erp_spec import ErpSpec
from apportion.model.governance import GovernancePolicy
from apportion.model.identities import IdentityMap
from apportion.model.organisation import Organisation
from apportion.model.policies import Policy
from apportion.model.pools import Between, Driver, Pool
from apportion.model.pull_spec import PullSpec
from apportion.model.rates import RateSpec
from apportion.model.retention import Retention
from apportion.model.rules import Inheritance, Rule
from apportion.model.same_spend import SameSpend
from apportion.model.stack import StackRule
from apportion.model.table import TableSpec
from apportion.model.taxonomy import Taxonomy
from apportion.model.unit_costs import UnitCostSpec
from apportion.model.usage_prices import UsagePrice
from apportion.model.usage_spec import UsageSpec


class InvoiceGate(StrEnum):
    """What a close of an actual month asks of its invoices.

    required: each source has one that matches. when_there: those that are entered match. no:
    nothing.
    """

    REQUIRED = "required"
    WHEN_THERE = "when_there"
    NO = "no"


@dataclass(frozen=True)
class Control:
    """An outside total that a source's billed cost must equal: an invoice's."""

    period: str
    amount: Decimal
    currency: str
    place: Place
    basis: str = "BilledCost"


@dataclass(frozen=True)
class SourceSpec:
    """A bill to load: its format, where its files lie, and what is known of it.

    `without` lists needed columns that the export is known not to have; `keys`
    lists ``x_`` columns that rules may see besides those that the model names.
    `sheet` and `header` (a row, from 1) say where the table of an Excel workbook
    is; without them, in the first sheet below the first row that isn't blank.
    `final_until` is the last month that won't be restated, as people declare it.
    `endpoint` is the server of a store that `path` is an address in, where it
    isn't the provider's own.
    `currency` is that of amounts which don't name theirs; the project's when
    empty. `table` is how the columns of any table become charges, and `prices`
    the path of the price list beside a table.
    `rate_type` is which rates convert it, where not those of the project.
    `pull` says how `apportion pull` fetches it.
    `recoverable_tax` says whether the tax on its invoices is recovered from the tax office; a
    list of billing accounts says whose is. `rounding` is what the provider may round an invoice
    by, half a minor unit when None. `invoice` is the project's `close.invoice` for this source.

    For Azure's native exports: `cost` says which cost the files carry (actual or
    amortized), `amortized` where the amortised export beside an actual one lies,
    `decimal` the decimal mark (point or comma), `dates` the order of day and month
    in dates such as 09/10/2026; each is empty where it shows in the files.
    """

    name: str
    format: str
    path: str
    place: Place
    control: tuple[Control, ...] = ()
    without: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    sheet: str = ""
    header: int = 0
    endpoint: str = ""
    currency: str = ""
    table: TableSpec | None = None
    prices: str = ""
    rate_type: RateType | None = None
    final_until: str = ""
    cost: str = ""
    amortized: str = ""
    decimal: str = ""
    dates: str = ""
    pull: PullSpec | None = None
    recoverable_tax: bool | tuple[str, ...] = True
    rounding: Decimal | None = None
    invoice: InvoiceGate | None = None

    def recovers(self, account: str) -> bool:
        """Whether the tax that is billed to a billing account is recovered, so that it is no cost.

        >>> SourceSpec("aws", "focus", "", Place("a"), recoverable_tax=("11",)).recovers("12")
        False
        """
        if isinstance(self.recoverable_tax, bool):
            return self.recoverable_tax
        return account in self.recoverable_tax


@dataclass(frozen=True)
class Budget:
    """What a team may spend in a month while this holds."""

    team: str
    amount: Decimal
    currency: str
    valid: Validity
    place: Place


@dataclass(frozen=True)
class Model:
    """The whole allocation model. `hash` is a digest of its content, not of its layout,
    nor of the policies of governance that judge it.
    """

    organisation: Organisation = field(default_factory=Organisation)
    taxonomy: Taxonomy = field(default_factory=Taxonomy)
    rules: tuple[Rule, ...] = ()
    inherit: tuple[Inheritance, ...] = ()
    pools: tuple[Pool, ...] = ()
    drivers: Mapping[str, Driver] = field(default_factory=dict)
    budgets: tuple[Budget, ...] = ()
    classes: tuple[ClassRule, ...] = ()
    policies: tuple[Policy, ...] = ()
    stack: tuple[StackRule, ...] = ()
    allocation: tuple[Dated[Between], ...] = ()
    chargeback: tuple[Dated[ChargebackTerms], ...] = ()
    identities: tuple[IdentityMap, ...] = ()
    prices: tuple[UsagePrice, ...] = ()
    same_spend: tuple[SameSpend, ...] = ()
    accounting: Accounting = field(default_factory=Accounting)
    unit_costs: tuple[UnitCostSpec, ...] = ()
    governance: tuple[GovernancePolicy, ...] = ()
    hash: str = ""

    def between(self, day: date) -> Between:
        """How pools charge each other in the period that begins on a day."""
        return on(self.allocation, day) or Between()

    def terms(self, day: date) -> ChargebackTerms:
        """The terms of chargeback in the period that begins on a day."""
        return on(self.chargeback, day) or DEFAULTS

    def pool_mode(self, name: str, day: date) -> Mode | None:
        """A pool's own mode on a day; without one the modes of its receivers decide."""
        pool = next((pool for pool in self.pools if pool.name == name), None)
        return on(pool.mode, day) if pool else None

    def line_mode(self, team: str, pool: str, day: date) -> Mode:
        """What a line means for a team: the lesser of the modes of the team and the pool."""
        own = self.organisation.mode(team, day)
        return least(own, self.pool_mode(pool, day) or own)


@dataclass(frozen=True)
class Shadow:
    """A model beside the current one, whose amounts statements show for information.

    In the periods from `start` until `until`, which is the first that is no
    longer part; either may be open.
    """

    folder: Path
    name: str
    place: Place
    start: Period | None = None
    until: Period | None = None

    def covers(self, period: Period) -> bool:
        return (self.start is None or self.start <= period) and (
            self.until is None or period < self.until
        )


@dataclass(frozen=True)
class Project:
    """An opened project. `books` is a SQLAlchemy URL; relative paths are made absolute."""

    root: Path
    name: str
    currency: str
    basis: str
    lake: Path
    books: str
    model_folder: Path
    sources: Mapping[str, SourceSpec]
    engine: str = "duckdb"
    engine_address: str = ""
    rates: RateSpec | None = None
    shadow: Shadow | None = None
    usage: Mapping[str, UsageSpec] = field(default_factory=dict)
    erp: Mapping[str, ErpSpec] = field(default_factory=dict)
    invoice: InvoiceGate = InvoiceGate.WHEN_THERE
    retention: Retention = field(default_factory=Retention)
    disputes: DisputeTerms = field(default_factory=DisputeTerms)
    close: CloseSpec = field(default_factory=CloseSpec)
    accrual: AccrualSpec = field(default_factory=AccrualSpec)
    delivery: DeliverySpec = field(default_factory=DeliverySpec)
    anomalies: AnomalySpec = field(default_factory=AnomalySpec)
