"""Projects that a finance person can read, walked step by step; the figures are worked by hand.

A file of steps holds what happens, in order. A step runs a command line of
apportion (`on` a day, where that matters), or copies a file (a bill that arrives
later, a model that is changed). What it expects: `exit` the exit code (0), `says`
texts in the output, and `expect` figures of the JSON: amounts are compared as exact decimals; the
teams, each team's lines, the kept pools and the lines of what is unallocated
must be those that are written, no more, no less.
"""

from __future__ import annotations

import contextlib
import io
import json
import shlex
import shutil
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from unittest.mock import patch

SPREAD = "direct shared idle unallocated other left_out".split()
FIGURES = ["read", "loaded", "quarantined", *SPREAD, "difference"]


def walk_all(project: Path, steps: list[Mapping[str, Any]]) -> None:
    """Walk all steps in a copy of a project."""
    for step in steps:
        if "copy" in step:
            shutil.copyfile(project / step["copy"], project / step["to"])
        else:
            walk(project, step)


def walk(project: Path, step: Mapping[str, Any]) -> None:
    day = date.fromisoformat(step["on"]) if "on" in step else None
    told = patch("apportion.ledger.review.today", lambda: day) if day else contextlib.nullcontext()
    with told:
        code, output, errors = apportion(project, *shlex.split(step["run"]))
    assert code == step.get("exit", 0), f"{step['run']}: exit {code}\n{output}{errors}"
    for text in step.get("says", ()):
        assert text in output + errors, f"{step['run']} doesn't say {text!r}:\n{output}{errors}"
    if "--json" in step["run"]:
        document = json.loads(output)
        check_sums(document)
        compare(readable(document), step.get("expect", {}), step["run"])


def apportion(project: Path, *arguments: str) -> tuple[int, str, str]:
    """Run a command line in this process: its exit code and what it printed."""
    from apportion.cli.app import run_app

    output, errors = io.StringIO(), io.StringIO()
    streams = contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors)
    # In the project, so that what a command writes by its usual name doesn't lie in the repository.
    with streams[0], streams[1], contextlib.chdir(project):
        try:
            run_app(["--project", str(project), *arguments])
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
    return code, output.getvalue(), errors.getvalue()


