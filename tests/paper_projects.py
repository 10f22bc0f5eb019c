"""A project of two months whose statements are set as papers; the figures are worked by hand.

October: nlp has 60.00 of compute and a credit of 5.00, cv 30.00 of storage; the platform of
40.00 is split by people, 3 to 1; 10.00 have no owner. So nlp carries 60 - 5 + 30 = 85.00,
cv 30 + 10 = 40.00, and the bill is 135.00. In September nlp had 40.00 of compute for 20 hours
at 2.00 and the same platform: 40 + 30 = 70.00. In October it used 30 hours at 2.00.
"""

from __future__ import annotations

import json
from pathlib import Path

from apportion.domain.period import Period
from apportion.publish.documents import Document
from apportion.publish.papers.draw_paper import draw_paper
from apportion.publish.papers.evidence import Evidence, EvidenceDesk
from apportion.publish.papers.facts import gather_facts
from apportion.run.bring_in import bring_in
from apportion.run.open_project import OpenProject
from apportion.run.run_period import run_period
from bills import Row, row, write_bill

SEPTEMBER, OCTOBER = Period(2026, 9), Period(2026, 10)

PROJECT = "name: Acme\ncurrency: USD\nsources:\n  cloud: {format: focus, path: bills}\n"
MODEL = """\
organisation:
  - {name: nlp, kind: team, title: Language, cost_center: CC-1, head_count: 3,
     owner: ann@example.com, mode: chargeback}
  - {name: cv, kind: team, title: Vision, head_count: 1, owner: ben@example.com}
rules:
  - {name: team tag, team_from_tag: team, because: tags were agreed on}
pools:
  - {name: platform, title: Platform, tag: {service: platform}, because: all teams use it,
     owner: pat@example.com, split: {by: head_count}}
budgets:
  - {team: nlp, amount: "80"}
"""


def september(cost: str, tags: dict[str, str], **over: str) -> Row:
    return row(
        cost,
        tags,
        BillingPeriodStart="2026-09-01T00:00:00Z",
        BillingPeriodEnd="2026-10-01T00:00:00Z",
        ChargePeriodStart="2026-09-05T00:00:00Z",
        ChargePeriodEnd="2026-09-06T00:00:00Z",
        **over,
    )


ROWS = [
    september("40.00", {"team": "nlp"}, PricingQuantity="20"),
    september("30.00", {"team": "cv"}, ServiceName="Storage"),
    september("40.00", {"service": "platform"}),
    row("60.00", {"team": "nlp"}, PricingQuantity="30"),
    row("-5.00", {"team": "nlp"}, ChargeCategory="Credit", ServiceName="Promotion"),
    row("30.00", {"team": "cv"}, ServiceName="Storage"),
    row("40.00", {"service": "platform"}),
    row("10.00", {}, ServiceName="Unknown"),
]


class Papers:
    """The project in a folder, loaded and run."""

    def __init__(
        self, root: Path, rows: list[Row] | None = None, model: str = MODEL, more: str = ""
    ) -> None:
        self.root = root
        (root / "model").mkdir(parents=True)
        (root / "apportion.yaml").write_text(PROJECT + more)
        (root / "model" / "model.yaml").write_text(model)
        write_bill(root / "bills" / "bill.csv", ROWS if rows is None else rows)
        with self.open() as project:
            bring_in(project)
            for period in (SEPTEMBER, OCTOBER):
                if project.books.current(period=period):
                    run_period(project, period)

    def open(self) -> OpenProject:
        return OpenProject(self.root)

    def evidence(self, team: str) -> Evidence:
        with self.open() as project:
            facts = gather_facts(project, OCTOBER, team)
            return EvidenceDesk(facts).draw(team, draw_paper(facts, team))

    def paper(self, team: str) -> Document:
        document: Document = json.loads(self.evidence(team).files["statement.json"])
        return document


HOSTILE = (
    '=HYPERLINK("http://evil.test","x")#panic("in")$y$ [b] *c* \\u{41} <img src=x onerror=alert(1)>'
    "</title><script>alert(1)</script>{{ 7*7 }}{% raw %}\u05e9\u05dc\u05d5\u05dd \U0001f600 \u4e2d"
)
"""Text that would be run, where anything took it for mark-up, a formula or a template."""
