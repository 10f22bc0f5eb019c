"""A model as it is on one day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from apportion.model.as_of import as_of
from apportion.model.dated import ALWAYS, on
from apportion.model.diff import diff
from workshop import Workshop

DATED = """\
rules:
  - {name: old, account: "1", team: nlp, until: 2026-11-01}
  - {name: new, account: "1", team: vision, from: 2026-11-01}
  - {name: always, account: "2", team: nlp}
pools:
  - name: gpu
    tag: {service: gpu}
    split: [{by: even, until: 2026-11-01}, {by: head_count, from: 2026-11-01}]
"""
TEAMS = """\
organisation:
  - name: nlp
    kind: team
    head_count: [{value: 3, until: 2026-11-01}, {value: 4, from: 2026-11-01}]
  - {name: vision, kind: team, head_count: 1, from: 2026-10-01}
  - {name: rec, kind: team, until: 2026-11-01}
"""


def test_what_is_in_force_on_a_day_is_in_force_always(tmp_path: Path) -> None:
    model = Workshop(tmp_path).model(DATED, organisation=TEAMS)
    made = as_of(model, date(2026, 11, 1))
    assert [rule.name for rule in made.rules] == ["new", "always"]
    assert {rule.valid for rule in made.rules} == {ALWAYS}
    (split,) = made.pools[0].splits
    assert (split.value.method, split.valid) == ("head_count", ALWAYS)
    assert set(made.organisation.units) == {"nlp", "vision"}
    nlp = made.organisation.units["nlp"]
    assert on(nlp.head_count, date(2020, 1, 1)) == 4


def test_what_is_not_dated_stays_the_same(tmp_path: Path) -> None:
    model = Workshop(tmp_path).model('rules:\n  - {name: a, account: "2", team: nlp}\n')
    assert diff(model, as_of(model, date(2026, 11, 1))) == ()