def readable(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its lists named, as expected.json writes them."""
    made = dict(document)
    if "teams" in made:
        made["teams"] = {team["team"]: _team(team) for team in document["teams"]}
        made["kept"] = {kept["pool"]: kept["amount"] for kept in document["kept"]}
        made["unallocated_lines"] = {
            line["service"]: line["amount"] for line in document["unallocated_lines"]
        }
    if "basis" in made and "lines" in made:
        made["lines"] = {_label(line): line for line in document["lines"]}
    if "other_currencies" in made:
        made["other_currencies"] = {
            other["currency"]: readable(other) for other in document["other_currencies"]
        }
    if "may_be_posted" in made:
        made["documents"] = _journals(document["documents"])
    elif isinstance(made.get("journal"), list):
        made["journal"] = _journals(document["journal"])
    _name_figures(made, document)
    _name_bridges(made, document)
    _name_life(made, document)
    if "converted" in made:
        made["converted"] = readable(document["converted"])
    if "proofs" in made:
        made["proofs"] = {
            f"{proof['source']} {proof['currency']} {proof['basis']}": proof
            for proof in document["proofs"]
        }
    return made


def _accrued(document: Mapping[str, Any]) -> dict[str, Any]:
    """An accrual, or its accuracy, with what is told by source and by team under their names."""
    named = {key: {one["name"]: one for one in document[key]} for key in ("by_source", "by_team")}
    return dict(document) | named


def _name_figures(made: dict[str, Any], document: Mapping[str, Any]) -> None:
    """Lists of figures, by what each is of."""
    if "prices" in made:
        made["prices"] = {_name(one, "item", "token_type"): one for one in document["prices"]}
    for costs in ("classes", "unmeasured", "not_recognised"):
        if costs in made:
            made[costs] = {_name(one, "class"): one for one in document[costs]}
    if (
        isinstance(made.get("usage"), list)
        and document["usage"]
        and "periods" in document["usage"][0]
    ):
        made["usage"] = {one["source"]: _loaded(one) for one in document["usage"]}
    if isinstance(made.get("pools"), list):
        made["pools"] = {f"{one['pool']} {one['currency']}": _pool(one) for one in made["pools"]}
    if "unit_costs" in made:
        made["unit_costs"] = {_unit_cost(one): one for one in document["unit_costs"]}
        made["savings"] = {one["saving"]: one for one in document["savings"]}
    if "movers" in made:
        made["movers"] = {one["currency"]: _movers(one) for one in document["movers"]}
        charges = document["pool_charges"]
        made["pool_charges"] = {f"{one['pool']} {one['name']}": one for one in charges}
    if "rates" in made:
        made["rates"] = {f"{rate['source']} {rate['currency']}": rate for rate in document["rates"]}


def _name_bridges(made: dict[str, Any], document: Mapping[str, Any]) -> None:
    if "bridges" in made:
        made["bridges"] = {
            f"{one['source']} {one['currency']}": dict(one)
            | {"steps": {step["step"]: step["amount"] for step in one["steps"]}}
            for one in document["bridges"]
        }
    if "prepaid" in made:
        made["prepaid"] = {
            f"{one['commitment']} {one['period']}": one for one in document["prepaid"]
        }


def _name_life(made: dict[str, Any], document: Mapping[str, Any]) -> None:
    """What is told of a period's life, by what each is of."""
    if "by_source" in made:
        made.update(_accrued(document))
    if "accruals" in made:
        made["accruals"] = {one["period"]: _accrued(one) for one in document["accruals"]}
    if "true_up" in made:
        places = ("entity", "account", "cost_center", "project", "partner")
        made["true_up"] = {
            " ".join(one[key] for key in places if one[key]): one["true_up"]
            for one in document["true_up"]
        }
    if "answers" in made:
        made["answers"] = {one["team"]: one for one in document["answers"]}


def _unit_cost(one: Mapping[str, Any]) -> str:
    return " · ".join(filter(None, (one["measure"], one["of"], one["group"])))


def _movers(one: Mapping[str, Any]) -> dict[str, Any]:
    """Owners by name, lines by what they are, items by name."""
    owner = {own["owner"]: own for own in one["owners"]}
    lines = {
        " ".join(
            filter(None, (line["owner"], line["line_kind"], line["pool"] or line["service"]))
        ): line
        for line in one["lines"]
    }
    return dict(one) | {
        "owners": owner,
        "lines": lines,
        "items": {item["name"]: item for item in one["items"]},
    }


def _name(one: Mapping[str, Any], *keys: str) -> str:
    return " ".join(str(one[key]) for key in ("source", *keys) if one[key])


def _loaded(source: Mapping[str, Any]) -> dict[str, Any]:
    return dict(source) | {"periods": {one["period"]: one for one in source["periods"]}}


def _pool(pool: Mapping[str, Any]) -> dict[str, Any]:
    named = {"receivers": "receiver", "per_point_of_weight": "driver"}
    return dict(pool) | {name: {one[key]: one for one in pool[name]} for name, key in named.items()}


def _journals(documents: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Documents by their entity; where it has several, by what kind each is, too."""
    entities = [one["entity"] for one in documents]
    named = [
        f"{one['entity']} {one['kind']}" if entities.count(one["entity"]) > 1 else one["entity"]
        for one in documents
    ]
    assert len(set(named)) == len(named), f"two documents of one name: {named}"
    return {name: _journal(one) for name, one in zip(named, documents, strict=True)}


def _journal(one: Mapping[str, Any]) -> dict[str, Any]:
    """A document with its lines by where they are booked; credits are below zero."""
    places = ("account", "cost_center", "project", "partner")
    return dict(one) | {
        "lines": {
            " ".join(line[key] for key in places if line[key]): line["debit"]
            or f"-{line['credit']}"
            for line in one["lines"]
        }
    }


def _team(team: Mapping[str, Any]) -> dict[str, Any]:
    lines = {_label(line): line["amount"] for line in team["lines"]}
    assert len(lines) == len(team["lines"]), f"two lines of one name: {team}"
    return dict(team) | {"lines": lines}


def _label(line: Mapping[str, Any]) -> str:
    """What a line is; a converted one has the currency that it was billed in."""
    words = {
        "shared": "share of",
        "idle": "unused part of",
        "variance": "variance of",
        "lost": "lost use of",
    }
    name = f"{words[line['kind']]} {line['pool']}" if line["pool"] else str(line["service"])
    billed = {original["currency"] for original in line.get("original", ())}
    return f"{name} ({', '.join(sorted(billed))})" if billed else name


WHOLE = {"teams", "lines", "kept", "other_currencies", "unallocated_lines"}
WHOLE |= {"pools", "receivers", "per_point_of_weight"}
WHOLE |= {"steps", "prices", "classes", "unmeasured", "not_recognised"}
"""Mappings that must hold exactly the expected names, not only those."""


def compare(found: Any, wanted: Any, where: str) -> None:
    if isinstance(wanted, Mapping):
        assert isinstance(found, Mapping), f"{where}: {found!r} instead of {wanted!r}"
        if where.rpartition(": ")[2] in WHOLE:
            assert set(found) == set(wanted), f"{where}: {found}"
        for name, value in wanted.items():
            assert name in found, f"{where}: {name} is missing from {sorted(found)}"
            compare(found[name], value, f"{where}: {name}")
    elif _number(wanted) is not None and isinstance(found, str):
        assert _number(found) == _number(wanted), f"{where}: {found} instead of {wanted}"
    else:
        assert found == wanted, f"{where}: {found!r} instead of {wanted!r}"


def _number(value: Any) -> Decimal | None:
    if not isinstance(value, str):
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def check_sums(document: Mapping[str, Any]) -> None:
    """Always: lines add up to teams, teams to the bill, proofs to the file."""
    if "teams" in document:
        for team in document["teams"]:
            assert amounts(line["amount"] for line in team["lines"]) == Decimal(team["total"])
        parts = [team["total"] for team in document["teams"]]
        parts += [kept["amount"] for kept in document["kept"]]
        assert amounts([*parts, document["unallocated"]]) == Decimal(document["total"])
    for other in document.get("other_currencies", ()):
        check_sums(other)
    for proof in document.get("proofs", ()):
        money = {name: Decimal(proof[name]) for name in FIGURES}
        spread = sum(money[name] for name in SPREAD)
        assert money["loaded"] == spread, proof
        assert money["read"] == money["loaded"] + money["quarantined"], proof


def amounts(texts: Any) -> Decimal:
    return sum((Decimal(text) for text in texts), Decimal(0))
