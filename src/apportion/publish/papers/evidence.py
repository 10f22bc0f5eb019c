"""The evidence of a statement: files that let anyone check it, and a digest of all of them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from apportion.domain.result import PoolShare
from apportion.insight.edited_csv import not_a_formula as safe
from apportion.publish.documents import Document, exact, reconciliation_document
from apportion.publish.papers.facts import PaperFacts, parts_of
from apportion.publish.papers.typesetter import typesetter
from apportion.run.statement import one_team

FORM = "apportion-evidence/1"

LINES = (
    "id", "kind", "pool", "service", "mode", "currency", "amount", "exact", "share", "pool_cost",
)  # fmt: skip
SHARES = (
    "pool", "currency", "receiver_kind", "receiver", "kind", "fraction", "method", "note",
)  # fmt: skip
DRIVERS = (
    "pool", "currency", "receiver", "kind", "driver", "unit", "quantity", "total", "weight",
)  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """Files by name, and the document that lists their digests; `digest` is its own."""

    files: Mapping[str, bytes]
    document: Document

    @property
    def digest(self) -> str:
        return digest_of(self.document)

    @property
    def attachments(self) -> dict[str, bytes]:
        """All files with the list, as they go into the PDF."""
        return {**self.files, "evidence.json": json_bytes(self.document)}


@dataclass(frozen=True)
class EvidenceDesk:
    """Draws the evidence of one team after the other; what teams have in common is made once."""

    facts: PaperFacts
    _tables: dict[tuple[str, str], tuple[bytes, bytes]] = field(default_factory=dict)

    def draw(self, team: str, paper: Document) -> Evidence:
        """The evidence of a team's statement, which is `paper`."""
        shares, drivers = self._pools(team)
        files = {
            "statement.json": json_bytes(paper),
            "lines.csv": csv_bytes([LINES, *self._lines(team)]),
            "shares.csv": csv_bytes([SHARES]) + shares,
            "drivers.csv": csv_bytes([DRIVERS]) + drivers,
            "proof.json": self._proof,
        }
        version = paper["version"]
        document: Document = {
            "form": FORM,
            "project": paper["project"],
            "period": paper["period"],
            "team": team,
            "basis": paper["basis"],
            "totals": {part["currency"]: part["total"] for part in paper["parts"]},
            "number": version["number"],
            "closed": version["closed"],
            "run": version["run"],
            "made_at": version["made_at"],
            "model": version["model"],
            "snapshots": version["snapshots"],
            "audit_head": version["audit_head"],
            "typesetter": dict(typesetter()),
            "files": {
                name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
                for name, content in sorted(files.items())
            },
        }
        return Evidence(files, document)

    @cached_property
    def _proof(self) -> bytes:
        return json_bytes(reconciliation_document(self.facts.reconciled))

    def _lines(self, team: str) -> Iterable[Sequence[str]]:
        """The lines as stated and exact. Shares of a pool are of its full cost, as billed."""
        for statement, explained in parts_of(self.facts, team):
            for line in one_team(statement, team).lines:
                own = [one for one in explained if one.line.id == line.id]
                alone = own[0] if len(own) == 1 and not line.originals else None
                whole = (
                    sum((one.converted.of(statement.basis) for one in line.originals), Fraction(0))
                    if line.originals
                    else sum((one.exact for one in own), Fraction(0))
                )
                yield (
                    line.id,
                    str(line.kind),
                    safe(line.pool),
                    safe(line.service),
                    line.mode,
                    statement.currency,
                    f"{line.amount:f}",
                    exact(whole),
                    exact(alone.share) if alone and alone.share is not None else "",
                    exact(alone.pool_cost) if alone and alone.pool_cost is not None else "",
                )

    def _pools(self, team: str) -> tuple[bytes, bytes]:
        """Who carries which fraction of the pools that a team shares, and by which quantities."""
        keys = sorted(self._shared_by.get(team, ()))
        for key in keys:
            if key not in self._tables:
                self._tables[key] = _tables(self._by_pool[key])
        found = [self._tables[key] for key in keys]
        return b"".join(one for one, _ in found), b"".join(one for _, one in found)

    @cached_property
    def _by_pool(self) -> Mapping[tuple[str, str], list[PoolShare]]:
        found: dict[tuple[str, str], list[PoolShare]] = defaultdict(list)
        for share in self.facts.run.shares:
            found[share.pool, share.currency].append(share)
        return found

    @cached_property
    def _shared_by(self) -> Mapping[str, set[tuple[str, str]]]:
        found: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for share in self.facts.run.shares:
            if str(share.receiver.kind) == "team":
                found[share.receiver.name].add((share.pool, share.currency))
        return found


def _tables(shares: Iterable[PoolShare]) -> tuple[bytes, bytes]:
    made: list[Sequence[str]] = []
    uses: list[Sequence[str]] = []
    for one in shares:
        made.append(
            (
                safe(one.pool),
                one.currency,
                str(one.receiver.kind),
                safe(one.receiver.name),
                str(one.kind),
                exact(one.fraction),
                safe(one.method),
                safe(one.note),
            )
        )
        uses += [
            (
                safe(one.pool),
                one.currency,
                safe(one.receiver.name),
                str(one.kind),
                safe(use.driver),
                safe(use.unit),
                exact(use.quantity),
                exact(use.total),
                exact(use.weight),
            )
            for use in one.uses
        ]
    return csv_bytes(made), csv_bytes(uses)


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """A table, byte by byte the same each time."""
    page = io.StringIO(newline="")
    csv.writer(page, lineterminator="\n").writerows(rows)
    return page.getvalue().encode("utf-8", "backslashreplace")


def json_bytes(document: object) -> bytes:
    """A document as bytes, the same each time; half a surrogate, which is no text, is a `?`."""
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    return text.encode("utf-8", "replace")


def digest_of(document: Document) -> str:
    """The SHA-256 of the list of files with their digests."""
    return hashlib.sha256(json_bytes(document)).hexdigest()
