"""What a close needs and how months are estimated, as apportion.yaml says it; faults are told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from apportion.errors import ConfigurationError
from apportion.model.close_spec import Materiality
from apportion.model.read_project import read_project

HEAD = "name: S\ncurrency: USD\nsources:\n  cloud: {format: focus, path: bills}\n"


def test_the_settings_are_read(tmp_path: Path) -> None:
    more = """
close:
  level: warning
  bound: 4
  norm_months: 12
  approvals: 2
  review: required
  materiality: {amount: 1000.50, percent: 5}
accrual: {months: 6, methods: {cloud: mean}}
"""
    (tmp_path / "apportion.yaml").write_text(HEAD + more)
    found = read_project(tmp_path)
    close, accrual = found.close, found.accrual
    assert (close.level, close.bound, close.norm_months, close.approvals) == ("warning", 4, 12, 2)
    assert close.review_required
    assert close.materiality == Materiality(Decimal("1000.50"), Decimal(5))
    assert (accrual.months, accrual.methods) == (6, {"cloud": "mean"})


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("close: {bound: 0}", "`bound` is at least 1"),
        ("close: {level: grave}", "level"),
        ("close: {review: perhaps}", "optional or required"),
        ("close: {materiality: {amount: -5}}", "it can't be negative"),
        ("accrual: {months: 0}", "`months` is at least 1"),
        ("accrual: {methods: {clod: mean}}", "no source is called 'clod'"),
        ("accrual: {methods: {cloud: guess}}", "guess"),
    ],
)
def test_faults_are_told_at_their_place(tmp_path: Path, more: str, told: str) -> None:
    (tmp_path / "apportion.yaml").write_text(HEAD + more + "\n")
    with pytest.raises(ConfigurationError) as fault:
        read_project(tmp_path)
    assert told in str(fault.value)
    assert "apportion.yaml:5" in str(fault.value)
