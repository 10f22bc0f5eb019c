"""How long a close takes: a month of a million daily facts and five thousand journal lines.

Teams in chargeback have machines and a store of their own, each on its account; every machine
is charged every day. Load and run come first and aren't part of it. The close is the whole
command in a process of its own: proof, checks, journal, books, audit.

    python bench/close_month.py --teams 2500 --url postgresql://user@host/books
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

DAYS = 25
KEYS = 16
"""Of each team: half machines, half stores."""

MODEL = """
rules:
  - {name: by tag, team_from_tag: team}
entities: [{name: DE, code: "1010"}]
accounts:
  - {name: "500100", kind: cost_of_revenue}
  - {name: "600100", kind: expense}
  - {name: "659900", kind: recovery}
postings:
  - {name: stores, services: [Store], account: "600100"}
  - {name: all else, account: "500100"}
senders:
  - {entity: DE, cost_center: CC-9, recovery: "659900"}
"""


def write_project(folder: Path, teams: int, url: str) -> int:
    """The project, its model and its bill; gives the rows of the bill."""
    (folder / "model").mkdir(parents=True)
    (folder / "bills").mkdir()
    books = f"locations: {{books: {json.dumps(url)}}}\n" if url else ""
    (folder / "apportion.yaml").write_text(
        "name: Close\ncurrency: USD\nsources:\n  cloud: {format: focus, path: bills}\n" + books
    )
    units = (
        f"  - {{name: t{n}, kind: team, cost_center: C{n}, entity: DE, mode: chargeback}}\n"
        for n in range(teams)
    )
    (folder / "model" / "model.yaml").write_text("organisation:\n" + "".join(units) + MODEL)
    table = bill(teams)
    pq.write_table(table, folder / "bills" / "2026-10.parquet")
    return int(table.num_rows)


def bill(teams: int) -> pa.Table:
    """Each key of each team on each day, for some cents."""
    rows = [(t, k, d) for t in range(teams) for k in range(KEYS) for d in range(DAYS)]
    cost = pa.array([f"{(t * 7 + k * 3 + d) % 997 + 1}.{d:02}" for t, k, d in rows])
    days = [f"2026-10-{d + 1:02}T00:00:00Z" for d in range(DAYS + 1)]
    texts = {
        "BillingCurrency": "USD",
        "BillingPeriodStart": "2026-10-01T00:00:00Z",
        "BillingPeriodEnd": "2026-11-01T00:00:00Z",
        "ChargeCategory": "Usage",
        "ChargeDescription": "use",
        "BillingAccountId": "1",
        "BillingAccountName": "Acme",
        "InvoiceIssuerName": "Cloud",
        "ProviderName": "Cloud",
        "PublisherName": "Cloud",
        "PricingUnit": "Hours",
        "ServiceCategory": "Compute",
    }
    same = {name: pa.array([value] * len(rows)) for name, value in texts.items()}
    return pa.table(
        {
            **dict.fromkeys("BilledCost EffectiveCost ListCost ContractedCost".split(), cost),
            **same,
            "ChargePeriodStart": [days[d] for _, _, d in rows],
            "ChargePeriodEnd": [days[d + 1] for _, _, d in rows],
            "PricingQuantity": pa.array(["1"] * len(rows)),
            "ServiceName": ["Store" if k % 2 else "Compute" for _, k, _ in rows],
            "ResourceId": [f"r-{t}-{k}" for t, k, _ in rows],
            "Tags": [json.dumps({"team": f"t{t}"}) for t, _, _ in rows],
        }
    )


def step(folder: Path, *words: str) -> float:
    """Run one command in a process of its own; gives the seconds that it took."""
    start = time.perf_counter()
    environment = {**os.environ, "APPORTION_ACTOR": "bench"}
    command = [sys.executable, "-m", "apportion", "--project", str(folder), *words]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Print what each step took, and the lines that were booked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teams", type=int, default=2500)
    parser.add_argument("--url", default="", help="books; SQLite in the project when left out")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "project"
        rows = write_project(folder, given.teams, given.url)
        load, run = step(folder, "load"), step(folder, "run", "--period", "2026-10")
        close = step(folder, "close", "--period", "2026-10")
        from apportion.run.open_project import OpenProject

        with OpenProject(folder) as project:
            lines = sum(len(one.lines) for one in project.books.journal())
    kind = given.url.split(":")[0] or "sqlite"
    print(f"{kind}: {rows:,} daily facts, {lines:,} journal lines")
    print(f"load {load:.1f} s, run {run:.1f} s, close {close:.1f} s")


if __name__ == "__main__":
    main()
