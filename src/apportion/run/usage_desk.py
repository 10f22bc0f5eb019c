"""Usage of a month with its owners, as relations that drivers and reports read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
from sqlglot import exp

from apportion.attribute.identify import identify
from apportion.domain.finding import Finding
from apportion.domain.period import Period
from apportion.domain.snapshot import LakeFile, Snapshot, SnapshotKind
from apportion.domain.usage import COUNTS, LOST
from apportion.errors import Place
from apportion.model.digest import digest_of
from apportion.model.identities import ATTRIBUTE
from apportion.model.metered import Metered
from apportion.model.pools import DriverRow
from apportion.model.project import Model
from apportion.store.relation import column, columns, sql, table, text

COST = "cost"
"""The meter of what usage would cost at its prices."""

if TYPE_CHECKING:
    from apportion.run.workspace import Workspace


@dataclass(frozen=True)
class Usage:
    """Names of relations of a month's usage, of all sources.

    `keys`: KeyId, Source and what the key is made of. `daily`: KeyId, UsageDate, Meter, Unit,
    Quantity, Per, Records. `owned`: KeyId, UsageDate, Owner, OwnerKind, Identity.
    `priced`, once it was asked for: KeyId, UsageDate, Meter, Quantity, Per, Amount, Divisor,
    Currency, IsPriced; Quantity ÷ Per is in the meter's unit, Amount ÷ Divisor the cost;
    `findings` say what has no price.
    """

    snapshots: tuple[Snapshot, ...]
    keys: str
    daily: str
    owned: str
    priced: str = ""
    findings: tuple[Finding, ...] = ()


class CountedUse(NamedTuple):
    """What one key used on a day, as a driver counts it; `outcome` is set where it was lost."""

    key: str
    day: date
    owner: str
    outcome: str
    quantity: Fraction


class UsageDesk:
    """A project's usage at hand; what was laid out for a month stays for the next question."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.engine = workspace.engine
        self._laid: dict[tuple[str, ...], tuple[str, str]] = {}
        self._owned: dict[tuple[object, ...], Usage] = {}
        self._rows: dict[tuple[object, ...], tuple[DriverRow, ...]] = {}
        self._priced: dict[tuple[object, ...], Usage] = {}
        self._number = count()

    def snapshots(self, period: Period) -> tuple[Snapshot, ...]:
        """The current snapshots of usage of a month."""
        return self.workspace.current(period, SnapshotKind.USAGE)

    def usage(self, model: Model, period: Period) -> Usage | None:
        """A month's usage with its owners by a model; None where no usage is loaded."""
        snapshots = self.snapshots(period)
        if not snapshots:
            return None
        names = tuple(one.id for one in snapshots)
        teams = tuple(team.name for team in model.organisation.teams)
        key = (names, teams, digest_of(model.identities))
        if key not in self._owned:
            keys, daily = self._lay_out(snapshots)
            owned = f"usage.owned.{next(self._number)}"
            identify(self.engine, model.identities, teams, keys=keys, days=daily, into=owned)
            self._owned[key] = Usage(snapshots, keys, daily, owned)
        return self._owned[key]

    def priced(self, model: Model, period: Period) -> Usage | None:
        """A month's usage at its prices, too; None where no usage is loaded."""
        from apportion.price.price_usage import price_usage
        from apportion.price.pricing_findings import pricing_findings
        from apportion.price.usage_relations import PRICED, UNPRICED, UsageRelations

        used = self.usage(model, period)
        if used is None:
            return None
        key = (used.owned, digest_of(model.prices), str(period))
        if key not in self._priced:
            events = self.events(used, [one.name for one in COUNTS])
            names = self.engine.fetch(
                sql("SELECT * FROM _k LIMIT 0", _k=table(used.keys))
            ).column_names
            attributes = tuple(
                one.removeprefix(ATTRIBUTE) for one in names if one.startswith(ATTRIBUTE)
            )
            relations = UsageRelations(used.keys, used.daily, events, attributes)
            made = price_usage(self.engine, relations, model.prices, period.span)
            priced = f"usage.priced.{next(self._number)}"
            self.engine.create(priced, _both(PRICED, UNPRICED))
            told = pricing_findings(self.engine, made)
            self._priced[key] = replace(used, priced=priced, findings=told)
        return self._priced[key]

    def events(self, used: Usage, names: Sequence[str]) -> str:
        """The records of a month, of all sources, with some of their meters: the relation's name.

        KeyId is that of the relation of keys; times are UsageStart and UsageEnd.
        """
        parts: list[exp.Query] = []
        for number, snapshot in enumerate(used.snapshots):
            read = f"{used.daily}.events.{number}"
            files = [self.workspace.lake.checked(file) for file in files_of(snapshot, "usage")]
            self.engine.files(read, files)
            parts.append(
                sql(
                    """
                    SELECT _source || ' ' || r.KeyId AS KeyId, r.UsageStart, r.UsageEnd, _names
                    FROM _r AS r
                    """,
                    _source=text(snapshot.source),
                    _names=columns(names, "r"),
                    _r=table(read),
                )
            )
        whole = parts[0]
        for part in parts[1:]:
            whole = exp.union(whole, part, distinct=False)
        name = f"{used.daily}.events of {','.join(names)}"
        self.engine.view(name, whole)
        return name

    def _lay_out(self, snapshots: Sequence[Snapshot]) -> tuple[str, str]:
        """Register keys and daily quantities of all sources; done once for the same snapshots."""
        names = tuple(one.id for one in snapshots)
        if names not in self._laid:
            number = next(self._number)
            keys, daily = f"usage.keys.{number}", f"usage.daily.{number}"
            self.engine.create(keys, self._union(keys, snapshots, "usage_keys"))
            self.engine.create(daily, self._union(daily, snapshots, "usage_daily"))
            self._laid[names] = keys, daily
        return self._laid[names]

    def _union(self, name: str, snapshots: Sequence[Snapshot], role: str) -> exp.Query:
        """The rows of a role, each with its source; ids are unique over sources then.

        An attribute that a source doesn't have is null there.
        """
        parts: list[exp.Query] = []
        columns: dict[str, None] = {}
        held: list[tuple[str, str, list[str]]] = []
        for number, snapshot in enumerate(snapshots):
            read = f"{name}.read.{number}"
            files = [self.workspace.lake.checked(file) for file in files_of(snapshot, role)]
            self.engine.files(read, files)
            there = self.engine.fetch(sql("SELECT * FROM _r LIMIT 0", _r=table(read))).column_names
            columns |= dict.fromkeys(one for one in there if one != "KeyId")
            held.append((snapshot.source, read, there))
        for source, read, there in held:
            values = [
                column(one, "r")
                if one in there
                else exp.alias_(exp.cast(exp.null(), exp.DataType.Type.VARCHAR), one, quoted=True)
                for one in columns
            ]
            parts.append(
                sql(
                    """
                    SELECT _source || ' ' || r.KeyId AS KeyId, _source AS Source, _values
                    FROM _r AS r
                    """,
                    _source=text(source),
                    _values=values,
                    _r=table(read),
                )
            )
        whole = parts[0]
        for part in parts[1:]:
            whole = exp.union(whole, part, distinct=False)
        return whole

    def rows(self, model: Model, metered: Metered, period: Period) -> tuple[DriverRow, ...]:
        """What a metered driver counts in a month: by owner and day, lost use by itself."""
        cost = metered.meter == COST
        used = self.priced(model, period) if cost else self.usage(model, period)
        if used is None:
            return ()
        key = (used.owned, used.priced, digest_of(metered))
        if key not in self._rows:
            self._rows[key] = tuple(self._count(used, metered))
        return self._rows[key]

    def _count(self, used: Usage, metered: Metered) -> Iterable[DriverRow]:
        query = sql(
            """
            SELECT b.UsageDate, b.Owner, b.Outcome, b.Per, sum(b.Quantity) AS Quantity
            FROM _counted AS b
            GROUP BY b.UsageDate, b.Owner, b.Outcome, b.Per
            ORDER BY b.UsageDate, b.Owner, b.Outcome
            """,
            _counted=self._counted(used, metered),
        )
        place = Place(f"usage of {', '.join(metered.sources) or 'all sources'}")
        for row in self.engine.fetch(query).to_pylist():
            day = row["UsageDate"]
            yield DriverRow(
                team=row["Owner"],
                start=day,
                until=day.fromordinal(day.toordinal() + 1),
                quantity=Fraction(row["Quantity"]) / row["Per"],
                place=place,
                outcome=row["Outcome"],
            )

    def counted_use(self, model: Model, metered: Metered, period: Period) -> Iterator[CountedUse]:
        """What a metered driver counts in a month, key by key: the same as `rows`, in full."""
        cost = metered.meter == COST
        used = self.priced(model, period) if cost else self.usage(model, period)
        if used is None:
            return
        query = sql(
            """
            SELECT b.KeyId, b.UsageDate, b.Owner, b.Outcome, b.Per, sum(b.Quantity) AS Quantity
            FROM _counted AS b
            GROUP BY b.KeyId, b.UsageDate, b.Owner, b.Outcome, b.Per
            ORDER BY b.KeyId, b.UsageDate, b.Per
            """,
            _counted=self._counted(used, metered),
        )
        for row in self.engine.fetch(query).to_pylist():
            yield CountedUse(
                row["KeyId"],
                row["UsageDate"],
                row["Owner"],
                row["Outcome"],
                Fraction(row["Quantity"]) / row["Per"],
            )

    def _counted(self, used: Usage, metered: Metered) -> exp.Query:
        """The quantities that a metered driver counts, with their owners and outcomes."""
        ranks = f"{used.owned}.ranks"
        self.engine.rows(ranks, source_ranks(metered.sources, used.snapshots))
        conditions = [
            exp.In(this=column(name, "k"), expressions=[text(value) for value in values])
            for name, values in metered.where
        ]
        return sql(
            """
            SELECT c.KeyId, c.UsageDate, c.Per, c.Quantity, c.Outcome,
                   coalesce(nullif(c.Owner, ''), 'unallocated') AS Owner
            FROM (
                SELECT d.KeyId, d.UsageDate, d.Per, d.Quantity, o.Owner, s.SourceRank,
                       CASE WHEN _lost THEN k.Status ELSE '' END AS Outcome,
                       min(s.SourceRank) OVER (
                           PARTITION BY lower(coalesce(k.ProviderName, '')), d.UsageDate) AS First
                FROM _daily AS d
                JOIN _keys AS k ON k.KeyId = d.KeyId
                JOIN _owned AS o ON o.KeyId = d.KeyId AND o.UsageDate = d.UsageDate
                JOIN _ranks AS s ON s.Source = k.Source
                WHERE d.Meter = _meter AND _where
            ) AS c
            WHERE _once
            """,
            _daily=_costs(used.priced) if metered.meter == COST else table(used.daily),
            _keys=table(used.keys),
            _owned=table(used.owned),
            _ranks=table(ranks),
            _meter=text(metered.meter),
            _lost=exp.In(this=column("Status", "k"), expressions=[text(one) for one in LOST]),
            _where=exp.and_(*conditions) if conditions else exp.true(),
            _once=exp.EQ(this=column("SourceRank", "c"), expression=column("First", "c"))
            if metered.once
            else exp.true(),
        )


