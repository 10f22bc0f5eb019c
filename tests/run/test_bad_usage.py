"""Usage that can't be, or can't be known: each case from its file to the statement.

What is faulty is set aside with its line and reason; what is sound is charged as if the rest
weren't there; and nothing is guessed.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from textwrap import dedent

import pytest

from apportion.domain.finding import Finding
from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.errors import ConfigurationError
from apportion.load.usage import UsageLoad
from apportion.run.bring_in import bring_in, bring_in_usage
from apportion.run.evaluate import evaluate
from apportion.run.open_project import OpenProject
from bills import row, write_bill

OCTOBER = Period(2026, 10)
SETTINGS = """\
name: Bad usage
currency: USD
sources: {cloud: {format: focus, path: bills}}
usage:
  calls: {format: csv, path: calls.csv, columns: {input_tokens: prompt, cached_tokens: cached}}
  jobs: {format: slurm, path: jobs.txt, timezone: Europe/Berlin}
"""
CALLS = (
    "id,start,end,team,api_key,provider,model,prompt,cached,output_tokens,gpus_used,status,cost\n"
)
JOBS = "JobIDRaw|User|Account|State|Submit|Start|End|ElapsedRaw|AllocTRES|ReqTRES\n"
GOOD = "good,2026-10-05T08:00:00Z,,nlp,,openai,gpt-4o,100,40,100,,,0.1\n"
MODEL = """\
organisation:
  - {name: nlp, kind: team}
  - {name: cv, kind: team}
pools:
  - {name: api, service: Compute, split: {by: driver, driver: tokens}}
drivers:
  - {name: tokens, unit: tokens, usage: {meter: output_tokens, sources: [calls]}}
"""
TRES = "gres/gpu:a100=2|gres/gpu:a100=2\n"


class Place:
    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "apportion.yaml").write_text(SETTINGS)
        (root / "model").mkdir()
        self.model(MODEL)
        self.calls("")
        self.jobs("0|x|x|COMPLETED|2026-10-01T00:00:00|2026-10-01T00:00:00|2026-10-01T00:00:01|1|")
        self.bill("100")

    def model(self, text: str) -> None:
        (self.root / "model/model.yaml").write_text(dedent(text))

    def calls(self, rows: str) -> None:
        (self.root / "calls.csv").write_text(CALLS + GOOD + rows)

    def jobs(self, *rows: str) -> None:
        (self.root / "jobs.txt").write_text(JOBS + "".join(one + TRES for one in rows))

    def bill(self, *costs: str) -> None:
        write_bill(self.root / "bills/bill.csv", [row(cost) for cost in costs])

    def run(self, period: Period = OCTOBER) -> tuple[Run, tuple[UsageLoad, ...]]:
        with OpenProject(self.root) as project:
            bring_in(project)
            loads = bring_in_usage(project)
            return evaluate(project.workspace, project.model, period), loads


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def carried(run: Run) -> dict[str, Fraction]:
    found: dict[str, Fraction] = defaultdict(Fraction)
    for line in run.lines:
        found[line.owner.name] += line.amounts.of("EffectiveCost")
    return dict(found)


def findings(loads: tuple[UsageLoad, ...], code: str) -> list[Finding]:
    return [one for load in loads for one in load.findings if one.code == code]


@pytest.mark.parametrize(
    ("faulty", "reason"),
    [
        ("x,2026-10-05T08:00:00Z,,cv,,openai,gpt-4o,10,0,-5,,,\n", "output_tokens is negative"),
        ("x,2026-10-05T08:00:00Z,,cv,,openai,gpt-4o,10,11,5,,,\n", "more cached tokens than input"),
        ("x,2026-10-05T08:00:00Z,2026-10-05T07:59:59Z,cv,,openai,gpt-4o,1,0,5,,,\n", "ends before"),
        ("x,2026-10-05T08:00:00Z,2026-10-05T09:00:00Z,cv,,,,,,5,NaN,,\n", "NaN"),
        ("x,,,cv,,openai,gpt-4o,10,0,5,,,\n", "no time"),
        ("x,2026-10-05T08:00:00Z,,cv,,openai,gpt-4o,10,0,five,,,\n", "five"),
    ],
)
def test_what_cannot_be_is_set_aside(place: Place, faulty: str, reason: str) -> None:
    """Negative tokens, more cached than input, an end before the start, NaN, no time, no number."""
    place.calls(faulty)
    run, loads = place.run()
    assert carried(run) == {"nlp": 100}
    told = [*findings(loads, "usage-faulty"), *findings(loads, "usage-unreadable")]
    (place_of,) = (str(one.place) for one in told)
    assert place_of.startswith("calls.csv:3")
    assert reason in told[0].message
    (period,) = loads[0].periods
    assert (period.read, period.accepted, period.rejected) == (2, 1, 1)


def test_one_id_with_two_contents(place: Place) -> None:
    place.calls(GOOD + GOOD.replace("nlp", "cv"))
    run, loads = place.run()
    assert carried(run) == {"nlp": 100}
    assert [str(one.place) for one in findings(loads, "usage-conflict")] == ["calls.csv:4"]
    (period,) = loads[0].periods
    assert (period.read, period.accepted, period.duplicate, period.conflict) == (3, 1, 1, 1)


def test_usage_of_the_next_month_is_that_month_s(place: Place) -> None:
    place.calls("x,2026-11-02T08:00:00Z,,cv,,openai,gpt-4o,10,0,900,,,\n")
    run, loads = place.run()
    assert carried(run) == {"nlp": 100}
    assert [str(one.period) for one in loads[0].periods] == ["2026-10", "2026-11"]


def test_a_request_of_a_hundred_million_tokens(place: Place) -> None:
    place.calls("x,2026-10-05T08:00:00Z,,cv,,openai,gpt-4o,10,0,99999900,,,\n")
    run, _ = place.run()
    assert carried(run) == {"nlp": Fraction(1, 10**4), "cv": 100 - Fraction(1, 10**4)}


def test_spend_of_nothing_with_tokens_is_told_and_priced(place: Place) -> None:
    """The gateway says that a thousand tokens of gpt-4o cost 0; by price they cost the most."""
    place.calls("x,2026-10-05T08:00:00Z,,cv,,openai,gpt-4o,0,0,1000,,,0\n")
    place.model(MODEL.replace("meter: output_tokens", "meter: cost"))
    run, loads = place.run()
    (told,) = findings(loads, "spend-zero")
    assert str(told.place) == "calls.csv:3"
    assert carried(run)["cv"] > 80


def test_a_model_that_nobody_knows_is_listed_with_its_tokens(place: Place) -> None:
    place.calls("x,2026-10-05T08:00:00Z,,cv,,ours,never-heard-of,10,0,1234,,,\n")
    place.model(MODEL.replace("meter: output_tokens", "meter: cost"))
    run, _ = place.run()
    assert carried(run) == {"nlp": 100}, "never priced by guess"
    told = [one.message for one in run.findings if one.code == "usage-unpriced"]
    assert any("1,234 output_tokens of never-heard-of" in message for message in told)


def test_a_price_that_begins_in_mid_month(place: Place) -> None:
    """Before the 16th there is no price: those tokens are listed, and the rest has its price."""
    place.calls(
        "x,2026-10-15T23:59:59Z,,cv,,ours,own-model,0,0,500,,,\n"
        "y,2026-10-16T00:00:00Z,,cv,,ours,own-model,0,0,1000000,,,\n"
        "z,2026-10-16T00:00:00Z,,nlp,,ours,own-model,0,0,3000000,,,\n"
    )
    place.model(
        MODEL.replace("meter: output_tokens", "meter: cost, where: {ModelId: own-model}")
        + "prices: [{provider: ours, model: own-model, meter: output_tokens, price: 4,"
        " from: 2026-10-16}]\n"
    )
    run, _ = place.run()
    assert carried(run) == {"nlp": 75, "cv": 25}
    told = [one.message for one in run.findings if one.code == "usage-unpriced"]
    assert any("500 output_tokens of own-model" in message for message in told)


def test_a_key_of_two_teams_on_one_day_is_refused(place: Place) -> None:
    place.model(
        MODEL
        + """\
