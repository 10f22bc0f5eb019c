"""Public traces as projects. Teams, prices and bills are ours: the traces have none.

The Helios trace (hours of sixteen virtual clusters of GPUs, May 2020) and ServeGen (hours of 421
clients of five models), as hourly sums were made of them; OpenShift's reports are generated.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from textwrap import dedent
from typing import Any

from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.load.usage import UsageLoad
from apportion.run.bring_in import bring_in, bring_in_usage
from apportion.run.evaluate import evaluate
from apportion.run.open_project import OpenProject
from bills import row, write_bill
from usage_readers import SHARED, at

Row = Mapping[str, str]

TRACES, OCP = SHARED / "traces", SHARED / "ocp"
TEAMS = ("search", "ads", "vision", "speech")
UNKNOWN = "unallocated"


def team_of(names: Iterable[str]) -> dict[str, str]:
    """Ours: names in their order are dealt to four teams; the last one is nobody's."""
    *known, last = sorted(names)
    return {**{name: TEAMS[n % len(TEAMS)] for n, name in enumerate(known)}, last: UNKNOWN}


class Charged:
    """A project of one month with bills of given services, usage, and a model."""

    def __init__(self, root: Path, month: str) -> None:
        self.root = root
        self.period = Period.parse(month)
        self.loads: tuple[UsageLoad, ...] = ()
        (root / "model").mkdir()

    def bill(self, costs: Mapping[str, str]) -> None:
        first, last = self.period.span.start, self.period.span.until - timedelta(days=1)
        times: dict[str, Any] = {
            "BillingPeriodStart": f"{first}T00:00:00Z",
            "BillingPeriodEnd": f"{self.period.span.until}T00:00:00Z",
            "ChargePeriodStart": f"{last}T00:00:00Z",
            "ChargePeriodEnd": f"{self.period.span.until}T00:00:00Z",
        }
        rows = (row(cost, ServiceName=name, **times) for name, cost in costs.items())
        write_bill(self.root / "bills/bill.csv", rows)

    def declare(self, usage: str, model: str, kind: str, teams: Mapping[str, str]) -> None:
        settings = "name: Trace\ncurrency: USD\nsources: {cloud: {format: focus, path: bills}}\n"
        (self.root / "apportion.yaml").write_text(settings + "usage:\n" + usage)
        units = "".join(f"  - {{name: {team}, kind: team}}\n" for team in TEAMS)
        known = "".join(
            f'  - {{{kind}: "{name}", team: {team}}}\n'
            for name, team in teams.items()
            if team != UNKNOWN
        )
        text = f"organisation:\n{units}identities:\n{known}" + dedent(model)
        (self.root / "model/model.yaml").write_text(text)

    def run(self) -> Run:
        with OpenProject(self.root) as project:
            bring_in(project)
            self.loads = bring_in_usage(project)
            return evaluate(project.workspace, project.model, self.period)


COST = "1234567.89"
BASES: Mapping[str, Callable[[Row], Fraction]] = {
    "quota": lambda row: Fraction(row["total_gpu_num"]),
    "request": lambda row: Fraction(row["running_gpu_num"]) + Fraction(row["pending_gpu_num"]),
    "use": lambda row: Fraction(row["running_gpu_num"]),
    "larger": lambda row: max(BASES["request"](row), BASES["use"](row)),
}
"""The trace says what a virtual cluster has, what runs and what waits. As requested counts what
runs or waits; how busy the GPUs were isn't known, so as used counts what ran."""


def hours_of_helios() -> list[dict[str, str]]:
    with gzip.open(TRACES / "helios_earth_vc_hourly.csv.gz", "rt") as packed:
        return list(csv.DictReader(packed))


def helios(root: Path, rows: Sequence[Row], idle: str) -> tuple[Charged, dict[str, str]]:
    """A cluster that is billed once for each basis; idle cost by a policy. With teams by queue."""
    teams = team_of({one["vc"] for one in rows})
    _write_hours(root / "hours.csv", rows)
    project = Charged(root, "2020-05")
    project.bill({f"by {basis}": COST for basis in BASES})
    meters = {"quota": "quota", "request": "requested", "use": "used", "larger": "max"}
    pools = "".join(
        f"- {{name: {basis}, service: by {basis}, split: {{by: practical_capacity, "
        f"driver: {basis}, reserved: quota, idle: {idle}}}}}\n"
        for basis in BASES
    )
    drivers = "".join(
        f"- {{name: {basis}, unit: GPU hours, usage: {{meter: gpu_hours_{meter}}}}}\n"
        for basis, meter in meters.items()
    )
    project.declare(
        "  cluster: {format: cluster-hours, path: hours.csv}\n",
        f"pools:\n{pools}drivers:\n{drivers}",
        "project",
        teams,
    )
    return project, teams


def _write_hours(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w") as out:
        table = csv.writer(out)
        table.writerow(["time", "queue", "capacity", "quota", "running", "requested", "used"])
        for one in rows:
            asked = BASES["request"](one)
            told = format(float(asked), ".4f")
            assert Fraction(told) == asked
            table.writerow(
                [one["time"], one["vc"], one["total_gpu_num"], one["total_gpu_num"],
                 one["running_gpu_num"], told, one["running_gpu_num"]]
            )  # fmt: skip


def hours_of_servegen() -> list[dict[str, str]]:
    """Its rows with whole counts; those of the trace are sums of rates."""
    with gzip.open(TRACES / "servegen_client_hourly.csv.gz", "rt") as packed:
        rows = list(csv.DictReader(packed))
    return [
        {
            **{name: str(round(float(one[name]))) for name in ("req", "tin", "tout")},
            "client": f"{one['model']}/{one['client_id']}",
            "model": one["model"],
            "hour": one["hour"],
        }
        for one in rows
    ]


def servegen(root: Path, rows: Sequence[Row]) -> tuple[Charged, dict[str, str]]:
    """Clients as keys of a gateway, in October 2026; with teams by client."""
    clients = team_of({one["client"] for one in rows})
    with (root / "clients.csv").open("w") as out:
        table = csv.writer(out)
        table.writerow(["api_key", "provider", "model", "start", "requests", "tin", "tout"])
        for one in rows:
            start = at("2026-10-01T00:00") + timedelta(hours=int(one["hour"]))
            counts = (one["req"], one["tin"], one["tout"])
            table.writerow([one["client"], "ours", one["model"], start, *counts])
    project = Charged(root, "2026-10")
    project.bill({"by price": "50000.01", "at price": "9000000.00", "by request": "1000.00"})
    project.declare(
        "  gateway: {format: csv, path: clients.csv,\n"
        "    columns: {uncached_input_tokens: tin, output_tokens: tout}}\n",
        """
        pools:
          - {name: by price, service: by price, split: {by: driver, driver: cost}}
          - {name: at price, service: at price,
             split: {by: usage_cost, usage: [gateway], difference: keep, when_missing: keep}}
          - {name: by request, service: by request, split: {by: driver, driver: requests}}
        drivers:
          - {name: cost, unit: USD, usage: {meter: cost}}
          - {name: requests, unit: requests, usage: {meter: requests}}
        prices:
          - {provider: ours, meter: uncached_input_tokens, price: 2}
          - {provider: ours, meter: output_tokens, price: 8}
        """,
        "api_key",
        clients,
    )
    return project, clients
