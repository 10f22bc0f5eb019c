"""Confirm from the raw files how priced usage meets the bill, without a line of apportion.

    python tests/independent/confirm_usage.py CASE.json

CASE.json names the files and says what is assumed:

    {"bills": ["costs.jsonl" or "bill.csv" …], "usage": ["usage.jsonl" or "usage.csv" …],
     "service": "OpenAI API", "currency": "USD", "pool": "llm-api", "period": "2026-10",
     "prices": {"MODEL": {"input": "2.00", "cache_read": "0.50", "output": "8.00"}},
     "teams": {"KEY OR TEAM": "team"},
     "reconciliation": "output of apportion reconcile --json",
     "statement": "output of apportion statement --json"}

It reads OpenAI's pages of costs and usage, or plain CSV (a FOCUS bill, a table of calls), and works
out again, in exact fractions: what each model was billed; what its usage costs at the prices; the
difference; and what each team carries, where each charge of a day, project, model and kind of token
falls on those who used just that, by tokens (one price holds within a kind). A charge without such
use is kept. It exits with 1, and says where, if apportion says anything else.

Only the standard library is used.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

KINDS = {"input": "input", "cached input": "cache_read", "output": "output"}
COLUMNS = {
    "input": "uncached_input_tokens",
    "cache_read": "cache_read_tokens",
    "output": "output_tokens",
}
NOBODY = "unallocated"
CENT = Fraction(1, 100)


@dataclass(frozen=True)
class Billed:
    """A charge, and what it is for."""

    day: str
    project: str
    model: str
    kind: str
    cost: Fraction


@dataclass(frozen=True)
class Used:
    """Tokens of a kind that somebody used on a day."""

    day: str
    project: str
    model: str
    who: str
    kind: str
    tokens: int


def main(path: Path) -> int:
    case = json.loads(path.read_text())
    folder = path.parent
    billed = [
        one
        for name in case["bills"]
        for one in _bill(folder / name, case["service"])
        if one.day.startswith(case["period"])
    ]
    used = [
        one
        for name in case["usage"]
        for one in _usage(folder / name)
        if one.day.startswith(case["period"])
    ]
    faults = [*_reconciliation(case, folder, billed, used), *_statement(case, folder, billed, used)]
    for fault in faults:
        print(fault)  # noqa: T201 -- a script
    if not faults:
        money = sum(one.cost for one in billed)
        print(  # noqa: T201
            f"confirmed: pool {case['pool']}, {case['period']}: {len(billed)} charges, "
            f"{float(money):,.2f} billed, {len(used)} quantities of usage"
        )
    return 1 if faults else 0


def _reconciliation(
    case: dict[str, Any], folder: Path, billed: list[Billed], used: list[Used]
) -> Iterator[str]:
    """What was billed and what usage costs, model by model, to the last digit."""
    said = json.loads((folder / case["reconciliation"]).read_text())["usage"]["differences"]
    ours: dict[str, list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    for charge in billed:
        ours[charge.model][0] += charge.cost
    for one in used:
        ours[one.model][1] += one.tokens * _price(case, one.model, one.kind)
    theirs = {
        one["model"]: [_exact(one["billed"]), _exact(one["priced"])]
        for one in said
        if one["pool"] == case["pool"] and one["currency"] == case["currency"]
    }
    for model in sorted({*ours, *theirs}):
        if ours.get(model) != theirs.get(model):
            yield f"{model}: billed and priced are {ours.get(model)}, not {theirs.get(model)}"
    for one in said:
        billed_less_priced = _exact(one["billed"]) - _exact(one["priced"])
        if one["pool"] == case["pool"] and _exact(one["difference"]) != billed_less_priced:
            yield f"{one['model']}: {one['difference']} isn't billed less priced"


def _statement(
    case: dict[str, Any], folder: Path, billed: list[Billed], used: list[Used]
) -> Iterator[str]:
    """What each team carries of the pool; statements are rounded to the cent."""
    users: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in used:
        team = case["teams"].get(one.who, NOBODY)
        users[one.day, one.project, one.model, one.kind][team] += one.tokens
    ours: dict[str, Fraction] = defaultdict(Fraction)
    for charge in billed:
        found = users.get((charge.day, charge.project, charge.model, charge.kind), {})
        whole = sum(found.values())
        for team, tokens in found.items():
            ours[team] += charge.cost * tokens / whole if whole else 0
        if not whole:
            ours["kept"] += charge.cost
    said = json.loads((folder / case["statement"]).read_text())
    theirs: dict[str, Fraction] = defaultdict(Fraction)
    for team in said["teams"]:
        theirs[team["team"]] += _of(case, team["lines"])
    theirs[NOBODY] += _of(case, said["unallocated_lines"])
    theirs["kept"] += sum(
        (_exact(one["amount"]) for one in said["kept"] if one["pool"] == case["pool"]), Fraction(0)
    )
    for name in sorted({*ours, *theirs}):
        if abs(ours[name] - theirs[name]) > CENT:
            yield f"{name} carries {float(ours[name]):.6f}, not {float(theirs[name]):.2f}"


def _of(case: dict[str, Any], lines: list[dict[str, Any]]) -> Fraction:
    return sum(
        (_exact(one["amount"]) for one in lines if one.get("pool") == case["pool"]), Fraction(0)
    )


def _bill(path: Path, service: str) -> Iterator[Billed]:
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                if row["ServiceName"] == service:
                    day, cost = row["ChargePeriodStart"][:10], _exact(row["BilledCost"])
                    yield Billed(day, "", row["x_ModelId"], row["x_NativeTokenType"], cost)
        return
    for day, result in _results(path):
        model, _, kind = result["line_item"].rpartition(", ")
        cost = Fraction(result["amount"]["value"])
        yield Billed(day, result["project_id"], model, KINDS[kind], cost)


def _usage(path: Path) -> Iterator[Used]:
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                who = row.get("api_key") or row["team"]
                for kind, column in COLUMNS.items():
                    if tokens := int(row.get(column) or 0):
                        yield Used(row["start"][:10], "", row["model"], who, kind, tokens)
        return
    for day, result in _results(path):
        cached = int(result["input_cached_tokens"])
        counts = {
            "input": int(result["input_tokens"]) - cached,  # OpenAI counts cached ones as input
            "cache_read": cached,
            "output": int(result["output_tokens"]),
        }
        for kind, tokens in counts.items():
            if tokens:
                who = result["api_key_id"]
                yield Used(day, result["project_id"], result["model"], who, kind, tokens)


def _results(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for line in path.read_text().splitlines():
        for bucket in json.loads(line, parse_float=Decimal)["data"]:
            day = datetime.fromtimestamp(bucket["start_time"], UTC).date().isoformat()
            for result in bucket["results"]:
                yield day, result


def _price(case: dict[str, Any], model: str, kind: str) -> Fraction:
    return Fraction(case["prices"][model][kind]) / 10**6


def _exact(text: str) -> Fraction:
    return Fraction(text)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
