"""What do many rules cost: ten thousand equalities and lists, a thousand name patterns?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from answer import Answer, Bound, seconds
from company import write_project, write_rules
from generate import DAYS, TEAMS, WORK, Bill, generate
from measure import ours
from settings import Settings


def rules(settings: Settings) -> list[Answer]:
    """One loaded month, its model replaced; the second of two runs is shown, and the reading."""
    answer = Answer(
        "Many rules, on one loaded month",
        ["rules", "keys", "model read anew", "read again, kept", "run", "patterns' part"],
    )
    keys = settings.keys_in_a_month
    bill = Bill(keys * DAYS, "full", 1 / DAYS, "parquet")
    generate(bill)
    project = write_project(WORK / "projects" / "rules", [bill])
    ours(project, "load")
    few = _measured(answer, project, keys, "10 equalities and lists", list(equalities(10)))
    many = _measured(answer, project, keys, "10,000 equalities and lists", list(equalities(10_000)))
    globs = _measured(answer, project, keys, "1,000 patterns", list(patterns(1000)), few["run-2"])
    answer.bounds += [
        Bound("10,000 equality and list rules: run ÷ run with 10", 2.0,
              many["run-2"] / few["run-2"]),
        Bound("10,000 rules: the model read, kept from before", 1.5, many["kept"], "s"),
        Bound(f"1,000 patterns on {keys:,} keys: run beyond that with 10 rules", 1.0,
              globs["run-2"] - few["run-2"], "s"),
    ]  # fmt: skip
    return [answer]


def equalities(number: int) -> Iterator[str]:
    """Half single names, half lists of five ids."""
    for n in range(number):
        team = f"team-{n % TEAMS:02d}"
        if n % 2:
            yield f"{{name: rule {n}, resource_name: machine-{n * 5:08d}, team: {team}}}"
        else:
            ids = ", ".join(
                f"'arn:aws:ec2:us-east-1:{k % 40:012d}:instance/i-{k:017d}'"
                for k in range(n * 5, n * 5 + 5)
            )
            yield f"{{name: rule {n}, resource: [{ids}], team: {team}}}"


def patterns(number: int) -> Iterator[str]:
    """Globs with a star in the middle, none of which is a mere beginning."""
    for n in range(number):
        yield f"{{name: rule {n}, resource_name: 'm*-*{n:04d}', team: team-{n % TEAMS:02d}}}"


def _measured(
    answer: Answer, project: Path, keys: int, name: str, lines: list[str], base: float = 0.0
) -> dict[str, float]:
    write_rules(project, lines)
    found = dict(ours(project, *"model run run".split()).stages)
    found["kept"] = ours(project, "model").stages["model"]
    part = seconds(found["run-2"] - base) if base else ""
    answer.rows.append(
        [name, f"{keys:,}", seconds(found["model"]), seconds(found["kept"]),
         seconds(found["run-2"]), part]
    )  # fmt: skip
    return found
