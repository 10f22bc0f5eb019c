"""Graphs of pools that serve teams and each other, for the question on allocation."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from generate import WORK


@dataclass(frozen=True)
class Graph:
    """Costs of pools, and quantities that pools deliver: `edges` are (pool, receiver, quantity)."""

    name: str
    costs: dict[str, str]
    edges: tuple[tuple[str, str, int], ...]

    def write(self) -> Path:
        """The graph as a file that both sides read."""
        path = WORK / "graphs" / f"{self.name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return path


def textbook() -> Graph:
    """Two support departments that serve each other (Horngren, Cost Accounting)."""
    return Graph(
        "textbook pair",
        {"maintenance": "6300000.00", "systems": "1452150.00"},
        (
            ("maintenance", "systems", 1600),
            ("maintenance", "machining", 2400),
            ("maintenance", "assembly", 4000),
            ("systems", "maintenance", 200),
            ("systems", "machining", 1600),
            ("systems", "assembly", 200),
        ),
    )


def chain(length: int, teams: int) -> Graph:
    """Each pool serves the next one and some teams."""
    dice = random.Random(1)
    pools = [f"pool-{n:04d}" for n in range(length)]
    edges = [(pool, after, 50) for pool, after in pairwise(pools)]
    for pool in pools:
        edges += [(pool, f"team-{n:04d}", dice.randint(1, 9)) for n in dice.sample(range(teams), 5)]
    return Graph(f"chain of {length}", _costs(pools, dice), tuple(edges))


def hierarchy(levels: int, width: int, teams: int) -> Graph:
    """Pools of one level serve all of the next, the last serves every team."""
    dice = random.Random(2)
    rows = [[f"pool-{level}-{n:03d}" for n in range(width)] for level in range(levels)]
    edges = [
        (pool, after, dice.randint(1, 99))
        for row, below in pairwise(rows)
        for pool in row
        for after in below
    ]
    last = [(pool, f"team-{n:04d}", dice.randint(1, 99)) for pool in rows[-1] for n in range(teams)]
    pools = [pool for row in rows for pool in row]
    return Graph(f"hierarchy {levels} × {width}", _costs(pools, dice), (*edges, *last))


def cyclic(pools: int, teams: int) -> Graph:
    """Every pool serves every other one, and every team."""
    dice = random.Random(3)
    names = [f"pool-{n:03d}" for n in range(pools)]
    between = [(a, b, dice.randint(1, 99)) for a in names for b in names if a != b]
    last = [(a, f"team-{n:04d}", dice.randint(1, 99)) for a in names for n in range(teams)]
    return Graph(f"{pools} pools, all cyclic", _costs(names, dice), (*between, *last))


def _costs(pools: list[str], dice: random.Random) -> dict[str, str]:
    return {pool: f"{dice.randint(10**4, 10**9) / 100:.2f}" for pool in pools}
