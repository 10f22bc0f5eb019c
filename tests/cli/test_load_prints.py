"""What was loaded before a source failed is in the books, and printed."""

from __future__ import annotations

from pathlib import Path

from bills import write_project
from commands import ROWS, apportion

USAGE = """
usage:
  calls: {format: csv, path: usage/a.csv}
  odd: {format: slurm, path: usage/b.txt}
"""


def test_what_was_loaded_before_a_fault_is_printed(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "company", ROWS)
    with (folder / "apportion.yaml").open("a") as settings:
        settings.write(USAGE)
    (folder / "usage").mkdir()
    (folder / "usage" / "a.csv").write_text("id,start,requests\n1,2026-10-01T00:00:00Z,3\n")
    (folder / "usage" / "b.txt").write_text("no sacct\n")
    said = apportion(folder, "load", expect=2)
    assert "calls: 1 file read" in said
    assert "no export of sacct" in said
    assert said.index("5 rows") < said.index("calls:")
    assert "odd:" not in said