def _costs(priced: str) -> exp.Query:
    """What was used at its price, as quantities of the meter `cost`."""
    return sql(
        """
        SELECT p.KeyId, p.UsageDate, _cost AS Meter, p.Amount AS Quantity,
               p.Divisor AS Per
        FROM _priced AS p WHERE p.IsPriced
        """,
        _cost=text(COST),
        _priced=table(priced),
    )


def files_of(snapshot: Snapshot, role: str) -> list[LakeFile]:
    """A usage snapshot's files of a role.

    Its last unit is the one that counts the month; where it has records of its own, these
    count, and else those of all files.
    """
    counted = [file for file in snapshot.units[-1].files if file.role == role]
    if counted or role != "usage":
        return counted
    return [file for unit in snapshot.units for file in unit.files if file.role == role]


def source_ranks(wanted: Sequence[str], snapshots: Iterable[Snapshot]) -> pa.Table:
    """The sources that count (all, where none is named), in the order of precedence."""
    loaded = sorted({one.source for one in snapshots})
    sources = [one for one in wanted if one in loaded] if wanted else loaded
    return pa.table(
        {
            "Source": pa.array(sources, pa.string()),
            "SourceRank": pa.array(range(len(sources)), pa.int64()),
        }
    )


def _both(priced: str, unpriced: str) -> exp.Query:
    """What has a price and what has none, as one relation."""
    return sql(
        """
        SELECT p.KeyId, p.UsageDate, p.Meter, p.Quantity, p.Per, p.Amount, p.Divisor, p.Currency,
               TRUE AS IsPriced
        FROM _priced AS p
        UNION ALL
        SELECT u.KeyId, u.UsageDate, u.Meter, u.Quantity, u.Per, NULL, NULL, NULL, FALSE
        FROM _unpriced AS u
        """,
        _priced=table(priced),
        _unpriced=table(unpriced),
    )
