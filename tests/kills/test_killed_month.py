"""Kills at random moments of load, run, close and post; the long run is `make kills`."""

from __future__ import annotations

import random
from pathlib import Path

from killed_month import Month, disturbed, erp, posted, undisturbed


def test_a_month_that_is_killed_on_the_way_ends_as_one_that_was_not(
    tmp_path: Path,
) -> None:
    with erp() as calm, erp() as server:
        expected, taken = undisturbed(tmp_path / "calm", calm)
        month = Month(tmp_path / "killed", server.url)
        found = disturbed(month, random.Random(7), taken, kills=6)
        assert found == expected
        assert posted(server) == posted(calm)
    assert sum(month.kills.values()) >= 3
