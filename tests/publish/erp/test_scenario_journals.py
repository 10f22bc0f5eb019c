"""The journals of every scenario that books something, in the eyes of every judge."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from apportion.domain.period import Period
from apportion.ledger.draw_journal import Journal, draw_journal
from apportion.model.erp_spec import ErpSpec
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.targets import TARGETS
from apportion.run.open_project import OpenProject
from apportion.run.saved import latest_run
from erp_journals import HERE
from judges import accepts
from walk import walk_all

SCENARIOS = Path(__file__).parents[2] / "scenarios"
BOOKING = sorted(
    path.name
    for path in SCENARIOS.iterdir()
    if any("\nsenders:" in model.read_text() for model in path.glob("model/*.yaml"))
)
OPTIONS = {
    "beancount": {"assertions": ("true",)},
    "hledger": {"assertions": ("true",)},
    "ledger": {},
    "sap-journal-entry": {"user": ("CC0000000001",)},
}


def journals(name: str, folder: Path) -> Iterator[tuple[Journal, OpenProject]]:
    """The journal of each month that a scenario evaluates, and all that it books."""
    project = folder / name
    shutil.copytree(SCENARIOS / name, project)
    steps = json.loads((SCENARIOS / name / "expected.json").read_text())["steps"]
    walk_all(project, steps)
    commands = " ".join(step.get("run", "") for step in steps)
    with OpenProject(project) as opened:
        for period in sorted(set(re.findall(r"\brun --period (\S+)", commands))):
            run = latest_run(opened.books, Period.parse(period))
            yield draw_journal(run, opened.model, opened.settings.currency), opened
        booked = opened.books.journal()
        for period in sorted({one.period for one in booked}):
            yield Journal(tuple(one for one in booked if one.period == period)), opened


def test_there_is_something_to_judge() -> None:
    assert BOOKING


@pytest.mark.parametrize("name", BOOKING)
def test_every_judge_accepts_a_scenario_and_refuses_wrong_copies(name: str, tmp_path: Path) -> None:
    """Wrong by parts of a cent, on an account that nobody declared, and against the schema."""
    judged = 0
    for journal, project in journals(name, tmp_path):
        if not journal.may_be_posted or not journal.documents:
            continue
        for format_name, options in OPTIONS.items():
            settings = ErpSettings(ErpSpec(format_name, HERE, options), project.model.accounting)
            (content,) = TARGETS[format_name].write(journal.documents, settings).values()
            path = tmp_path / f"{judged}.journal"
            path.write_bytes(content)
            judge = "xml" if format_name == "sap-journal-entry" else format_name
            assert accepts(judge, path), (name, format_name)
            for wrong in wrong_copies(content.decode(), judge):
                path.write_text(wrong)
                assert not accepts(judge, path), (name, format_name)
            judged += 1
    assert judged


def wrong_copies(text: str, judge: str) -> Iterator[str]:
    if judge == "xml":
        yield re.sub(r"(<CompanyCode>\d+</CompanyCode>)(<|\n<)", r"\2", text, count=1)
        yield re.sub(r"</AmountInTransactionCurrency>", r"0000001\g<0>", text, count=1)
        return
    posting = r"\n( +\w+:\S+  -?\d+)(\.\d\d)? ([A-Z]{3}\n)"
    assert re.search(posting, text)
    yield re.sub(posting, r"\n\1.995 \3", text, count=1)
    yield re.sub(r"\n +(\w+:\S+)(  )", r"\n  \g<1>X\2", text, count=1)
