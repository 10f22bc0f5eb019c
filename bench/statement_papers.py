"""How long the statements of 500 teams take as PDF, with evidence attached.

Every team has services of its own and shares four pools with all others, one of them by two
drivers, and a month before to be compared with. Load and runs come first and aren't part of it.
Measured is the whole command in a process of its own: reading the run, explaining each line,
finding what moved, setting and writing; on a busy machine the seconds of a core say more than
those on the clock. Then one of the files is verified.

    python bench/statement_papers.py --teams 500
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

MONTHS = ("2026-09", "2026-10")
SERVICES = ("Compute", "Storage", "Database", "Model API")
POOLS = """\
rules:
  - {name: by tag, team_from_tag: team, because: tags were agreed on}
drivers:
  - {name: gpu_hours, unit: hours, file: gpu_hours.csv}
  - {name: requests, unit: requests, file: requests.csv}
pools:
  - {name: cluster, service: Cluster, because: all teams use it,
     split: {by: driver, driver: gpu_hours}}
  - name: gateway
    service: Gateway
    split:
      by: weighted
      drivers: {requests: 60, gpu_hours: 40}
  - {name: support, service: Support, split: {by: direct_cost}}
  - {name: office, service: Office, split: {by: head_count}}
"""


def write_project(folder: Path, teams: int) -> None:
    (folder / "model").mkdir(parents=True)
    (folder / "bills").mkdir()
    (folder / "apportion.yaml").write_text(
        "name: Bench\ncurrency: USD\nsources:\n  cloud: {format: focus, path: bills}\n"
    )
    units = (
        f"  - {{name: t{n}, kind: team, cost_center: C{n}, head_count: {n % 9 + 1}}}\n"
        for n in range(teams)
    )
    budgets = (f"  - {{team: t{n}, amount: '5000'}}\n" for n in range(teams))
    (folder / "model" / "model.yaml").write_text(
        f"organisation:\n{''.join(units)}{POOLS}budgets:\n{''.join(budgets)}"
    )
    for driver in ("gpu_hours", "requests"):
        rows = (f"{month},t{n},{n % 97 + 1}\n" for month in MONTHS for n in range(teams))
        text = f"period,team,quantity\n{''.join(rows)}"
        (folder / "model" / f"{driver}.csv").write_text(text)
    for number, month in enumerate(MONTHS):
        write_bill(folder / "bills" / f"{month}.csv", month, teams, number)


def write_bill(path: Path, month: str, teams: int, number: int) -> None:
    after = f"{month[:5]}{int(month[5:]) + 1:02}"
    head = (
        "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingPeriodStart,"
        "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ChargeClass,"
        "ChargeDescription,BillingAccountId,BillingAccountName,SubAccountId,InvoiceIssuerName,"
        "ProviderName,PublisherName,PricingQuantity,PricingUnit,ServiceCategory,ServiceName,"
        "ResourceId,ResourceName,Tags\n"
    )
    span = f"{month}-01T00:00:00Z,{after}-01T00:00:00Z,{month}-05T00:00:00Z,{month}-06T00:00:00Z"
    with path.open("w") as file:
        file.write(head)
        for n in range(teams):
            tags = json.dumps({"team": f"t{n}"}).replace('"', '""')
            for service in SERVICES:
                hours = (n * 7 + len(service)) % 50 + 10 + number
                cost = f"{hours * 3}.{n % 100:02}"
                _row(file.write, (cost, span), hours, service, n, tags)
        for service in ("Cluster", "Gateway", "Support", "Office"):
            cost = f"{90_000 + number * 7_000}.10"
            _row(file.write, (cost, span), 100, service, 0, "{}")


def _row(
    write: Callable[[str], object],
    money: tuple[str, str],
    hours: int,
    service: str,
    n: int,
    tags: str,
) -> None:
    cost, span = money
    write(
        f"{cost},{cost},{cost},{cost},USD,{span},Usage,,use,1,Acme,11,Cloud,Cloud,Cloud,"
        f'{hours},Hours,Compute,{service},r-{service}-{n},m-{service}-{n},"{tags}"\n'
    )


def command(folder: Path, *words: str) -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "apportion", "--project", str(folder), *words],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--teams", type=int, default=500)
    parser.add_argument("--formats", default="pdf")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name) / "project", Path(name) / "out"
        write_project(folder, asked.teams)
        command(folder, "load")
        for month in MONTHS:
            command(folder, "run", "--period", month)
        words = ("statements", "--period", MONTHS[1], "--to", str(out), "--format", asked.formats)
        before = os.times()
        seconds = command(folder, *words)
        after = os.times()
        busy = sum(after[2:4]) - sum(before[2:4])
        files = sorted(out.glob("*.pdf"))
        verified = command(folder, "verify", str(files[0])) if files else None
        result = {
            "teams": asked.teams,
            "formats": asked.formats,
            "seconds": round(seconds, 2),
            "seconds of a core": round(busy, 2),
            "verify one, seconds": None if verified is None else round(verified, 2),
            "bytes each": sum(one.stat().st_size for one in files) // max(len(files), 1),
            "cores": os.cpu_count(),
        }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
