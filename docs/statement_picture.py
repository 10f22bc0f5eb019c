"""Draw docs/statement.png: the first page of a statement of the sample company, as it is set."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from apportion.demo.write_demo import LAST_PERIOD, write_demo
from apportion.publish.papers.draw_paper import draw_paper
from apportion.publish.papers.evidence import EvidenceDesk
from apportion.publish.papers.facts import gather_facts
from apportion.publish.papers.issue_papers import issue_papers
from apportion.publish.papers.typeset import draw_picture
from apportion.run.bring_in import bring_in, bring_in_usage
from apportion.run.open_project import OpenProject
from apportion.run.run_period import run_period

PICTURE = Path(__file__).parent / "statement.png"
TEAM = "search"
RESOLUTION = 75
"""Pixels per inch: a page is some 60 KB then."""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "demo-project"
        write_demo(folder, months=2)
        with OpenProject(folder) as project:
            bring_in(project)
            bring_in_usage(project)
            for period in (LAST_PERIOD.previous(), LAST_PERIOD):
                run_period(project, period)
            facts = issue_papers(
                project, gather_facts(project, LAST_PERIOD, TEAM), actor="finops@example.com"
            )
            evidence = EvidenceDesk(facts).draw(TEAM, draw_paper(facts, TEAM))
        PICTURE.write_bytes(draw_picture(evidence, RESOLUTION))
    sys.stdout.write(f"wrote {PICTURE.name}\n")


if __name__ == "__main__":
    main()