identities:
  - {api_key: k, team: nlp, until: 2026-10-06}
  - {api_key: k, team: cv, from: 2026-10-05}
"""
    )
    with pytest.raises(ConfigurationError, match="'k' belongs to team cv and to team nlp on the"):
        place.run()


GPUS = """\
organisation:
  - {name: nlp, kind: team}
  - {name: cv, kind: team}
pools:
  - {name: gpus, service: Compute, split: {by: driver, driver: gpu_hours}}
drivers:
  - {name: gpu_hours, unit: GPU hours, usage: {meter: gpu_hours, sources: [jobs]}}
identities: [{account: nlp, team: nlp}, {account: cv, team: cv}]
"""


def test_jobs_over_the_clock_change_the_month_s_end_and_still_running(place: Place) -> None:
    """In Berlin, 25 October has two o'clock twice; its November begins an hour before UTC's, which
    counts. nlp: 01:30-03:30 is 3 hours. cv: 31 October 22:00, running, last sign 23:00 UTC: 2."""
    place.model(GPUS)
    place.bill("100")
    place.jobs(
        "1|x|nlp|COMPLETED|2026-10-25T01:30:00|2026-10-25T01:30:00|2026-10-25T03:30:00|10800|",
        "2|x|cv|RUNNING|2026-10-31T22:00:00|2026-10-31T22:00:00|Unknown|7200|",
        "3|x|gone|COMPLETED|2026-11-01T00:00:00|2026-11-01T00:00:00|2026-11-01T00:00:00|0|",
        "4|x|cv|COMPLETED|2026-10-30T09:00:00|2026-10-30T09:00:00|2026-10-30T08:00:00|0|",
    )
    run, loads = place.run()
    assert carried(run) == {"nlp": 60, "cv": 40}
    assert findings(loads, "usage-running")
    (faulty,) = findings(loads, "usage-faulty")
    assert str(faulty.place) == "jobs.txt:5"
    assert "ends before it begins" in faulty.message
