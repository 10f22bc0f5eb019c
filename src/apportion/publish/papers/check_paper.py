"""Check a statement by its own evidence: sums, shares, proof, digests, and the page itself."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from apportion.domain.money import WIDE
from apportion.errors import PaperError
from apportion.publish.documents import Document
from apportion.publish.papers.read_paper import Paper
from apportion.publish.papers.typeset import set_again
from apportion.publish.papers.typesetter import typesetter

MOST_UNITS = 2
"""A line is rounded within its team, and the team within the bill: up to two units away."""


@dataclass(frozen=True)
class Check:
    """What was checked, and whether it holds; None where it couldn't be checked, with why."""

    name: str
    ok: bool | None
    words: str


def check_paper(paper: Paper) -> tuple[Check, ...]:
    """All checks that need nothing but the file. What can't be read fails its check."""
    return tuple(_checked(name, check, paper) for name, check in CHECKS.items())


def _checked(name: str, check: Callable[[Paper], str], paper: Paper) -> Check:
    try:
        return Check(name, True, check(paper))
    except _Skipped as why:
        return Check(name, None, str(why))
    except _Broken as fault:
        return Check(name, False, str(fault))
    except PaperError as fault:
        return Check(name, False, fault.what)
    except (KeyError, TypeError, ValueError, InvalidOperation, ZeroDivisionError) as fault:
        return Check(name, False, f"it isn't in the form of a statement: {fault}")


class _Broken(Exception):
    """A check that doesn't hold."""


class _Skipped(Exception):
    """What can't be checked here."""


def _digests(paper: Paper) -> str:
    """Every attached file is the one that the evidence lists."""
    listed = paper.evidence["files"]
    there = set(paper.attachments) - {"evidence.json"}
    if missing := sorted(set(listed) - there):
        raise _Broken(f"{missing[0]} is missing")
    if more := sorted(there - set(listed)):
        raise _Broken(f"{more[0]} isn't part of the evidence")
    for name, said in sorted(listed.items()):
        content = paper.attachments[name]
        if hashlib.sha256(content).hexdigest() != said["sha256"] or len(content) != said["bytes"]:
            raise _Broken(f"{name} isn't what it was when the statement was set")
    return f"{len(listed)} attached files are unchanged"


def _statement(paper: Paper) -> str:
    """The statement, its lines and the evidence say the same."""
    said, evidence = paper.statement, paper.evidence
    for name in ("period", "basis", "project"):
        _same(name, said[name], evidence[name])
    _same("team", said["team"]["name"], evidence["team"])
    for name in ("run", "model", "audit_head", "number", "closed", "snapshots", "made_at"):
        _same(name, said["version"][name], evidence[name])
    totals = {part["currency"]: part["total"] for part in said["parts"]}
    _same("totals", totals, evidence["totals"])
    shown = {
        (part["currency"], line["id"]): line["amount"]
        for part in said["parts"]
        for line in (*part["direct"], *part["shared"])
    }
    listed = {(row["currency"], row["id"]): row["amount"] for row in paper.table("lines.csv")}
    _same("lines", shown, listed)
    return f"it shows the {len(listed)} lines that are attached"


def _same(what: str, one: object, other: object) -> None:
    if one != other:
        raise _Broken(f"the statement and the evidence differ in {what}")


def _sums(paper: Paper) -> str:
    """The lines add up to the totals."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in paper.table("lines.csv"):
        found[row["currency"]] = WIDE.add(found[row["currency"]], Decimal(row["amount"]))
    for currency, total in paper.evidence["totals"].items():
        if found.pop(currency, Decimal(0)) != Decimal(total):
            raise _Broken(f"the lines don't add up to the total of {total} {currency}")
    if found:
        raise _Broken(f"there are lines in {next(iter(found))}, and no total")
    return ", ".join(f"{total} {code}" for code, total in paper.evidence["totals"].items())


def _exact(paper: Paper) -> str:
    """Each line is its exact amount, rounded; and that is its share of the pool's cost."""
    count = 0
    for row in paper.table("lines.csv"):
        amount = Decimal(row["amount"])
        unit = Fraction(1, 10 ** -int(amount.as_tuple().exponent))
        exact = Fraction(row["exact"])
        if abs(Fraction(amount) - exact) > MOST_UNITS * unit:
            raise _Broken(f"line {row['id']} isn't its exact amount, rounded")
        if row["share"] and row["pool_cost"]:
            count += 1
            if Fraction(row["share"]) * Fraction(row["pool_cost"]) != exact:
                raise _Broken(f"line {row['id']} isn't its share of the pool's cost")
    return f"{count} shares of pools times their cost are their lines, exactly"


def _shares(paper: Paper) -> str:
    """The fractions of each pool, over all receivers, are the whole, and lines have theirs."""
    sums: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    own: set[tuple[str, str, Fraction]] = set()
    for row in paper.table("shares.csv"):
        fraction = Fraction(row["fraction"])
        sums[row["pool"], row["currency"]] += fraction
        own.add((row["pool"], row["kind"], fraction))
    for (pool, currency), whole in sums.items():
        if whole != 1:
            raise _Broken(f"the shares of pool {pool} in {currency} don't sum to 1")
    for row in paper.table("lines.csv"):
        if row["share"] and (row["pool"], row["kind"], Fraction(row["share"])) not in own:
            raise _Broken(f"the share of line {row['id']} isn't among those of pool {row['pool']}")
    return f"those of {len(sums)} pools sum to 1"


def _proof(paper: Paper) -> str:
    """The run's proof holds: what was read is what was charged, set aside or left over."""
    proofs = paper.document("proof.json")["proofs"]
    if not proofs:
        raise _Broken("there is no proof")
    incomplete = 0
    for one in proofs:
        _prove(one)
        incomplete += not one["complete"]
    if incomplete:
        return f"{len(proofs)} proofs hold, {incomplete} of them incomplete: money is set aside"
    return f"{len(proofs)} proofs hold"


def _prove(one: Document) -> None:
    names = ("direct", "shared", "idle", "unallocated", "other", "left_out")
    money = {name: Decimal(one[name]) for name in (*names, "read", "loaded", "quarantined")}
    spread = Decimal(0)
    for name in names:
        spread = WIDE.add(spread, money[name])
    holds = (
        one["ok"]
        and money["loaded"] == spread
        and money["read"] == WIDE.add(money["loaded"], money["quarantined"])
        and (one["control"] is None or Decimal(one["control"]) == money["read"])
    )
    if not holds:
        raise _Broken(f"the proof of {one['source']} in {one['currency']} doesn't hold")


def _page(paper: Paper) -> str:
    """The file is, byte by byte, what the evidence gives when it is set again."""
    made_by, here = paper.evidence["typesetter"], typesetter()
    if made_by != here:
        engine = "" if made_by["typst"] == here["typst"] else f" by typst {made_by['typst']}"
        raise _Skipped(f"the pages can't be compared: they were set{engine} by another template")
    again = set_again(paper.attachments, paper.digest, paper.evidence["made_at"])
    if again != paper.content:
        raise _Broken("the file isn't what its evidence gives: the pages were changed")
    return f"the file is what its evidence gives, to the last of {len(again):,} bytes"


CHECKS: dict[str, Callable[[Paper], str]] = {
    "files": _digests,
    "statement": _statement,
    "sum": _sums,
    "exact": _exact,
    "shares": _shares,
    "proof": _proof,
    "pages": _page,
}
"""What is checked, in order."""


def failed(checks: tuple[Check, ...]) -> Iterator[Check]:
    """The checks that don't hold."""
    return (one for one in checks if one.ok is False)
